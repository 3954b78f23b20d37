"""The catalogue, and what is planted where."""
