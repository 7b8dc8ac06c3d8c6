"""Pages over all apps: thin views over selectors."""
