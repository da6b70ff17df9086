"""The node classes that the emulated cloud knows: their inputs, choices and outputs.

Its own, or those of a server (`object_info`). Only descriptions: `node_execution` executes nodes.
"""
