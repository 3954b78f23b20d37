"""Text of a file → its model, or every problem of it at once: a module for each kind of file."""
