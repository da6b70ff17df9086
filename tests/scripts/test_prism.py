"""The run over a Prism mock, without Prism: an emulator stands in, and answers are made up."""

from __future__ import annotations

import json

import httpx
import pytest

from comfy_cloud.contract._documents.operations import operations_of
from comfy_cloud.contract._documents.release import merged_contract
from comfy_cloud_emulator import Emulator
from scripts import prism
from scripts.contract_files import Checkout
from scripts.prism_calls import CALLS

from .copies import contract_of

PUBLISHED = contract_of(Checkout())


def test_there_is_a_call_for_every_operation_of_the_published_contract() -> None:
    assert set(CALLS) == {op.id for op in operations_of(PUBLISHED)}
    assert len(CALLS) == 42


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_each_call_reaches_its_operation(colour: str) -> None:
    with Emulator(prism.KEY, time="virtual") as emulator:
        outcomes = prism.run(colour, emulator.url, merged_contract(), PUBLISHED)
    unreached = [str(outcome) for outcome in outcomes if not outcome.statuses]
    assert not unreached
    # What the emulator does not have or take, it refuses; the client itself finds nothing wrong with any call.
    assert not [
        str(outcome)
        for outcome in outcomes
        if outcome.problems and max(outcome.statuses) not in (400, 404, 422)
    ]
    assert sum(outcome.is_ok for outcome in outcomes) >= 20


def answer(method: str, path: str, status: int, violations: object = None) -> httpx.Response:
    headers = {} if violations is None else {"sl-violations": json.dumps(violations)}
    request = httpx.Request(method, f"http://127.0.0.1{path}")
    return httpx.Response(status, headers=headers, request=request)


def test_what_prism_says_of_a_request_is_told() -> None:
    watcher = prism.Watcher(PUBLISHED, ["listJobs", "getUser", "getJobDetail"])
    said = [
        {"location": ["request", "query", "limit"], "message": "must be integer"},
        {"location": ["response", "body"], "message": "is none of ours"},
    ]
    watcher.note(answer("GET", "/api/jobs?limit=x", 200, said))
    watcher.note(answer("GET", "/api/jobs/one%2Ftwo", 404, []))
    watcher.note(answer("GET", "/api/nowhere", 200, said))
    assert [str(outcome) for outcome in watcher.outcomes.values()] == [
        "listJobs: request.query.limit: must be integer (200)",
        "getUser: no request reached it",
        "getJobDetail: ok (404)",
    ]
    assert [outcome.is_ok for outcome in watcher.outcomes.values()] == [False, False, True]


def test_a_mock_that_takes_everything_is_refused() -> None:
    with Emulator(prism.KEY) as emulator, pytest.raises(prism.MockError, match="its judgement means nothing"):
        prism.check_that_it_judges(emulator.url)


def test_without_npm_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prism, "FOLDER", Checkout().root / "no-such-folder")
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(prism.MockError, match="npm is not installed"):
        prism.installed()
