"""`node_stubs`: the text of a module with typed Python for node classes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from ..._late_names import names_imported_late
from ...errors import ConfigurationError
from ..near_names import nearest
from .annotations import Aliases, slot_types
from .identifiers import BUILTINS, identifiers
from .limits import MAX_CHOICES
from .literals import comment_text
from .node_class import class_lines

if TYPE_CHECKING:
    from comfy_cloud_catalogue.declarations import NodeFacts

_DOCUMENTATION: Final = (
    '''"""The node classes of a server, to build graphs with; see `comfy_cloud.graph_builder`."""'''
)


@names_imported_late(NodeFacts="comfy_cloud_catalogue.declarations")
def node_stubs(
    object_info: Mapping[str, NodeFacts],
    *,
    classes: Iterable[str] | None = None,
    max_choices: int = MAX_CHOICES,
    source: str | None = None,
) -> str:
    """The text of a Python module with a class for each node class, to build graphs with.

    Save it as a file such as nodes.py, and import that. `nodes.KSampler(model=..., seed=7)` is a
    node; its outputs are attributes, such as `.latent`, and in `outputs`. Type checkers refuse a
    link of the wrong type, a missing input and a wrong choice. See `comfy_cloud.graph_builder`.

    The same node classes give the same text. Nothing in it is code that a server has sent.

    Args:
        object_info: The response to GET /api/object_info, such as `cloud.nodes.all()`, or what was
            saved of it.
        classes: The names of the classes to write; by default all of them.
        max_choices: The longest list of choices that becomes a Literal. For a longer one the
            annotation is `str`.
        source: Where the node classes are from, for the first lines; the host of a server, say.

    Raises:
        ConfigurationError: There is no class of such a name, no class at all, or `max_choices` is
            negative.
    """
    if max_choices < 0:
        raise ConfigurationError(f"max_choices must be 0 or more, not {max_choices}")
    read = ((name, _facts(object_info, name)) for name in sorted(object_info))
    known = {name: facts for name, facts in read if facts is not None}
    names = sorted(set(_selected(known, classes)))
    if not names:
        raise ConfigurationError(
            "There are no node classes to write: pass the response to GET /api/object_info"
        )
    python_names = identifiers(names, "Node", BUILTINS)
    taken = set(python_names.values()) | BUILTINS
    aliases = Aliases(taken, slot_types(known), max_choices)
    nested: set[str] = set()
    texts = [class_lines(name, python_names[name], known[name], aliases, nested) for name in names]
    named = aliases.lines()
    rest = "\n".join(
        [*(["", *named] if named else ()), *(line for text in texts for line in ("", "", *text))]
    )
    lines = [_DOCUMENTATION, "", "from __future__ import annotations", ""]
    lines += ["import typing as _t", ""] if "_t." in rest else []
    body = "\n".join([*lines, "from comfy_cloud import graph_builder as _g", rest]) + "\n"
    return _header(len(names), len(known), source, body) + body


def _facts(object_info: Mapping[str, NodeFacts], name: str) -> NodeFacts | None:
    found: Any = object_info.get(name)
    return found if hasattr(found, "get") else None


def _selected(known: Mapping[str, NodeFacts], classes: Iterable[str] | None) -> Iterable[str]:
    if classes is None:
        return known
    selected = [classes] if isinstance(classes, str) else list(classes)
    for name in selected:
        if name not in known:
            similar = nearest(name, known)
            advice = f"; did you mean {', '.join(similar)}?" if similar else ""
            raise ConfigurationError(f"There is no node class {name!r} among these{advice}")
    return selected


def _header(count: int, total: int, source: str | None, body: str) -> str:
    of_all = f"{count} of {total}" if count != total else str(count)
    origin = f" of {comment_text(source)}" if source else ""
    digest = hashlib.sha256(body.encode()).hexdigest()
    return (
        f"# Made by `comfy-cloud nodes stubs`. Node classes: {of_all}{origin}.\n"
        "# Do not edit it: make it anew when the classes have changed.\n"
        f"# SHA-256 of all that follows the next line: {digest}\n"
        "# fmt: off\n"
    )
