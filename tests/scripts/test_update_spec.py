from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts import api_map, contract_source, generate, update_spec
from scripts.contract_files import Checkout, ContractError
from scripts.contract_source import fetched_contract, shown
from scripts.update_spec import Options

from .copies import contract_of, copied, overlay_of, prints, written

Document = dict[str, Any]


def in_other_words(node: Any) -> Any:
    """The same interface, with every description, summary and sample of somebody else."""
    if isinstance(node, list):
        return [in_other_words(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: f"Somebody wrote: {value[:20]}"
        if key in ("description", "summary") and isinstance(value, str)
        else "sample"
        if key == "example" and isinstance(value, str)
        else in_other_words(value)
        for key, value in node.items()
    }


def newer(document: Document) -> None:
    """What a newer version of the service might bring."""
    document["info"]["version"] = "1.1.0"
    document["paths"]["/api/weather"] = {
        "get": {
            "operationId": "getWeather",
            "tags": ["system"],
            "summary": "Look outside",
            "description": "Somebody's words about the weather, which are long enough to be written in more than one line.",
            "parameters": [
                {"name": "days", "in": "query", "description": "How far.", "schema": {"type": "integer"}}
            ],
            "responses": {
                "200": {
                    "description": "The sky.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Weather"}}},
                }
            },
        }
    }
    schemas = document["components"]["schemas"]
    schemas["Weather"] = {
        "type": "object",
        "required": ["sky"],
        "properties": {"sky": {"type": "string", "enum": ["clear", "grey"]}, "degrees": {"type": "number"}},
    }
    for parameter in document["paths"]["/api/jobs"]["get"]["parameters"]:
        if parameter["name"] == "limit":
            parameter["required"] = True
    schemas["JobEntry"]["properties"]["status"]["enum"].append("paused")
    del schemas["JobEntry"]["properties"]["preview_output"]


@pytest.fixture
def unchanged(checkout: Checkout) -> Iterator[None]:
    """Nothing in the copy changes during the test, whatever happens."""
    before = prints(checkout.root)
    yield
    assert prints(checkout.root) == before


def run(checkout: Checkout, source: str | Path, *options: str) -> int:
    return update_spec.main([str(source), "--no-tests", *options], checkout)


