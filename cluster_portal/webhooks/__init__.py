"""What changed, told to the programs of others: signed, until they have taken it."""
