"""The texts of a graph, and whether they say what to make or what to avoid.

Titles and classes of text nodes are not asked: a text is positive when its links lead to a
`positive` input of what samples, or to the conditioning of a guider that has no negative. So any
class works that calls its inputs so. What no sampler is linked to is of unknown role.

Each node is visited a few times at most, whatever cycles a graph has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, TypeAlias

from .graph import GraphNode, Link, unwrapped

Role: TypeAlias = 'Literal["positive", "negative", "text"]'

_POSITIVE, _NEGATIVE = "positive", "negative"
_CONDITIONING = re.compile(r"(?i)cond(itioning)?([_ ]?(\d+|to|from|[a-z]))?")
_TEXT = re.compile(
    r"(?i).*(text|prompt|string|caption|wildcard|value|lyrics|tags).*|clip_[lgh]|t5xxl|llama|str\d*"
)
# Inputs of text nodes that say how to join texts, and which one to take.
_NO_TEXT = re.compile(
    r"(?i).*(delimiter|separator|mode|font|encod|weight|normali|parser|path|file|name|format|type|seed|"
    r"language).*"
)
# Links that carry no text and no conditioning.
_OTHER = re.compile(
    r"(?i)(model|clip|vae|image|images|pixels|latent|latent_image|samples|mask|noise|sampler|sigmas|"
    r"audio|video|control_net|controlnet|style_model|clip_vision|clip_vision_output|gligen.*|lora.*|"
    r"reference.*|start_image|end_image|upscale_model|guider|hooks|hypernetwork)\d*"
)
# Removes what a conditioning says.
_EMPTIED = re.compile(r"(?i).*zero_?out.*")
_MANY_WORDS = re.compile(r"\S\s+\S")


class Prompt(NamedTuple):
    """A text that stands in an input of a node."""

    node_id: str
    name: str
    role: Role
    text: str


class _Step(NamedTuple):
    node_id: str
    slot: int
    role: Role
    is_text: bool  # whether the link carries a text, else a conditioning


def prompts_in(nodes: Mapping[str, GraphNode]) -> list[Prompt]:
    """The texts of a graph, in the order of its nodes."""
    walk = _Walk(nodes)
    passed_on = _passed_on(nodes)
    ends = [node for node in nodes.values() if _roles_of(node)]
    for node in ends:
        if node.id not in passed_on:
            walk.start(node)
    for node in ends:  # in a cycle, each is passed on by another
        if node.id not in walk.visited:
            walk.start(node)
    for node in _guiders(nodes):
        walk.start_guider(node)
    found = walk.found
    for node in nodes.values():
        if node.id not in walk.visited:
            found.update(dict.fromkeys(_unlinked(node)))
    order = {node_id: place for place, node_id in enumerate(nodes)}
    return sorted(found, key=lambda prompt: (order[prompt.node_id], prompt.name, prompt.role))


class _Walk:
    """Follows links from where they end to the texts that they began at."""

    def __init__(self, nodes: Mapping[str, GraphNode]) -> None:
        self._nodes = nodes
        self._seen: set[tuple[str, Role, Role, bool]] = set()
        self.visited: set[str] = set()
        self.found: dict[Prompt, None] = {}

    def start(self, node: GraphNode) -> None:
        """Follow the inputs of a node that are called positive and negative.

        Without a positive one, the `prompt` beside the negative one is that.
        """
        self.visited.add(node.id)
        roles = dict(_roles_of(node))
        if "positive" not in roles.values():
            roles |= {
                name: "positive" for name in node.inputs if "prompt" in name.lower() and name not in roles
            }
        for name, role in roles.items():
            self._take(node, name, role, is_text=not node.links)

    def start_guider(self, node: GraphNode) -> None:
        """Follow the conditioning of a guider; what is not called negative is positive."""
        self.visited.add(node.id)
        for name in node.links:
            if _role_of(name) is None and _CONDITIONING.fullmatch(name):
                self._take(node, name, "positive", is_text=False)

    def _take(self, node: GraphNode, name: str, role: Role, *, is_text: bool) -> None:
        text = _text_of(node, name)
        if text is not None:
            self.found[Prompt(node.id, name, role, text)] = None
        elif name in node.links:
            self._follow(node.links[name], role, is_text)

    def _follow(self, link: Link, role: Role, is_text: bool) -> None:
        steps = [_Step(*link, role, is_text)]
        while steps:
            step = steps.pop()
            node = self._nodes[step.node_id]
            role, side = step.role, _side_of_slot(node, step.slot, step.role)
            state = (node.id, role, side, step.is_text)
            if state in self._seen or _EMPTIED.fullmatch(node.kind):
                self.visited.add(node.id)
                continue
            self._seen.add(state)
            self.visited.add(node.id)
            for name, is_text in _texts_and_links(node, side, is_text=step.is_text):
                text = _text_of(node, name)
                if text is not None:
                    self.found[Prompt(node.id, name, role, text)] = None
                elif name in node.links:
                    steps.append(_Step(*node.links[name], role, is_text))


def _texts_and_links(node: GraphNode, side: Role, *, is_text: bool) -> Iterator[tuple[str, bool]]:
    """The inputs to follow from a node, and whether they carry a text."""
    own = list(_roles_of(node))
    if own:
        for name, named in own:
            if named == side:
                yield name, is_text or not _CONDITIONING.fullmatch(name)
        return
    conditionings = [] if is_text else [name for name in node.inputs if _CONDITIONING.fullmatch(name)]
    texts = [name for name in node.inputs if _TEXT.fullmatch(name) and not _NO_TEXT.fullmatch(name)]
    if conditionings or texts:
        yield from ((name, False) for name in conditionings)
        yield from ((name, True) for name in texts)
        return
    for name in node.inputs:
        if name in node.links:
            if not _OTHER.fullmatch(name):
                yield name, is_text
        elif is_text and not _NO_TEXT.fullmatch(name):
            yield name, True


def _role_of(name: str) -> Role | None:
    lower = name.lower()
    if _NEGATIVE in lower:
        return "negative"
    return "positive" if _POSITIVE in lower else None


def _roles_of(node: GraphNode) -> Iterable[tuple[str, Role]]:
    """The inputs of a node whose names say their role, if they are links or texts."""
    return [
        (name, role)
        for name, value in node.inputs.items()
        if (role := _role_of(name)) is not None and (name in node.links or isinstance(unwrapped(value), str))
    ]


def _side_of_slot(node: GraphNode, slot: int, role: Role) -> Role:
    """Which of both that a node passes on comes out of an output: the first is the positive one.

    A sampler that passes them on has other outputs before. There the role decides.
    """
    passes_both = _POSITIVE in node.links and _NEGATIVE in node.links and "model" not in node.links
    if not passes_both or slot not in (0, 1):
        return role
    return "negative" if slot else "positive"


def _passed_on(nodes: Mapping[str, GraphNode]) -> set[str]:
    """The nodes that a conditioning of another node leads to."""
    found: set[str] = set()
    waiting = [
        node.links[name].node_id
        for node in nodes.values()
        for name, _ in _roles_of(node)
        if name in node.links
    ]
    while waiting:
        node_id = waiting.pop()
        if node_id in found:
            continue
        found.add(node_id)
        links = nodes[node_id].links
        waiting += [
            link.node_id
            for name, link in links.items()
            if _role_of(name) is not None or not _OTHER.fullmatch(name)
        ]
    return found


def _guiders(nodes: Mapping[str, GraphNode]) -> list[GraphNode]:
    ids = dict.fromkeys(
        link.node_id for node in nodes.values() for name, link in node.links.items() if name == "guider"
    )
    return [nodes[node_id] for node_id in ids]


def _text_of(node: GraphNode, name: str) -> str | None:
    value = unwrapped(node.inputs.get(name))
    return value if isinstance(value, str) and value.strip() else None


def _unlinked(node: GraphNode) -> Iterator[Prompt]:
    """The texts of a node that no sampler is linked to.

    An encoder has a `clip`. A node of a partner has a `prompt` that says what to make.
    """
    for name in node.inputs:
        if not _TEXT.fullmatch(name) or _NO_TEXT.fullmatch(name) or (text := _text_of(node, name)) is None:
            continue
        if "clip" in node.links:
            yield Prompt(node.id, name, "text", text)
        elif "prompt" in name.lower():
            yield Prompt(node.id, name, "positive", text)
        elif _MANY_WORDS.search(text):
            yield Prompt(node.id, name, "text", text)
