"""The trainee's client: runs in the kit host, imports nothing of the house."""
