"""A cyber range orchestrator for hunt-forward training."""
