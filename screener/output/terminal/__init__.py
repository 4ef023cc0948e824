"""What the commands print: a module for what belongs together."""
