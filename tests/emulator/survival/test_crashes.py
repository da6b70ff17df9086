"""A process that is killed loses nothing that it has confirmed, and leaves nothing half done.

The child kills itself at a chosen write, so each of these tests is repeatable. `make crash` kills
more often.
"""

from __future__ import annotations

import os
import select
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from comfy_cloud_emulator import DEFAULT_KEY, Emulator
from tests.forking import Forking, Program

from . import crash_actions
from .crash_child import ACCOUNTS, SECOND
from .crash_ledger import Ledger, incomplete

PATIENCE = 60


@pytest.fixture(scope="module")
def forking() -> Iterator[Forking]:
    """The process that emulators are forked from."""
    forking = Forking("tests.emulator.survival.crash_child")
    yield forking
    forking.stop()


@contextmanager
def child(forking: Forking, folder: Path, dies_at: int) -> Iterator[tuple[Program, str]]:
    """An emulator on the folder `data` that dies at a write, and its URL."""
    os.mkfifo(folder / "url")
    url = os.open(folder / "url", os.O_RDONLY | os.O_NONBLOCK)
    program = forking.start(folder / "process", str(folder / "data"), str(dies_at))
    try:
        assert select.select([url], [], [], PATIENCE)[0], (folder / "process/errors").read_text()
        yield program, os.read(url, 1000).decode()
    except BaseException:
        with suppress(ProcessLookupError):
            os.kill(program.pid, signal.SIGKILL)
        program.wait()
        raise
    finally:
        os.close(url)


def client_of(url: str, key: str) -> httpx.Client:
    return httpx.Client(
        base_url=url, headers={"X-API-Key": key}, trust_env=False, verify=False, timeout=PATIENCE
    )


def check_databases(folder: Path) -> None:
    """Every database passes an integrity check."""
    found = sorted(folder.rglob("*.sqlite3"))
    assert found
    for path in found:
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def check_next_process(folder: Path, ledgers: dict[str, Ledger]) -> None:
    """A new emulator on the folder shows what was confirmed; unfinished jobs run once, to their
    end.
    """
    check_databases(folder)
    with Emulator(data=folder, time="virtual", accounts=ACCOUNTS) as emulator:
        assert not list(folder.rglob("*.part"))
        tenants = [emulator.account_of(key) for key in ledgers]
        under_way = {job.id for tenant in tenants for job, _ in tenant.store.unfinished()}
        for tenant, (key, ledger) in zip(tenants, ledgers.items(), strict=True):
            with client_of(emulator.url, key) as client:
                assert ledger.differences(client) == []
                assert incomplete(client) == []
                assert ledger.differences(client) == []
            for job in tenant.store.jobs():
                assert tenant.jobs.executed(job.id) == (job.id in under_way)


@pytest.mark.parametrize("dies_at", [1, 9, 33, 52, 75, 103, 131])
def test_confirmed_changes_survive_a_kill(dies_at: int, forking: Forking, tmp_path: Path) -> None:
    ledgers = {DEFAULT_KEY: Ledger(), SECOND: Ledger()}
    with child(forking, tmp_path, dies_at) as (program, url):
        for key in (SECOND, DEFAULT_KEY):
            with client_of(url, key) as client:
                try:
                    crash_actions.everything(client, ledgers[key])
                except httpx.TransportError:
                    break
        else:
            pytest.fail(f"it came to its end without the write {dies_at}")
        assert program.wait()[0] == -signal.SIGKILL
    check_next_process(tmp_path / "data", ledgers)


@pytest.mark.parametrize("dies_at", [4, 5])
def test_interrupted_seeding_is_repeated(dies_at: int, forking: Forking, tmp_path: Path) -> None:
    """Never half of the demo, and never any of it twice."""
    data = tmp_path / "data"
    program = forking.start(tmp_path / "process", str(data), str(dies_at), "--from-the-start", "--demo")
    assert program.wait() == (-signal.SIGKILL, "", "")  # before it served
    check_databases(data)
    with Emulator(data=data, seed_data="demo") as emulator, Emulator(seed_data="demo") as other:
        assert len(emulator.store) == len(other.store)
        assert len(emulator.store.assets) == len(other.store.assets)
