"""What is printed of land and tenders."""
