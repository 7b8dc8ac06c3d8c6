"""Pages that look over all apps: the public home, each role's desk, search over everything."""
