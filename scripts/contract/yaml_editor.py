"""Editing YAML text in place: the text holds another document, and every other line stays as
written.

Comments, order, quotes and line breaks of unchanged parts are kept to the byte. Of contracts it
only knows how to match the items of two versions of a list. It writes no file.
"""

from __future__ import annotations

import json
from typing import Any

import yaml

from comfy_cloud.contract._documents.reader import ContractError, read_document
from scripts.contract.list_items import continued_items

_WIDTH = 110


def edited(text: str, target: dict[str, Any], name: str) -> str:
    """The text changed to hold `target`; the same text when it holds it already.

    Keys that stay keep their order. Raises ContractError when the text cannot be edited in place;
    `name` is what the error calls the text.
    """
    was = read_document(text, name)
    if _same(was, target):
        return text
    editor = _Editor(text)
    changed = editor.change(_nodes(text), was, target)
    return _checked(editor.result() if changed else _dump(target, 0), target, name)


def without_items(text: str, key: str, drop: set[int], name: str) -> str:
    """The text without the items at these indexes of the block list under the top-level `key`."""
    target = read_document(text, name)
    target[key] = [item for index, item in enumerate(target[key]) if index not in drop] or None
    editor = _Editor(text)
    items = next(value for found, value in _nodes(text).value if found.value == key)
    for index in drop:
        editor.delete(items.value[index], items.value[index], with_blank_line=True)
    return _checked(editor.result(), target, name)


def with_items(text: str, key: str, items: list[dict[str, Any]], name: str) -> str:
    """The text with these items at the end of the block list under the top-level `key`."""
    target = read_document(text, name)
    if not target[key]:
        return edited(text, {**target, key: items}, name)
    target[key] = [*target[key], *items]
    last = next(value for found, value in _nodes(text).value if found.value == key).value[-1]
    editor = _Editor(text)
    for item in items:
        editor.append_after(last, item)
    return _checked(editor.result(), target, name)


def _nodes(text: str) -> yaml.Node:
    root = yaml.compose(text, yaml.CSafeLoader)
    assert root is not None  # the callers have read a document from this text
    return root


def _checked(text: str, target: dict[str, Any], name: str) -> str:
    if not _same(read_document(text, name), target):
        raise ContractError(
            f"{name} has a layout that cannot be edited in place; write it in block style, without anchors"
        )
    return text


