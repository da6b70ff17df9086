"""The state of an emulated cloud: jobs, files, assets and personal files, in SQLite.

Nothing in here knows HTTP or reads a clock.
"""
