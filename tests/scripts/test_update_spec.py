from __future__ import annotations

import hashlib
import json
import socket
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from comfy_cloud.contract._documents.reader import ContractError
from scripts import api_map, unasync, update_spec
from scripts.contract import update_report
from scripts.contract.wording import PLACEHOLDER
from scripts.generator import tree
from scripts.project.checkout import CONTRACTS, Checkout, ContractNames
from scripts.proof import tree_proof
from scripts.update_spec import Options

from .copies import checksums, contract_of, copied, written
from .newcomers import a_newer_version, in_other_words, newer, written_with
from .without_types import WithoutTypes

Document = dict[str, Any]


def run(checkout: Checkout, source: str | Path, *options: str) -> int:
    return update_spec.main([str(source), "--no-tests", "--yes", *options], checkout)


def undescribed(document: Document) -> Document:
    """The newer contract with a placeholder wherever it has a new description."""
    weather = document["paths"]["/api/weather"]["get"]
    for node in (weather, *weather["parameters"], weather["responses"]["200"]):
        node["description"] = PLACEHOLDER
    weather["summary"] = PLACEHOLDER
    return document


def lock_of(checkout: Checkout) -> Document:
    return tomllib.loads(checkout.lock.read_text(encoding="utf-8"))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class TestTheSameInterface:
    @pytest.fixture(autouse=True)
    def _unchanged(self, small: Checkout) -> Iterator[None]:
        """Nothing in the project changes during these tests."""
        before = checksums(small.root)
        yield
        assert checksums(small.root) == before

    def test_other_descriptions_and_another_layout_write_nothing(
        self, small: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        source = written(tmp_path / "published.yaml", in_other_words(contract_of(small)))
        assert run(small, source) == 0
        output = capsys.readouterr().out
        assert "No operation, parameter, field or status has changed." in output
        assert "The interface is the same as ours: nothing is written." in output

    def test_json_works_like_yaml(self, small: Checkout, tmp_path: Path) -> None:
        source = tmp_path / "published.json"
        source.write_text(json.dumps(contract_of(small)), encoding="utf-8")
        assert run(small, source) == 0


@pytest.mark.parametrize("names", CONTRACTS.values(), ids=CONTRACTS)
def test_our_own_files(
    names: ContractNames, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise AssertionError("nothing is made of them, or replaced")

    monkeypatch.setattr(tree, "make", failing)
    monkeypatch.setattr(update_spec, "_replace_all", failing)
    checkout = Checkout(names=names)
    assert run(checkout, checkout.contract) == 0
    assert "The interface is the same as ours: nothing is written." in capsys.readouterr().out


@pytest.fixture(scope="module")
def update(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("newer")
    checkout = copied(folder / "project")
    before = checkout.contract.read_text(encoding="utf-8")
    ours = contract_of(checkout)
    document = in_other_words(contract_of(checkout))
    newer(document)
    tested: list[tuple[Path, list[str]]] = []
    lines: list[str] = []

    def run_tests(root: Path, files: list[str]) -> int:
        tested.append((root, files))
        return 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(update_spec, "say", lines.append)
        # The whole wrapper would be checked anew; what mypy reports is shown with small files.
        patch.setattr(update_report, "type_errors", lambda *_: [])
        patch.setattr(tree_proof, "_Types", WithoutTypes)
        patch.setattr(tree, "format_tree", lambda _: None)
        # The sync client does not change with the contract; that all made files are written does.
        patch.setattr(unasync, "made_files", lambda root: {root / "made" / "sync.py": "made\n"})
        source = written(folder / "newer.yaml", document)
        result = update_spec.update(
            str(source), checkout, Options(yes=True), tests=run_tests, today=date(2027, 1, 31)
        )
    output = "\n".join(lines)
    return {
        "checkout": checkout,
        "before": before,
        "ours": ours,
        "result": result,
        "output": output,
        "tested": tested,
        "published": source.read_bytes(),
    }


@pytest.mark.slow
class TestANewerContract:
    """One update, checked from all sides."""

    def test_breaking_changes_are_printed_first(self, update: dict[str, Any]) -> None:
        breaking, _, others = update["output"].partition("Not breaking")
        assert "GET /api/jobs: query parameter `limit` is required now" in breaking
        assert "schema JobEntry: field `preview_output`" in breaking
        assert "GET /api/weather: operation getWeather is new" in others
        assert "schema JobEntry.status: knows paused now" in others
        assert "contract: version was 1.0.0, is 1.1.0" in others

    def test_the_contract_has_the_new_interface_in_our_words_and_layout(self, update: dict[str, Any]) -> None:
        checkout, ours = update["checkout"], update["ours"]
        now = contract_of(checkout)
        expected = json.loads(json.dumps(ours))
        newer(expected)
        assert now == undescribed(expected)
        before, after = (
            update["before"].splitlines(),
            checkout.contract.read_text(encoding="utf-8").splitlines(),
        )
        fresh = [line for line in after if line not in before]
        assert not any("Somebody" in line for line in fresh)
        assert len(fresh) < 25
        kept = [line for line in before if line.lstrip().startswith("#")]
        assert [line for line in after if line.lstrip().startswith("#")] == kept

    def test_descriptions_to_write_and_to_check_are_listed(self, update: dict[str, Any]) -> None:
        output = update["output"]
        assert "Descriptions to write (4)" in output
        for place in (
            "get.summary",
            "get.description",
            "get.parameters[days].description",
            "get.responses.200.description",
        ):
            assert f"\n  paths./api/weather.{place}" in output
        assert "components.schemas.JobEntry.properties.status" in output.partition("Descriptions to check")[2]

    def test_everything_is_made_from_it(self, update: dict[str, Any]) -> None:
        checkout: Checkout = update["checkout"]
        module = checkout.generated / "comfy_cloud_api" / "api" / "system" / "get_weather.py"
        assert "def build(*, days: int | None = None)" in module.read_text(encoding="utf-8")
        assert (checkout.generated / "comfy_cloud_api" / "models" / "weather.py").exists()
        assert (checkout.root / "made" / "sync.py").read_text(encoding="utf-8") == "made\n"
        assert lock_of(checkout)["contract"] == {
            "version": "1.1.0",
            "sha256": sha256(checkout.contract.read_bytes()),
        }
        assert lock_of(checkout)["overlay"] == {"sha256": sha256(checkout.overlay.read_bytes())}
        assert api_map.main(["--check"], checkout) == 0
        assert "`getWeather` | `GET /api/weather`" in checkout.api_map.read_text(encoding="utf-8")
        assert not [path for path in checkout.root.rglob("*") if path.name.endswith((".new", ".old"))]

    def test_the_lock_records_the_published_file(self, update: dict[str, Any]) -> None:
        assert lock_of(update["checkout"])["published"] == {
            "title": "Comfy Cloud API",
            "version": "1.1.0",
            "date": date(2027, 1, 31),
            "sha256": sha256(update["published"]),
        }

    def test_it_says_what_to_review(self, update: dict[str, Any]) -> None:
        output = update["output"]
        assert "\n  cloud.history.list\n" in output.partition("Wrapper methods that this affects")[2]
        assert "\n  getWeather\n" in output.partition("no wrapper method calls")[2]
        assert "review with `git diff`." in output

    def test_the_tests_that_belong_to_it_are_run_at_the_end(self, update: dict[str, Any]) -> None:
        ((root, files),) = update["tested"]
        assert root == update["checkout"].root
        nouns = {"history", "jobs", "job"}
        assert {f"tests/_sync/test_{noun}.py" for noun in nouns} <= set(files)
        assert "tests/_async/test_userdata.py" not in files
        assert update["result"] == 0


def without_size(document: Document) -> None:
    del document["components"]["schemas"]["User"]["properties"]["size"]


class TestRefused:
    @pytest.fixture(autouse=True)
    def _unchanged(self, small: Checkout) -> Iterator[None]:
        """Nothing in the project changes during these tests, whatever happens."""
        before = checksums(small.root)
        yield
        assert checksums(small.root) == before

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("openapi: 3.0.3\npaths: [", "neither YAML nor JSON"),
            ("{", "neither YAML nor JSON"),
            ("", "is empty"),
            ("[1, 2]", "holds a list"),
            ("<!DOCTYPE html>\n<html><body>Sign in</body></html>", "is a web page"),
            ("swagger: '2.0'\ninfo: {}\npaths: {/a: {}}", "is Swagger 2.0"),
            ("openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {}", "has no paths"),
            ("openapi: 3.0.3\npaths: {/a: {}}", "is not valid OpenAPI: at the top: "),
            (
                "openapi: 3.0.3\ninfo: {title: T, version: '1'}\n"
                "paths: {/a: {get: {responses: {'200': {}}}}}",
                "is not valid OpenAPI: at paths//a/get/responses/200",
            ),
            (
                "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {/a: {$ref: 'other.yaml#/a'}}",
                "leads nowhere within the contract; bundle it",
            ),
        ],
    )
    def test_a_source_that_is_not_a_contract(
        self, small: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, message: str
    ) -> None:
        source = tmp_path / "source.yaml"
        source.write_text(content, encoding="utf-8")
        assert run(small, source) == 1
        captured = capsys.readouterr()
        assert message in captured.err
        assert captured.err.startswith(f"error: {source}")
        assert captured.err.count("\n") == 1
        assert captured.out == ""

    def test_a_file_that_is_not_there(
        self, small: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(small, tmp_path / "nowhere.yaml") == 1
        assert "nowhere.yaml cannot be read: No such file or directory" in capsys.readouterr().err

    def test_a_folder(self, small: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(small, tmp_path) == 1
        assert "cannot be read: Is a directory" in capsys.readouterr().err

    def test_an_unreachable_url(self, small: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
            assert run(small, f"http://someone:secret@127.0.0.1:{port}/openapi.yaml?token=secret") == 1
        message = capsys.readouterr().err
        assert f"http://127.0.0.1:{port}/openapi.yaml cannot be fetched" in message
        assert message.count("\n") == 1
        assert "secret" not in message

    def test_another_scheme(self, small: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(small, "ftp://example.com/openapi.yaml") == 1
        assert "a contract comes from a file or an http(s) URL" in capsys.readouterr().err

    def test_an_overlay_action_that_no_longer_matches(
        self, small: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(small, written_with(small, tmp_path / "source.yaml", without_size)) == 1
        captured = capsys.readouterr()
        assert "schema User: field `size` (integer) is gone" in captured.out
        assert (
            "1 action(s) of openapi-overlay.yaml no longer match anything, or need what is gone:\n"
            "  $.components.schemas.User.properties.size  (Some have none.)\n"
        ) in captured.err
        assert f"  make update-spec FROM={tmp_path / 'source.yaml'} PRUNE=1 NO_TESTS=1 YES=1" in captured.err

    def test_a_generator_that_fails(
        self,
        small: Checkout,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def failing(*_: object, **__: object) -> None:
            raise ContractError("the generator reports 1 problem(s)")

        monkeypatch.setattr(tree, "make", failing)
        assert run(small, written_with(small, tmp_path / "source.yaml", a_newer_version)) == 1
        assert "the generator reports" in capsys.readouterr().err

    @pytest.mark.parametrize("after", [1, 2, 3])
    def test_a_replacement_that_breaks_off_is_taken_back(
        self,
        small: Checkout,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
        after: int,
    ) -> None:
        real = Path.replace
        replaced: list[str] = []

        def replace(path: Path, target: Path) -> Path:
            if len(replaced) == after:
                raise OSError(28, "No space left on device")
            replaced.append(target.name)
            return real(path, target)

        monkeypatch.setattr(Path, "replace", replace)
        monkeypatch.setattr(
            unasync, "made_files", lambda root: {root / "made" / "new.py": "", root / "API.md": "x"}
        )
        source = written_with(small, tmp_path / "source.yaml", a_newer_version)
        assert run(small, source) == 1
        assert len(replaced) == after
        assert "The files cannot be replaced, and are as before" in capsys.readouterr().err

    def test_a_sync_client_that_cannot_be_made(
        self,
        small: Checkout,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def failing(_: object) -> None:
            raise unasync.UnasyncError("async words are left")

        monkeypatch.setattr(unasync, "made_files", failing)
        assert run(small, written_with(small, tmp_path / "source.yaml", a_newer_version)) == 1
        assert "error: async words are left" in capsys.readouterr().err


class TestTheOverlay:
    def test_prune_removes_what_matches_nothing_and_no_other_line(
        self, small: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = small.overlay.read_text(encoding="utf-8")
        assert run(small, written_with(small, tmp_path / "source.yaml", without_size), "--prune") == 0
        assert "They are removed." in capsys.readouterr().out
        gone = before[before.index("  - target: $.components") : before.index("  # Statuses")]
        assert small.overlay.read_text(encoding="utf-8") == before.replace(gone, "")
        assert lock_of(small)["overlay"] == {"sha256": sha256(small.overlay.read_bytes())}

    def test_what_became_unnecessary_is_reported_and_stays(
        self, small: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = small.overlay.read_bytes()

        def documented(document: Document) -> None:
            document["paths"]["/api/user"]["get"]["responses"]["401"] = {"description": "Says somebody."}

        assert run(small, written_with(small, tmp_path / "source.yaml", documented)) == 0
        assert (
            "1 action(s) of openapi-overlay.yaml are part of the new contract itself; they can be removed:\n"
            "  $.paths['/api/user'].get.responses  (A key is needed.)\n"
        ) in capsys.readouterr().out
        assert small.overlay.read_bytes() == before


def test_the_wrapper_methods_of_an_operation_that_is_gone_are_named(
    small: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def moved(document: Document) -> None:
        document["paths"]["/api/me"] = document["paths"].pop("/api/user")
        document["paths"]["/api/me"]["get"]["operationId"] = "getMe"

    made = tmp_path / "made" / "comfy_cloud_api" / "api" / "user" / "get_me.py"
    made.parent.mkdir(parents=True)
    code = 'OPERATION = Operation("getMe", "GET", "/api/me", "required")\ndef build(*, limit): ...\n'
    made.write_text(code, encoding="utf-8")
    document = contract_of(small)
    moved(document)
    (made.parents[2] / "contract.json").write_text(json.dumps(document), encoding="utf-8")
    monkeypatch.setattr(tree, "make", lambda *_, **__: tmp_path / "made")
    source = written_with(small, tmp_path / "source.yaml", moved)
    before = checksums(small.root)
    assert run(small, source, "--prune") == 1
    assert checksums(small.root) == before
    captured = capsys.readouterr()
    line = "wrapper/comfy_cloud/_async/client.py:1: comfy_cloud_api.api.user.get_user is gone\n"
    assert f"Lines that no longer fit the generated client (1):\n  {line}" in captured.out
    assert "The client would no longer work with this contract, so nothing is changed." in captured.err
    assert run(small, source, "--prune", "--unfinished") == 1
    captured = capsys.readouterr()
    assert "the wrapper does not fit the new files yet: change the lines above" in captured.err
    assert contract_of(small)["paths"].keys() == {"/api/me"}
    output = captured.out
    assert "GET /api/user: operation getUser is gone" in output
    assert "Wrapper methods that this affects:\n  cloud.whoami\n" in output
    assert "no wrapper method calls:\n  getMe\n" in output
    assert (
        "Not in the wrapper yet:\n"
        "  GET /api/me, which can be called at once:\n"
        "    from comfy_cloud_api.api.user import get_me\n"
        "    cloud.call(get_me, limit=...)\n"
    ) in output


class TestProvenance:
    def test_it_becomes_that_of_the_newer_file_and_today(self, small: Checkout, tmp_path: Path) -> None:
        source = written_with(small, tmp_path / "source.yaml", a_newer_version)
        before = datetime.now(UTC).date()
        assert run(small, source) == 0
        published = lock_of(small)["published"]
        assert before <= published.pop("date") <= datetime.now(UTC).date()
        assert published == {"title": "Things", "version": "1.1.0", "sha256": sha256(source.read_bytes())}

    def test_it_stays_when_nothing_is_taken_over(self, small: Checkout, tmp_path: Path) -> None:
        source = written_with(small, tmp_path / "source.yaml", lambda document: None)
        assert run(small, source) == 0
        assert lock_of(small)["published"]["title"] == "Things of others"


class TestOptions:
    def test_our_descriptions_are_kept(self, small: Checkout, tmp_path: Path) -> None:
        before = small.contract.read_text(encoding="utf-8")
        assert run(small, written_with(small, tmp_path / "source.yaml", a_newer_version)) == 0
        assert small.contract.read_text(encoding="utf-8") == before.replace(
            "version: 1.0.0", "version: 1.1.0"
        )

    def test_keep_words_keeps_those_of_the_newer_contract(self, small: Checkout, tmp_path: Path) -> None:
        source = written_with(small, tmp_path / "source.yaml", a_newer_version)
        assert run(small, source, "--keep-words") == 0
        assert contract_of(small) == yaml.safe_load(source.read_text(encoding="utf-8"))
        assert "# The contract, in our words.\n" in small.contract.read_text(encoding="utf-8")

    @pytest.mark.parametrize("code", [0, 1])
    def test_the_result_of_the_tests_is_the_result(
        self, small: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str], code: int
    ) -> None:
        source = written_with(small, tmp_path / "source.yaml", a_newer_version)
        options = Options(yes=True)
        assert update_spec.update(str(source), small, options, tests=lambda *_: code) == code
        assert ("the tests fail on the new contract" in capsys.readouterr().err) == bool(code)
        assert contract_of(small)["info"]["version"] == "1.1.0"
