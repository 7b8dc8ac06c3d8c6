"""Background jobs: long work that a person asked for, its progress, and the file that comes of it."""
