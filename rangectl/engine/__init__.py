"""Docker Engine and its node agent."""
