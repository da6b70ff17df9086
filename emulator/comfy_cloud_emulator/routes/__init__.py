"""The operations of the API, one module per topic: from a request to the store, and back to JSON.

Each module has a function `routes(...)` that returns a list for the router; `operations` collects
them. No module here keeps state.
"""
