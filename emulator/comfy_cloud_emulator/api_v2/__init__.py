"""API v2 over the same jobs and files as version 1: `/api/v2/jobs` and `/api/v2/assets`.

`operations` lists them all, `documents` makes their JSON.
"""
