"""Jobs as values: states, history entries, outputs, queue, events, and the rules of polling.

Every module here is pure: no files, no sockets, no clock. What asks the server is in
`_async/_jobs/`.
"""
