"""The players of exercise verify: run in the kit host, import nothing of the house."""
