"""`make bench-peers`: who is compared in what, and what a client that fails leaves."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import peer_programs, peers
from benchmarks.peers import OURS, PEERS, WORKS, Peer
from benchmarks.results import read
from scripts.performance_docs.page import texts

PYTHONS = {peer.name: Path(sys.executable) for peer in PEERS}
WORK = replace(WORKS[0], left_out={"comfy-cli": "a reason"})


def test_each_client_has_a_program_or_a_reason() -> None:
    programs = {"run": "run", "run-own": "run", "history": "history", "convert": "convert"}
    for work in WORKS:
        for peer in PEERS:
            if work.name in programs and peer.name not in work.left_out:
                assert hasattr(peer_programs, f"{programs[work.name]}_{peer.name.replace('-', '_')}")


def test_releases_are_pinned() -> None:
    assert all(peer.version for peer in PEERS)


def test_ours_comes_first_then_the_fastest(tmp_path: Path) -> None:
    def measure(peer: Peer, _: Path, __: Path) -> list[float]:
        if peer.name == "comfyui-xy":
            raise subprocess.TimeoutExpired("comfyui-xy", 1)
        return [len(peer.name) / 10 + (5 if peer.name == OURS else 0)] * 3

    found = peers.compared(replace(WORK, measure=measure), PYTHONS, tmp_path)
    assert [row["client"] for row in found["rows"]][:2] == [OURS, "comfy-sdk"]
    assert found["left_out"] == {
        "comfy-cli": "a reason",
        "comfyui-xy": "it did not finish this work on the emulator",
    }
    page = texts({}, {"about": "a", "date": "d", "machine": MACHINE, "works": [found]})["performance.md"]
    assert "- comfyui-xy: it did not finish this work on the emulator" in page


MACHINE = {"cores": 2, "cpu": "c", "system": "s", "python": "p", "packages": {}, "load": 0}


def test_a_program_counts_every_round_but_the_first(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers: list[int] = []

    def work(number: int) -> object:
        numbers.append(number)
        return number

    monkeypatch.setattr(peer_programs, "run_comfy_sdk", lambda settings: work)
    peer_programs.main("comfy-sdk", "run", json.dumps({"rounds": 3, "first": 5}))
    assert len(json.loads(capsys.readouterr().out.strip())) == 3
    assert numbers == [5, 6, 7, 8]


def test_what_is_committed_names_releases_and_no_path() -> None:
    text = json.dumps(read(peers.FILE))
    assert "/home" not in text
    assert "/tmp" not in text
