"""From a graph in API format to the editor's workflow: the way back of `conversion`.

- `layout`: `layout_workflow`, the whole way.
- `numbering`: the ids in the editor; `instances`: which subgraphs the ids tell of; `parts`: the
  graph as a workflow and its subgraphs.
- `editor_nodes`: the editor's nodes for those of a graph; `prompt_texts`: prompts in which the
  editor finds no choices and comments.
- `document`: the nodes as the editor saves them; `node_sizes`: about how large it draws them.
- `placement`: where boxes with edges between them are drawn, layer by layer; `layers`: which box
  is in which layer.
- `round_trip`: what converting the workflow back would change.

Pure: nothing here does I/O.
"""
