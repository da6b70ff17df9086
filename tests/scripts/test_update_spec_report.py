"""Nothing of a newer contract runs before its report is read, and the report is safe to print."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from comfy_cloud.contract._documents.reader import ContractError
from scripts import update_spec
from scripts.generator import tree
from scripts.project.checkout import Checkout

from .copies import checksums, contract_of
from .newcomers import Document, a_newer_version, written_with
from .test_update_spec import run


class TestNothingRunsBeforeTheReportIsRead:
    @pytest.fixture
    def steps(self, small: Checkout, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """What is done with the new code, and what is printed, in order."""
        found: list[str] = []

        def made(*_: object, **__: object) -> Path:
            found.append("made")
            return small.generated

        def imported(*_: object) -> str:
            found.append("imported")
            return ""

        monkeypatch.setattr(update_spec, "say", found.append)
        monkeypatch.setattr(tree, "make", made)
        monkeypatch.setattr(update_spec, "prove_made", imported)
        monkeypatch.setattr(tree, "replace_tree", lambda *_: found.append("replaced"))
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        return found

    def answer(self, monkeypatch: pytest.MonkeyPatch, steps: list[str], text: str) -> None:
        def asked(_: str) -> str:
            steps.append("asked")
            return text

        monkeypatch.setattr("builtins.input", asked)

    def test_the_order(
        self, small: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: list[str]
    ) -> None:
        self.answer(monkeypatch, steps, "y")
        source = written_with(small, tmp_path / "source.yaml", a_newer_version)
        assert update_spec.main([str(source), "--no-tests"], small) == 0
        assert [step for step in steps if step and " " not in step] == [
            "made",
            "asked",
            "imported",
            "replaced",
        ]
        assert "version was 1.0.0" in "".join(steps[: steps.index("asked")])
        assert contract_of(small)["info"]["version"] == "1.1.0"

    @pytest.mark.parametrize("text", ["", "n", "no", "Y E S"])
    def test_without_a_yes_nothing_is_run_or_changed(
        self, small: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: list[str], text: str
    ) -> None:
        before = checksums(small.root)
        self.answer(monkeypatch, steps, text)
        source = written_with(small, tmp_path / "source.yaml", a_newer_version)
        assert update_spec.main([str(source)], small) == 1
        assert steps[-2:] == ["asked", "Nothing is changed."]
        assert "imported" not in steps
        assert checksums(small.root) == before

    def test_without_a_terminal_yes_has_to_be_given(
        self,
        small: Checkout,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        steps: list[str],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
        source = written_with(small, tmp_path / "source.yaml", a_newer_version)
        assert update_spec.main([str(source)], small) == 1
        assert f"once more as\n  make update-spec FROM={source} YES=1\n" in capsys.readouterr().err
        assert "imported" not in steps
        assert "replaced" not in steps

    def test_code_that_cannot_be_imported_replaces_nothing(
        self, small: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: list[str]
    ) -> None:
        def failing(*_: object) -> str:
            raise ContractError("The new code cannot be imported")

        monkeypatch.setattr(update_spec, "prove_made", failing)
        source = written_with(small, tmp_path / "source.yaml", a_newer_version)
        assert update_spec.main([str(source), "--yes"], small) == 1
        assert "replaced" not in steps


def test_the_report_shows_control_characters_as_escapes(
    small: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def hostile(document: Document) -> None:
        document["info"]["version"] = "1.1.0\x1b[2J\u202e"
        fields = document["components"]["schemas"]["User"]["properties"]
        fields["a\x1b]0;x\x07b\n  GET /api/user: nothing changed\u2028"] = {"description": "x"}

    source = written_with(small, tmp_path / "source.yaml", hostile)
    assert update_spec.main([str(source), "--no-tests", "--yes"], small) == 0
    captured = capsys.readouterr()
    assert captured.out.replace("\n", "").isprintable()
    assert "1.1.0\\x1b[2J\\u202e" in captured.out
    assert "\n  GET /api/user: nothing changed" not in captured.out


def test_another_way_of_writing_is_said_as_such(
    small: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def by_reference(document: Document) -> None:
        responses = document["paths"]["/api/user"]["get"]["responses"]
        document["components"]["responses"] = {"User": responses["200"]}
        responses["200"] = {"$ref": "#/components/responses/User"}

    assert run(small, written_with(small, tmp_path / "source.yaml", by_reference)) == 0
    output = capsys.readouterr().out
    assert "No operation, parameter, field or status has changed." in output
    assert "It says the same in another way at paths./api/user.get.responses.200" in output
    assert "Descriptions to check" not in output
