"""Typed Python for the node classes of a server: the text of a module, see `node_stubs`.

Everything in it that a server says is data: texts become literals (`literals`), names follow a
strict rule (`identifiers`), and nothing else is taken over.

- `module`: the whole module, with its header; `aliases`: the names of types and choices in it.
- `node_class`: one class, its outputs and its documentation; `parameters`: its inputs.
- `annotations`: the types of inputs and outputs; `limits`: how long a list of choices may be.

Pure. What the module imports when it runs is `comfy_cloud.graph_builder`.
"""
