"""Rows of the apps as resources: a function for each, `mapper(row, reader)`; nothing here asks the database."""
