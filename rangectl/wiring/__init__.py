"""Builds the edges and hands them to the use cases."""
