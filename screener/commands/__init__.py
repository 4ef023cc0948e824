"""The commands, a module for those that belong together; `cli` puts them under one name."""
