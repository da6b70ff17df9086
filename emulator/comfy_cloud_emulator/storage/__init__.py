"""The second origin: the storage that signed URLs lead to."""
