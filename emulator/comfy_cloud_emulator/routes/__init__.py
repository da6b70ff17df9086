"""The operations, one module per noun: each turns a request into a question to the store and its answer into JSON.

Each module offers `routes(...)`, a list for the router. No module here keeps state.
"""
