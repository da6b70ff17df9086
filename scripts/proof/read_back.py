"""Whether a response was read as what it is, and written back equal."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from scripts.proof.exchanges import ResponseSample
from scripts.proof.sample_values import SampleValues

Read = dict[str, Any]


def read_problems(sample: ResponseSample, read: Read, samples: SampleValues) -> Iterator[str]:
    """What is wrong with the value that was read from a response."""
    value = read["value"]
    if isinstance(value, dict) and set(value) == {"$bytes"}:
        value = base64.b64decode(value["$bytes"])
    is_there = sample.operation.method == "HEAD" and "location" not in sample.headers
    expected = True if is_there else sample.value
    if comparable(value) != comparable(expected) or nulls(value) != nulls(expected):
        yield f"{expected!r} is written back as {value!r}"
    for place, (name, unknown) in read["models"].items():
        if [field for field in unknown if field != "a key" and field not in samples.tags]:
            yield f"at {place or '/'}, {name} does not have the fields {', '.join(unknown)}"
    for place, union, reference in samples.named_alternatives(sample.value):
        found = read["models"].get(place)
        if found is None:
            yield f"at {place or '/'}, an object is not read as {reference.rpartition('/')[2]}"
        elif (other := samples.classes.setdefault((union, found[0]), reference)) != reference:
            names = " and ".join(each.rpartition("/")[2] for each in (other, reference))
            yield f"at {place or '/'}, {names} are both read as {found[0]}"


def nulls(value: Any, place: str = "") -> set[str]:
    """The places of nulls in a JSON value."""
    if value is None:
        return {place}
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {found for name, item in items for found in nulls(item, f"{place}/{name}")}


def comparable(value: Any) -> Any:
    """The value without nulls, with instants as such: what a model keeps of it by promise."""
    if isinstance(value, dict):
        return {name: comparable(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if isinstance(value, str) and value[4:5] == "-" and "T" in value:
        try:
            return datetime.fromisoformat(value).timestamp()
        except ValueError:
            return value
    return value
