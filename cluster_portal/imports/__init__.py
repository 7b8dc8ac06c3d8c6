"""Imports of tables: a file is read, checked row by row, shown with every mistake, and taken in whole or not at all."""
