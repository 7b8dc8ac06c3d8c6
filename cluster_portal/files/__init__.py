"""Files that people send: checked, kept out of the web's reach, given out as downloads only."""
