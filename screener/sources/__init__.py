"""Where prices, estimates and splits come from: a module a source."""
