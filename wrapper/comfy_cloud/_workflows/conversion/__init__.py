"""From the editor's workflow to the graph in API format, as the editor itself converts it.

The editor builds its nodes from the server's node classes, restores the saved values and links in
them, and reads the graph off the result. The rules only make sense in that order, so this room does
the same. The facts are those of the frontend 1.49.6 (`comfyui-frontend-package`).

- `convert`: `convert_workflow`, the whole way.
- `document`: the saved workflow in its versions, as plain records.
- `model`: nodes, slots, widgets, links and graphs; `links`: connecting and disconnecting them.
- `node_classes`: classes with the inputs that the editor adds; `widgets`: the widgets for them;
  `dynamic_inputs`: inputs that depend on values, links and types; `option_lists`: CustomCombo.
- `restoration`: a saved node in a new one; `graphs`: all graphs of a document, in order;
  `repeated_ids`: nodes of one graph that have the same id.
- `hosts`: nodes that stand for a subgraph, and their widgets; `promotions`: the older way in which
  a host named its widgets; `group_nodes`: the predecessors of subgraphs.
- `primitives` and `reroutes`: nodes of the editor that are not sent.
- `expansion`: every node that runs, with subgraphs unfolded; `resolution`: where a link comes
  from; `emission`: the graph. `texts`: what is filled into texts when a job is queued.
- `shown_inputs`: what a person sets on hosts and primitive nodes; `control_values`: which seeds
  the editor would change after a run.
- `explanation`: what a conversion reports. `editor_state`: what all of them share.
- `editor_values`: numbers, texts and types as JavaScript treats them.

Pure: nothing here does I/O.
"""
