"""Short papers to print (form, slip, consent) as PDF: typst draws the data that an app hands over."""
