"""The commands: one file a command, and what they share."""
