"""The HTML of the page: one document with everything it needs, and a policy that allows no more.

The policy names each script and style by its hash, so text of a server can never run, whatever the
page did with it. Data stands in a block that is not a script, with every character escaped that
could end it. Reads files of this package.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any

_SCRIPTS = ("text", "search", "jobs", "list", "charts", "details", "comparison", "page")
_PLACE = re.compile(r"\{\{(\w+)\}\}")
# What ends a block of a document, and what would not survive or show in its source.
_UNSAFE = re.compile(
    "[<>&\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def json_block(value: Mapping[str, Any]) -> str:
    """The value as JSON that can stand in any element, in ASCII where it matters."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def document(data: Mapping[str, Any], *, live: bool = False) -> str:
    """The whole page around its data; a `live` one loads data and images from its own server."""
    styles, scripts = _styles(), _scripts()
    parts = {
        "policy": policy(live=live),
        "styles": f"<style>{styles}</style>",
        "scripts": "\n".join(f"<script>{script}</script>" for script in scripts),
        "data": json_block(data),
    }
    return _PLACE.sub(lambda found: parts[found[1]], _file("page.html"))


def policy(*, live: bool) -> str:
    """The content security policy: these scripts and styles, and nothing from elsewhere."""
    own = " 'self'" if live else ""
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(_source(script) for script in _scripts()),
        "style-src": _source(_styles()),
        "img-src": f"data:{own}",
        "connect-src": own.strip() or "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


@cache
def _scripts() -> tuple[str, ...]:
    own = "\n".join(_file(f"{name}.js") for name in _SCRIPTS)
    return _file("uplot/uPlot.iife.min.js"), f'"use strict";\n(() => {{\n{own}}})();\n'


@cache
def _styles() -> str:
    return f"{_file('uplot/uPlot.min.css')}\n{_file('page.css')}"


def _file(name: str) -> str:
    return resources.files(__name__.rpartition(".")[0]).joinpath("static", name).read_text(encoding="utf-8")
