"""`comfy-cloud mcp`: the tools that agents call over the Model Context Protocol.

`server` describes the tools and serves them, `tools` does what they say, `stdio` reads stdin.
`budget` counts what jobs may cost, `folders` says which files may be touched, `workflows` reads
workflows and their inputs, `images` makes images small, `texts` bounds what is returned, and
`failures` puts errors into words.
"""
