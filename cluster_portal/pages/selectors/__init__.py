"""Reads that look over several apps."""
