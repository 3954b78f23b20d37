"""Verdicts and scores, folded from events."""
