"""The control routes: what tests in any language ask of the emulator over HTTP.

`operations` lists them, `openapi` describes them. Their rules are those of the Python API:
`controlled` says what they use of it. They work while faults hit the API, and are not logged.
"""
