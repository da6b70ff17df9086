from __future__ import annotations

import hashlib
import importlib.metadata
import tomllib
from datetime import date
from pathlib import Path

import pytest

from comfy_cloud.contract._documents.reader import ContractError
from scripts import generate
from scripts.generator.lock import Provenance, lock_text, read_provenance
from scripts.project.checkout import Checkout

from ..copies import checksums
from ..small import small_project

CONTRACT = b"openapi: 3.0.3\ninfo: {title: T, version: '7'}\npaths: {/a: {}}\n"
PUBLISHED = Provenance('A "title"', "7", date(2026, 6, 19), "0" * 64)


def test_it_describes_all_that_generated_code_is_made_from() -> None:
    assert tomllib.loads(lock_text(CONTRACT, b"overlay", PUBLISHED)) == {
        "published": {"title": 'A "title"', "version": "7", "date": date(2026, 6, 19), "sha256": "0" * 64},
        "contract": {"version": "7", "sha256": hashlib.sha256(CONTRACT).hexdigest()},
        "overlay": {"sha256": hashlib.sha256(b"overlay").hexdigest()},
        "generator": {
            "name": "openapi-python-client",
            "version": importlib.metadata.version("openapi-python-client"),
        },
    }


def test_a_comment_explains_what_was_published() -> None:
    comments = [line for line in lock_text(CONTRACT, b"", PUBLISHED).splitlines() if line.startswith("#")]
    assert any("[published]" in line and "openapi-cloud.yaml" in line for line in comments)
    assert max(map(len, comments)) <= 100


def test_provenance_is_read_back(tmp_path: Path) -> None:
    lock = tmp_path / "openapi.lock.toml"
    lock.write_text(lock_text(CONTRACT, b"", PUBLISHED), encoding="utf-8")
    assert read_provenance(lock) == PUBLISHED


def test_the_provenance_of_a_published_file() -> None:
    document = {"info": {"title": "T", "version": "7"}}
    found = Provenance.of(CONTRACT, document, date(2026, 12, 1))
    assert found == Provenance("T", "7", date(2026, 12, 1), hashlib.sha256(CONTRACT).hexdigest())


def test_ours_names_the_file_of_june_2026() -> None:
    """The facts of the published file; the file itself is not kept here."""
    assert read_provenance(Checkout().lock) == Provenance(
        title="Comfy Cloud API",
        version="1.0.0",
        date=date(2026, 6, 19),
        sha256="d24bdc4b843d3e79a952b95e3933442fc8a6437b91351b0555d94311608e9f58",
    )


@pytest.mark.parametrize(
    "text", [None, "", "[published]\n", '[published]\ntitle = "T"\n', "not TOML", "published = 3\n"]
)
def test_without_provenance_nothing_is_generated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None
) -> None:
    checkout = small_project(tmp_path)
    checkout.lock.unlink()
    if text is not None:
        checkout.lock.write_text(text, encoding="utf-8")
    with pytest.raises(ContractError, match=r"has no complete \[published\] table"):
        read_provenance(checkout.lock)
    before = checksums(checkout.root)
    for arguments in ([], ["--check"]):
        assert generate.main(arguments, checkout) == 1
        assert "Restore it with `git checkout openapi.lock.toml`." in capsys.readouterr().err
    assert checksums(checkout.root) == before
