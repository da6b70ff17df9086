"""What a server's node classes declare, as `GET /api/object_info` describes them.

The client's validation and its conversion of workflows read declarations with this package, and so
does the emulator. It is pure, and needs no other package.

- `declarations`: the inputs and outputs of a class, and their order.
- `dynamic`: the parts of inputs that stand for others: options, groups that grow, match types.
- `unfolding`: the inputs that a node with certain values has.
- `value_types`: which types fit each other, and which values name models.
"""
