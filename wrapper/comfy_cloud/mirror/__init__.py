"""A database of the whole execution history: kept up by `sync`, searched, asked, exported, shown.

- `schema`: the tables, and what each column means.
"""