class TestTheSameInterface:
    @pytest.fixture(autouse=True)
    def _unchanged(self, unchanged: None) -> None:
        """For every test of the class."""

    def test_other_words_and_another_layout_write_nothing(
        self, checkout: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        source = written(tmp_path / "published.yaml", in_other_words(contract_of(checkout)))
        assert run(checkout, source) == 0
        output = capsys.readouterr().out
        assert "No operation, parameter, field or status has changed." in output
        assert "The interface is the same as ours: nothing is written." in output

    def test_json_is_as_good_as_yaml(self, checkout: Checkout, tmp_path: Path) -> None:
        source = tmp_path / "published.json"
        source.write_text(json.dumps(contract_of(checkout)), encoding="utf-8")
        assert run(checkout, source) == 0

    def test_our_own_file(self, checkout: Checkout) -> None:
        assert run(checkout, checkout.contract) == 0


class TestANewerContract:
    """One update, looked at from all sides."""

    @pytest.fixture(scope="class")
    def update(self, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("newer")
        checkout = copied(folder / "project")
        before = checkout.contract.read_text(encoding="utf-8")
        ours = contract_of(checkout)
        document = in_other_words(contract_of(checkout))
        newer(document)
        tested: list[Path] = []
        lines: list[str] = []

        def run_tests(root: Path) -> int:
            tested.append(root)
            return 0

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                update_spec, "print", lambda *words: lines.append(" ".join(map(str, words))), raising=False
            )
            result = update_spec.update(
                str(written(folder / "newer.yaml", document)), checkout, Options(), run_tests=run_tests
            )
        output = "\n".join(lines)
        return {
            "checkout": checkout,
            "before": before,
            "ours": ours,
            "result": result,
            "output": output,
            "tested": tested,
        }

    def test_the_changes_are_printed_by_how_they_break(self, update: dict[str, Any]) -> None:
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
        assert now == expected
        before, after = (
            update["before"].splitlines(),
            checkout.contract.read_text(encoding="utf-8").splitlines(),
        )
        fresh = [line for line in after if line not in before]
        assert not any("Somebody wrote" in line for line in fresh)
        assert len(fresh) < 25
        kept = [line for line in before if line.lstrip().startswith("#")]
        assert [line for line in after if line.lstrip().startswith("#")] == kept

    def test_new_words_are_listed_and_so_are_those_to_check(self, update: dict[str, Any]) -> None:
        output = update["output"]
        assert "Words to write (4)" in output
        for place in (
            "get.summary",
            "get.description",
            "get.parameters[days].description",
            "get.responses.200.description",
        ):
            assert f"\n  paths./api/weather.{place}" in output
        assert "components.schemas.JobEntry.properties.status" in output.partition("Words to check")[2]

    def test_everything_is_made_from_it(self, update: dict[str, Any]) -> None:
        checkout: Checkout = update["checkout"]
        module = checkout.generated / "comfy_cloud_api" / "api" / "system" / "get_weather.py"
        assert "def build(*, days: int | None = None)" in module.read_text(encoding="utf-8")
        assert (checkout.generated / "comfy_cloud_api" / "models" / "weather.py").exists()
        lock = generate.lock_text(checkout.contract.read_bytes(), checkout.overlay.read_bytes())
        assert checkout.lock.read_text(encoding="utf-8") == lock
        assert 'version = "1.1.0"' in lock
        assert api_map.main(["--check"], checkout) == 0
        assert "`getWeather` | `GET /api/weather`" in checkout.api_map.read_text(encoding="utf-8")
        assert not [path for path in checkout.root.rglob("*") if path.name.endswith((".new", ".old"))]

    def test_it_says_what_to_review(self, update: dict[str, Any]) -> None:
        output = update["output"]
        assert "\n  cloud.history.list\n" in output.partition("Wrapper methods that this touches")[2]
        assert "\n  getWeather\n" in output.partition("no wrapper method calls")[2]
        assert output.endswith("review with `git diff`.")

    def test_the_tests_are_run_at_the_end(self, update: dict[str, Any]) -> None:
        assert update["tested"] == [update["checkout"].root]
        assert update["result"] == 0


@pytest.fixture
def no_generation(monkeypatch: pytest.MonkeyPatch, checkout: Checkout) -> None:
    """The generator hands out the tree that is there: for tests of what happens around it."""
    monkeypatch.setattr(generate, "make", lambda *_: checkout.generated)


def written_with(checkout: Checkout, path: Path, change: Callable[[Document], object]) -> Path:
    document = contract_of(checkout)
    change(document)
    return written(path, document)


@pytest.mark.usefixtures("unchanged")
class TestRefused:
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
            (
                "openapi: 3.0.3\npaths: {/a: {}}",
                "is not valid OpenAPI: at the top: 'info' is a required property",
            ),
            (
                "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {/a: {get: {responses: {'200': {}}}}}",
                "is not valid OpenAPI: at paths//a/get/responses/200",
            ),
            (
                "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {/a: {$ref: 'other.yaml#/a'}}",
                "leads nowhere within the contract; bundle it",
            ),
        ],
    )
    def test_what_is_no_contract(
        self,
        checkout: Checkout,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        content: str,
        message: str,
    ) -> None:
        source = tmp_path / "source.yaml"
        source.write_text(content, encoding="utf-8")
        assert run(checkout, source) == 1
        captured = capsys.readouterr()
        assert message in captured.err
        assert captured.err.startswith(f"error: {source}")
        assert captured.err.count("\n") == 1
        assert captured.out == ""

    def test_a_file_that_is_not_there(
        self, checkout: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(checkout, tmp_path / "nowhere.yaml") == 1
        assert "nowhere.yaml cannot be read: No such file or directory" in capsys.readouterr().err

    def test_a_folder(self, checkout: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(checkout, tmp_path) == 1
        assert "cannot be read: Is a directory" in capsys.readouterr().err

    def test_an_unreachable_url(self, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
            assert run(checkout, f"http://someone:secret@127.0.0.1:{port}/openapi.yaml?token=secret") == 1
        message = capsys.readouterr().err
        assert f"http://127.0.0.1:{port}/openapi.yaml cannot be fetched" in message
        assert "secret" not in message

    def test_another_scheme(self, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(checkout, "ftp://example.com/openapi.yaml") == 1
        assert "FROM is a file or an http(s) URL" in capsys.readouterr().err

    def test_an_overlay_action_that_matches_nothing_any_more(
        self, checkout: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        target = "$.components.schemas.PaginationInfo.properties.limit"
        source = written_with(
            checkout,
            tmp_path / "source.yaml",
            lambda document: document["components"]["schemas"]["PaginationInfo"]["properties"].pop("limit"),
        )
        assert run(checkout, source) == 1
        captured = capsys.readouterr()
        assert "schema PaginationInfo: field `limit`" in captured.out
        assert f"1 action(s) of openapi-overlay.yaml match nothing any more:\n  {target}" in captured.err
        assert "--prune" in captured.err

    def test_a_generator_that_fails(
        self,
        checkout: Checkout,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def failing(*_: object) -> None:
            raise ContractError("the generator reports 1 problem(s)")

        monkeypatch.setattr(generate, "make", failing)
        assert run(checkout, written_with(checkout, tmp_path / "source.yaml", newer)) == 1
        assert "the generator reports" in capsys.readouterr().err

    @pytest.mark.usefixtures("no_generation")
    def test_a_replacement_that_breaks_off_is_taken_back(
        self,
        checkout: Checkout,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        real, replaced = Path.replace, []

        def replace(path: Path, target: Path) -> Path:
            if replaced:
                raise OSError(28, "No space left on device")
            replaced.append(target)
            return real(path, target)

        monkeypatch.setattr(Path, "replace", replace)
        monkeypatch.setattr(api_map, "made", lambda *_: "another map")
        assert run(checkout, written_with(checkout, tmp_path / "source.yaml", newer)) == 1
        assert replaced
        assert "The files cannot be replaced, and are as before" in capsys.readouterr().err


class TestTheOverlay:
    @pytest.mark.usefixtures("no_generation")
    def test_prune_removes_what_matches_nothing_and_no_other_line(
        self, checkout: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before, overlay = checkout.overlay.read_text(encoding="utf-8").splitlines(), overlay_of(checkout)
        target = "$.components.schemas.PaginationInfo.properties.limit"
        source = written_with(
            checkout,
            tmp_path / "source.yaml",
            lambda document: document["components"]["schemas"]["PaginationInfo"]["properties"].pop("limit"),
        )
        assert run(checkout, source, "--prune") == 0
        assert "They are removed." in capsys.readouterr().out
        assert overlay_of(checkout)["actions"] == [
            item for item in overlay["actions"] if item["target"] != target
        ]
        after = checkout.overlay.read_text(encoding="utf-8").splitlines()
        assert f"  - target: {target}" in before
        assert f"  - target: {target}" not in after
        assert [line for line in before if "#" in line] == [line for line in after if "#" in line]
        assert len(after) < len(before)

    @pytest.mark.usefixtures("no_generation")
    def test_what_became_unnecessary_is_reported_and_stays(
        self, checkout: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = checkout.overlay.read_bytes()

        def documented(document: Document) -> None:
            document["paths"]["/api/prompt"]["post"]["responses"]["413"] = {
                "description": "Too large, says somebody.",
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/PromptErrorResponse"}}
                },
            }

        assert run(checkout, written_with(checkout, tmp_path / "source.yaml", documented)) == 0
        output = capsys.readouterr().out
        assert "1 action(s) of openapi-overlay.yaml say what the new contract says by itself" in output
        assert "$.paths['/api/prompt'].post.responses  (A graph that is too large" in output
        assert checkout.overlay.read_bytes() == before


@pytest.mark.usefixtures("no_generation")
class TestOptions:
    def source(self, checkout: Checkout, path: Path) -> Path:
        document = in_other_words(contract_of(checkout))
        document["info"]["version"] = "1.1.0"
        return written(path, document)

    def test_our_words_are_put_back(self, checkout: Checkout, tmp_path: Path) -> None:
        ours = contract_of(checkout)
        assert run(checkout, self.source(checkout, tmp_path / "source.yaml")) == 0
        assert contract_of(checkout) == ours | {"info": ours["info"] | {"version": "1.1.0"}}

    def test_keep_words_keeps_the_newcomers(self, checkout: Checkout, tmp_path: Path) -> None:
        source = self.source(checkout, tmp_path / "source.yaml")
        assert run(checkout, source, "--keep-words") == 0
        assert contract_of(checkout) == yaml.safe_load(source.read_text(encoding="utf-8"))

    @pytest.mark.parametrize(
        ("tests", "code"), [("def test_it(): pass\n", 0), ("def test_it(): assert False\n", 1)]
    )
    def test_the_result_of_the_tests_is_the_result(
        self, checkout: Checkout, tmp_path: Path, tests: str, code: int
    ) -> None:
        for path in checkout.root.glob("tests/*/test_*.py"):
            path.unlink()
        (checkout.root / "tests" / "test_it.py").write_text(tests, encoding="utf-8")
        source = self.source(checkout, tmp_path / "source.yaml")
        # Translating the tests would bring the removed ones back.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(update_spec.unasync, "made_files", lambda _: {})
            assert update_spec.main([str(source)], checkout) == code
        assert contract_of(checkout)["info"]["version"] == "1.1.0"


class Served(BaseHTTPRequestHandler):
    """Answers by path: the contract, a way to it, or trouble."""

    content = b""

    def do_GET(self) -> None:
        status = {"/openapi.yaml": 200, "/moved": 302, "/large": 200}.get(self.path, 404)
        body = self.content if status == 200 else b"<html></html>"
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/openapi.yaml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def server() -> Iterator[str]:
    Served.content = Checkout().contract.read_bytes()
    with ThreadingHTTPServer(("127.0.0.1", 0), Served) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_address[1]}"
        httpd.shutdown()
        thread.join()


class TestFromAUrl:
    def test_it_is_fetched_and_redirects_are_followed(self, server: str) -> None:
        assert fetched_contract(f"{server}/openapi.yaml") == contract_of(Checkout())
        assert fetched_contract(f"{server}/moved") == contract_of(Checkout())

    def test_an_error_status_is_named(self, server: str) -> None:
        with pytest.raises(ContractError, match=r"/nowhere answers 404 Not Found"):
            fetched_contract(f"{server}/nowhere")

    def test_more_than_the_bound_is_refused(
        self, server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(contract_source, "MOST_BYTES", 1024)
        with pytest.raises(ContractError, match="is larger than"):
            fetched_contract(f"{server}/large")
        path = tmp_path / "large.yaml"
        path.write_bytes(b"#" * 1025)
        with pytest.raises(ContractError, match="is larger than"):
            fetched_contract(str(path))

    def test_a_broken_url(self) -> None:
        with pytest.raises(ContractError, match="is not a URL|cannot be fetched|the URL"):
            fetched_contract("http://[::1/openapi.yaml")

    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("https://a:b@example.com:8443/x.yaml?key=1#f", "https://example.com:8443/x.yaml"),
            ("openapi.yaml", "openapi.yaml"),
            ("http://example.com/x", "http://example.com/x"),
        ],
    )
    def test_messages_show_no_secret_of_a_url(self, source: str, expected: str) -> None:
        assert shown(source) == expected
