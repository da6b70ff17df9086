"""The texts in XML: XMP metadata, and the metadata of SVG images.

Programs write a graph as the text of an element or as an attribute, whose names differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.parsers import expat

from .bounded_reader import Allowance, BrokenFile, MediaData, NamedText
from .embedded_json import mentions_workflow

# Steps grow: expat before 2.6 reads a long attribute or comment again from its start at each step.
_FIRST_STEP = 64 * 1024
# How far into a file its metadata may begin. What follows are shapes, which may be many megabytes.
_MAX_XML = 64 * 1024 * 1024
# The elements of lists, which are named by what contains them.
_LIST_ITEMS = ("li", "Alt", "Bag", "Seq")


def xml_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """Each text of an element or attribute, and each comment, that may hold a workflow, by name.

    Namespaces are left out of the names. What follows the last element is ignored.
    """
    try:
        yield from _texts(data, _Reader(allowance, None))
    except (LookupError, ValueError):  # expat does not know the declared encoding
        yield from _texts(data, _Reader(allowance, "utf-8"))


def _texts(data: MediaData, reader: _Reader) -> Iterator[NamedText]:
    for part in _parts(data):
        try:
            reader.parser.Parse(part, not part)
        except expat.ExpatError:
            break
        finally:
            yield from reader.texts
            reader.texts.clear()


def _parts(data: MediaData) -> Iterator[bytes]:
    """The bytes in steps, and nothing at the end: from 2.6 on, expat keeps some until then."""
    at, size = 0, min(len(data), _MAX_XML)
    while at < size:
        step = max(_FIRST_STEP, at)
        yield data[at : min(size, at + step)]
        at += step
    yield b""


class _Reader:
    def __init__(self, allowance: Allowance, encoding: str | None) -> None:
        self._allowance = allowance
        self._open: list[tuple[str, list[str]]] = []
        self.texts: list[NamedText] = []
        self.parser = expat.ParserCreate(encoding)
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end
        self.parser.CharacterDataHandler, self.parser.CommentHandler = self._text, self._comment
        # Both let a few bytes stand for many: an attribute with a default is in every element.
        self.parser.EntityDeclHandler = self._refuse_entities
        self.parser.AttlistDeclHandler = self._refuse_defaults

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._allowance.count_part()
        local = _local(name)
        if local in _LIST_ITEMS and self._open:
            local = self._open[-1][0]
        self._open.append((local, []))
        for key, value in attributes.items():
            self._add(_local(key), value)

    def _end(self, _: str) -> None:
        name, parts = self._open.pop()
        self._add(name, "".join(parts))

    def _text(self, text: str) -> None:
        parts = self._open[-1][1] if self._open else None
        if parts is not None and (parts or not text.isspace()):
            self._allowance.count_text(len(text))
            parts.append(text)

    def _comment(self, text: str) -> None:
        self._add("", text)

    def _add(self, name: str, text: str) -> None:
        if "{" in text and mentions_workflow(text):
            self._allowance.count_part()
            self.texts.append((name, text))

    def _refuse_entities(self, *_: object) -> None:
        raise BrokenFile("it defines entities")

    def _refuse_defaults(self, *declaration: object) -> None:
        if declaration[3] is not None:
            raise BrokenFile("it defines defaults of attributes")


def _local(name: str) -> str:
    return name.rpartition(":")[2]
