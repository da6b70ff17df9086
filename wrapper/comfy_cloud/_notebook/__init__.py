"""What objects show in a notebook. Imported when a notebook asks, and never before.

- `kernel`: whether this is a notebook, and its live displays. Talks to IPython if it is there.
- `bar`, `run_bar`: a bar for a transfer, and one for a job that runs.
- `html`: facts and tables as HTML, with every text escaped. Pure.
- `representations`: entries, jobs and outputs. Pure.
"""
