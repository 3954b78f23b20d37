"""Images by role."""
