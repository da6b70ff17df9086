"""Workflows: loading them, changing their inputs, and checking them before they are submitted.

Pure rules, which open no file and no socket:

- `graph`: what a graph in API format is, and copying one.
- `addresses`: which input of which node an address such as "6.text" means.
- `validation`: why a server would refuse a graph.
- `node_catalogue`: the node classes of a server.
- `near_names`: suggestions for a misspelt name.
- `media_files`: the graph in the content of an image, video or audio file; `image_metadata` and
  `av_metadata` find the texts in such a file, with `bounded_reader`.

I/O: `loading` (reads workflow files), `local_files` (checks local files in a graph), `workflow`
(the class `Workflow`, which uses both), and `catalogue_file` (the copy of a node catalogue on
disk).
"""
