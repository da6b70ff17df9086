"""Exports of the mirror to files that other programs read. `Mirror.export` comes here.

- `export`: what is exported, and to where.
- `formats`: CSV, JSON Lines, Parquet, Excel and DuckDB, each written while it is read.
- `months`: a folder with one file for each month.
- `partial_stream`: a file that appears when it is complete, here or on any fsspec file system.
- `delta`: a table of Delta Lake.
"""
