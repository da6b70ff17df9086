"""The run over a Prism mock, without Prism: the emulator or made-up responses stand in for it."""

from __future__ import annotations

import json

import httpx
import pytest

from comfy_cloud.contract._documents.operations import operations_of
from comfy_cloud.contract._documents.release import merged_contract
from comfy_cloud_emulator import Emulator
from scripts import prism
from scripts.prism_mock import mock
from scripts.prism_mock.calls import CALLS
from scripts.prism_mock.calls_v2 import CALLS_V2
from scripts.prism_mock.mock import MockError
from scripts.prism_mock.outcomes import Outcome, OutcomeRecorder
from scripts.project.checkout import Checkout

from .copies import contract_of

PUBLISHED = contract_of(Checkout())


def test_there_is_a_call_for_every_operation_of_the_published_contract() -> None:
    assert set(CALLS) == {op.id for op in operations_of(PUBLISHED)}
    assert len(CALLS) == 42


@pytest.mark.parametrize("client", ["sync", "async"])
def test_each_call_of_api_v2_reaches_its_operation(client: str) -> None:
    document = merged_contract("v2")
    assert set(CALLS_V2) == {op.id for op in operations_of(document)}
    with Emulator(prism.KEY, time="virtual") as emulator:
        outcomes = prism.run(client, emulator.url, document, document, "v2")
    assert not [str(outcome) for outcome in outcomes if not outcome.statuses]
    # The emulator knows neither the ids nor the hash.
    assert [outcome.operation for outcome in outcomes if outcome.is_ok] == ["postAssets", "postJobs"]


@pytest.mark.parametrize("client", ["sync", "async"])
def test_each_call_reaches_its_operation(client: str) -> None:
    with Emulator(prism.KEY, time="virtual") as emulator:
        outcomes = prism.run(client, emulator.url, merged_contract(), PUBLISHED)
    unreached = [str(outcome) for outcome in outcomes if not outcome.statuses]
    assert not unreached
    # The emulator refuses some arguments; the client itself finds nothing wrong with any call.
    assert not [
        str(outcome)
        for outcome in outcomes
        if outcome.problems and max(outcome.statuses) not in (400, 404, 422)
    ]
    assert sum(outcome.is_ok for outcome in outcomes) >= 20


def response(method: str, path: str, status: int, violations: object = None) -> httpx.Response:
    headers = {} if violations is None else {"sl-violations": json.dumps(violations)}
    request = httpx.Request(method, f"http://127.0.0.1{path}")
    return httpx.Response(status, headers=headers, request=request)


def test_problems_that_prism_reports_are_recorded() -> None:
    recorder = OutcomeRecorder(PUBLISHED, ["listJobs", "getUser", "getJobDetail"])
    violations = [
        {"location": ["request", "query", "limit"], "message": "must be integer"},
        {"location": ["response", "body"], "message": "not about the request"},
    ]
    recorder.record(response("GET", "/api/jobs?limit=x", 200, violations))
    recorder.record(response("GET", "/api/jobs/one%2Ftwo", 404, []))
    recorder.record(response("GET", "/api/nowhere", 200, violations))
    assert [str(outcome) for outcome in recorder.outcomes.values()] == [
        "listJobs: request.query.limit: must be integer (200)",
        "getUser: no request was sent",
        "getJobDetail: ok (404)",
    ]
    assert [outcome.is_ok for outcome in recorder.outcomes.values()] == [False, False, True]


def test_an_expected_failure_is_shown_with_its_reason_and_counts_when_it_is_gone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bad = Outcome("uploadAsset", [422], ["tags must be array"])
    assert prism._report("plain", "sync", [bad, Outcome("getUser", [200])]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("--  uploadAsset: tags must be array (422) [expected: ")
    assert printed[2] == "plain, sync: 1 of 2 operations ok"
    assert prism._report("merged", "sync", [bad]) == 1
    assert prism._report("plain", "sync", [Outcome("uploadAsset", [200])]) == 1


def test_a_mock_that_accepts_everything_is_refused() -> None:
    with Emulator(prism.KEY) as emulator, pytest.raises(MockError, match="its verdict means nothing"):
        prism.check_that_it_validates(emulator.url)


def test_without_npm_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mock, "FOLDER", Checkout().root / "no-such-folder")
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(MockError, match="npm is not installed"):
        mock.installed()
