"""What the node classes make: values, pictures and other files, the same for the same workflow.

Computes with Pillow what needs no model; for the rest it draws a placeholder. Knows nothing of jobs' states or of HTTP.
"""
