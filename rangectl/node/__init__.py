"""The node agent: runs in its own container, imports nothing of the house."""
