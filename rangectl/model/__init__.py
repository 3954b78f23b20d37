"""Schemas of files and events, and reading them."""