class _Editor:
    """Collects replacements of spans of one text. Offsets are of characters."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0]
        for line in text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._edits: list[tuple[int, int, str]] = []

    def result(self) -> str:
        """The text with all replacements made."""
        text = self._text
        # Later spans first, so that earlier offsets stay right. Of several at one offset, deletions
        # go before insertions, and the last insertion goes first.
        ordered = sorted(
            enumerate(self._edits), key=lambda e: (e[1][0], e[1][1] > e[1][0], e[0]), reverse=True
        )
        for _, (start, end, replacement) in ordered:
            text = text[:start] + replacement + text[end:]
        return text

    def change(self, node: yaml.Node, was: Any, target: Any) -> bool:
        """Change the text of `node` to hold `target`; False when it must be rewritten whole."""
        if _same(was, target):
            return True
        if not target or not isinstance(node, yaml.CollectionNode) or node.flow_style:
            return False
        if isinstance(node, yaml.MappingNode) and isinstance(target, dict):
            return self._change_mapping(node, was, target)
        if isinstance(node, yaml.SequenceNode) and isinstance(target, list):
            return self._change_sequence(node, was, target)
        return False

    def _change_mapping(self, node: yaml.MappingNode, was: dict[str, Any], target: dict[str, Any]) -> bool:
        there = {str(key.value): (key, value) for key, value in node.value}
        kept = [name for name in there if name in target]
        first = next(iter(there))
        if not kept or (first not in target and not self._begins_line(node.value[0][0])):
            return False
        for name, (key, value) in there.items():
            if name not in target:
                self.delete(key, value)
            elif not self.change(value, was[name], target[name]):
                written = _dump({name: target[name]}, key.start_mark.column).lstrip(" ")
                self._replace(key, value, written)
        indent = node.value[0][0].start_mark.column
        after = kept[-1]
        for name in target:
            if name in there:
                after = name
            else:
                self._insert(self._line_after(there[after][1]), _dump({name: target[name]}, indent))
        return True

    def _change_sequence(self, node: yaml.SequenceNode, was: list[Any], target: list[Any]) -> bool:
        continued = continued_items(target, was)
        kept = [index for index in continued if index is not None]
        if not kept or kept != sorted(set(kept)) or not self._begins_line(node):
            return False
        dash = node.start_mark.column
        for index, item in enumerate(node.value):
            if index not in kept:
                self.delete(item, item)
            elif not self.change(item, was[index], value := target[continued.index(index)]):
                self._replace(item, item, _dump(_Items([value]), dash).lstrip(" ")[1:].lstrip(" "))
        place = self._starts[node.start_mark.line]
        for value, continues in zip(target, continued, strict=True):
            if continues is not None:
                place = self._line_after(node.value[continues])
            else:
                self._insert(place, _dump(_Items([value]), dash))
        return True

    def delete(self, first: yaml.Node, last: yaml.Node, *, with_blank_line: bool = False) -> None:
        """Delete the lines from one node to another."""
        end = self._line_after(last)
        if with_blank_line and self._text[end : end + 1] == "\n":
            end += 1
        self._edits.append((self._starts[first.start_mark.line], end, ""))

    def append_after(self, last: yaml.Node, item: dict[str, Any]) -> None:
        """Write one more item of a list of mappings behind the last one, with an empty line."""
        dash = self._text.rindex("-", 0, self._offset(last.start_mark))
        written = _dump(_Items([item]), dash - self._starts[last.start_mark.line])
        self._insert(self._line_after(last), f"\n{written}")

    def _replace(self, first: yaml.Node, last: yaml.Node, written: str) -> None:
        end = self._end(last)
        written = written.removesuffix("\n")
        if "\n" in written:  # a comment cannot stay behind a value of several lines
            end = self._line_after(last) - 1
        self._edits.append((self._offset(first.start_mark), end, written))

    def _insert(self, place: int, written: str) -> None:
        missing = place > 0 and self._text[min(place, len(self._text)) - 1] != "\n"
        self._edits.append((place, place, ("\n" if missing else "") + written))

    def _begins_line(self, node: yaml.Node) -> bool:
        start = self._offset(node.start_mark)
        return not self._text[self._starts[node.start_mark.line] : start].strip()

    def _offset(self, mark: yaml.Mark) -> int:
        return self._starts[mark.line] + mark.column

    def _end(self, node: yaml.Node) -> int:
        """The end of the last character of a node; the parser's end mark may be after comments."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self._end(last[1] if isinstance(last, tuple) else last)
        start, end = self._offset(node.start_mark), self._offset(node.end_mark)
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
            return start + len(self._text[start:end].rstrip())
        return end

    def _line_after(self, node: yaml.Node) -> int:
        found = self._text.find("\n", self._end(node))
        return len(self._text) if found < 0 else found + 1


class _Items(list[Any]):
    """A list that is written with one line per item, whatever the items are."""


class _Dumper(yaml.SafeDumper):
    """Block style, indented lists, lists of scalars on one line, long text folded."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else ">" if len(text) > 80 and " " in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _represent_list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.SequenceNode:
    flow = not isinstance(items, _Items) and not any(isinstance(item, (dict, list)) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=flow)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(list, _represent_list)
_Dumper.add_representer(_Items, _represent_list)


def _dump(value: Any, indent: int) -> str:
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH - indent)
    return "".join(" " * indent + line if line.strip() else line for line in text.splitlines(keepends=True))


def _same(one: Any, other: Any) -> bool:
    """Whether both are equal; 1, 1.0 and true differ, and the order of keys does not count."""
    return json.dumps(one, sort_keys=True, default=str) == json.dumps(other, sort_keys=True, default=str)
