"""What the documents say, one file a section, named like it."""
