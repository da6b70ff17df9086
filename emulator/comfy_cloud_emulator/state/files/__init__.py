"""The files in the store: content, names in folders, mask layers, personal files."""
