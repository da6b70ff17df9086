"""Texts that try to become code, paths or commands, by kind. `{run}` creates a marker file."""

from __future__ import annotations

import json

_TEXTS: dict[str, str] = {
    "double quote": 'a"+{run}+"',
    "single quote": "a'+{run}+'",
    "three double quotes": '"""\n{run}\n"""',
    "three single quotes": "'''\n{run}\n'''",
    "line feed": "a\n{run}\n",
    "carriage return": "a\r{run}\r",
    "line separator": "a\u2028{run}\u2029",
    "next line": "a\x85{run}\x85",
    "form feed": "a\x0c{run}\x0c",
    "replacement field": "{{{run}}}",
    "nested replacement field": "{{x!r:{{{run}}}}}",
    "doubled braces": "}}}}{run}{{{{",
    "backslash at the end": '"+{run}+"\\',
    "escaped quote": '\\"+{run}+\\"',
    "named character": "\\N{{QUOTATION MARK}}+{run}+\\x22",
    "end of a call": "),{run},(",
    "end of a parameter": "x={run},y",
    "comment": '" # {run}\n{run} #',
    "foreign comment": "*/ {run} /*",
    "template output": "{{{{ cycler.__init__.__globals__.os.mkdir('{marker}') }}}}",
    "template statement": "{{% set x = cycler.__init__.__globals__.os.mkdir('{marker}') %}}",
    "path out of the folder": "../../../{marker}",
    "very long name": "A" * 5_000,
    "nul": "a\0{run}",
    "terminal escape": "\x1b]0;{run}\x07\x1b[2J",
    "direction override": "\u202e{run}\u2066",
    "wide letters": "\uff45val",
    "lone surrogate": "a\ud800{run}",
}


def payloads(marker: str) -> dict[str, str]:
    """The texts by kind, each of which would make the folder `marker` if it were run."""
    run = f"__import__('os').mkdir('{marker}')"
    return {
        kind: text if kind == "very long name" else text.format(run=run, marker=marker)
        for kind, text in _TEXTS.items()
    }


def fits_in_a_file(text: str) -> bool:
    """Whether a document can contain the text at all, as the reader sees it."""
    from comfy_cloud.contract._documents.reader import ContractError, read_document

    try:
        return read_document(json.dumps({"x": text}), "a contract") == {"x": text}
    except ContractError:
        return False
