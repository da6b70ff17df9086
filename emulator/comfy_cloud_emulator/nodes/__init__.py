"""The node classes that the emulated cloud knows: their inputs, choices and outputs.

Only descriptions. `node_execution` executes nodes.
"""
