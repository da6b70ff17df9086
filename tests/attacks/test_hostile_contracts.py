"""Hostile texts in a contract become data or are refused, a few at once.

`python -m tests.attacks.hostile_contracts` tries each text in each place of our own contract.
"""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from comfy_cloud.contract._documents.reader import ContractError
from scripts.generator import tree
from scripts.generator.grammar import check_grammar
from scripts.generator.proof import prove
from tests.attacks.hostile_contracts import Attack, foreign_code
from tests.attacks.hostile_texts import fits_in_a_file, payloads
from tests.attacks.planted_contracts import Document, places, planted
from tests.scripts.generator.test_grammar import SMALL

TEXTS = {kind: text for kind, text in payloads("M").items() if fits_in_a_file(text)}


def document() -> Document:
    """A small contract with a text of each sort."""
    found = copy.deepcopy(SMALL)
    found["info"]["description"] = "x"
    operation = found["paths"]["/things/{id}"]["get"]
    operation |= {"summary": "x", "description": "x"}
    found["components"]["schemas"]["Thing"]["description"] = "x"
    found["components"]["schemas"]["Thing"]["properties"]["size"]["description"] = "x"
    return found


def test_all_texts_in_all_descriptions_at_once(tmp_path: Path) -> None:
    texts = "\n\n".join(TEXTS.values())
    attack = Attack(document(), tmp_path)
    prose = [place for place in places(document()) if place.is_prose and not place.is_key]
    attack.plant_together(prose, "all", texts)
    assert attack.report.failures == []
    assert (attack.report.tries, attack.report.refused) == (7, 0)


def test_printable_texts_behind_every_keyword_and_value(tmp_path: Path) -> None:
    attack = Attack(document(), tmp_path)
    chosen = [place for place in places(document()) if place.kind in ("value of enum", "keyword")]
    kinds = (
        "escaped quote",
        "nested replacement field",
        "named character",
        "template output",
        "end of a call",
    )
    attack.plant_together(chosen, "printable", "".join(TEXTS[kind] for kind in kinds))
    assert attack.report.failures == []
    assert attack.report.refused == 0


@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_behind_any_name_is_refused(kind: str) -> None:
    kinds = ("value of operationId", "value of tags", "key in responses", "key in schemas")
    names = [place for place in places(document()) if place.kind in kinds]
    assert len(names) == len(kinds)
    for place in names:
        with pytest.raises(ContractError):
            check_grammar(planted(document(), [place], TEXTS[kind]))


def test_a_file_cannot_contain_a_lone_surrogate() -> None:
    assert not fits_in_a_file(payloads("M")["lone surrogate"])


def test_code_that_an_unescaped_server_would_make_is_found(tmp_path: Path) -> None:
    """The checks of the attack and of the generator both find it in a package that is not ours."""
    from scripts.generator.stock_generator import TEMPLATES

    (tmp_path / "client.py").write_text('base_url = "a"+__import__("os").mkdir("M")+""\n', encoding="utf-8")
    assert any("__import__" in word for word in foreign_code(tmp_path))
    with pytest.raises(ContractError, match="no template writes"):
        prove(tmp_path, TEMPLATES)


def test_a_module_that_python_would_not_find_is_refused(tmp_path: Path) -> None:
    """Python folds wide letters in an import, and a file system does not."""
    odd = document()
    odd["components"]["schemas"]["\uff45x"] = {"type": "string", "enum": ["a"]}
    with pytest.raises(ContractError, match="is not a name of letters"):
        tree.make_package(odd, tmp_path / "made")
