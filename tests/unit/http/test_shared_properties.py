"""Properties that threads share are computed once; functools alone no longer sees to that."""

from __future__ import annotations

import threading
from functools import cached_property
from importlib import import_module

import pytest

from comfy_cloud import ComfyCloud
from comfy_cloud._http import forks
from comfy_cloud._http.shared_properties import shared_property
from comfy_cloud._sync._http import session as session_module
from scripts.project.checkout import ROOT


@forks.free_properties_after_fork
class Owner:
    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.computed = 0

    @shared_property
    def value(self) -> object:
        """What is asked for."""
        self.computed += 1
        self.begun.set()
        assert self.go_on.wait(10)
        return object()


def test_threads_that_ask_first_get_the_same_object() -> None:
    owner = Owner()
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(owner.value)) for _ in range(4)]
    threads[0].start()
    assert owner.begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    owner.go_on.set()
    for thread in threads:
        thread.join(10)
    assert owner.computed == 1
    assert found == [owner.value] * 4
    assert Owner.value.__doc__ == "What is asked for."
    assert isinstance(Owner.value, cached_property)


def test_the_lock_is_new_in_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forks, "_owners", set())  # those of this process stay as they are
    monkeypatch.setattr(forks, "_connections", {})
    descriptor = vars(Owner)["value"]
    before = descriptor.lock
    forks._in_child()
    assert descriptor.lock is not before


def test_a_client_has_one_pool_for_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads receive the parts of a file; a second pool would never be closed."""
    made: list[object] = []
    both_ask, new_client = threading.Barrier(2), session_module.new_storage_client

    def slowly(*arguments: object) -> object:
        made.append(arguments)
        go_on.wait(10)
        return new_client(*arguments)  # type: ignore[arg-type]

    go_on = threading.Event()
    monkeypatch.setattr(session_module, "new_storage_client", slowly)
    found: list[object] = []

    def ask() -> None:
        both_ask.wait(10)
        found.append(session.storage)

    with ComfyCloud(api_key="comfyui-nothing-is-sent") as cloud:
        session = cloud._session
        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        go_on.set()
        for thread in threads:
            thread.join(10)
    assert len(made) == 1
    assert found[0] is found[1]


def test_no_part_of_a_client_has_a_property_without_a_lock() -> None:
    paths = (ROOT / "wrapper/comfy_cloud/_async").rglob("*.py")
    assert [path for path in paths if "cached_property" in path.read_text(encoding="utf-8")] == []


def test_every_class_with_such_properties_unlocks_them_in_a_child() -> None:
    kinds: list[type] = []
    for path in sorted((ROOT / "wrapper/comfy_cloud/_sync").rglob("*.py")):
        if "shared_property" in path.read_text(encoding="utf-8"):
            name = ".".join(path.relative_to(ROOT / "wrapper").with_suffix("").parts)
            kinds += [kind for kind in vars(import_module(name)).values() if isinstance(kind, type)]
    having = {
        kind for kind in kinds if any(isinstance(each, shared_property) for each in vars(kind).values())
    } - {shared_property}
    assert len(having) >= 5
    assert having - set(forks._with_cached_properties) == set()
