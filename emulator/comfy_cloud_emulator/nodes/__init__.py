"""The node classes that the emulated cloud knows: their inputs, choices and outputs.

Only descriptions. What a node computes is in `engine`.
"""
