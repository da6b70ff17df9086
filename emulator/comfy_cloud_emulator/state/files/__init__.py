"""The files in the store: their content, their names in folders, mask layers, and personal files."""
