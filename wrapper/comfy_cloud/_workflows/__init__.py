"""Workflows: loading them, changing their inputs, and checking them before they are submitted.

Pure rules, which open no file and no socket:

- `graph`: what a graph in API format is, and copying one.
- `addresses`: which input of which node an address such as "6.text" means;
  `editor_addresses`: the nodes that a person sees in the editor.
- `validation`: why a server would refuse a graph. What node classes declare is read by
  `comfy_cloud_catalogue`.
- `seeds`: which inputs are seeds, and how large they may be.
- `node_catalogue`: the node classes of a server.
- `near_names`: suggestions for a misspelt name.
- `conversion`: the editor's workflow as a graph; `layout`: a graph as the editor's workflow.
- `stubs`: typed Python for node classes. The graphs built with it are `comfy_cloud.graph_builder`.
- `json_forms`: the graph inside other JSON, such as a request or a history; `json_text`: JSON as
  people have it; `embedded_json`: JSON among other words.
- `media_files`: the graph in the content of a file that ComfyUI made. The texts in it are found by
  `image_metadata`, `heif_metadata` and `av_metadata` (with `metadata_blocks`, `exif` and
  `xml_texts`) and `document_metadata`, and where these find none, by `raw_search`; all with
  `bounded_reader`.

I/O: `loading` (reads workflow files), `local_files` (checks local files in a graph), `workflow`
(the class `Workflow`, which uses both), and `catalogue_file` (the copy of a node catalogue on
disk).
"""
