"""Which lines of handwritten code a new generated tree does not allow."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.contract.uses import broken_uses, calls_of, names_of_operation, uses_of

MODULE = """\
OPERATION = 1
def build(name: str, *, limit: int | None = None, body: Thing) -> Request: ...
def parse(response: Response) -> None: ...
"""
CLIENT = """\
from comfy_cloud_api.api.user import get_user as operation
from comfy_cloud_api.models.get_user_body import GetUserBody
from comfy_cloud_api.models import Thing

request = operation.build(
    "me",
    limit=1,
    body=GetUserBody(name="x"),
)
operation.build("me", **request)
value = operation.parse(request)
"""
FILES = {
    "comfy_cloud_api/__init__.py": "",
    "comfy_cloud_api/api/user/__init__.py": "",
    "comfy_cloud_api/api/user/get_user.py": MODULE,
    "comfy_cloud_api/models/__init__.py": "if TYPE_CHECKING:\n    from .thing import Thing\n",
    "comfy_cloud_api/models/thing.py": "class Thing:\n    size: int\n",
    "comfy_cloud_api/models/get_user_body.py": "class GetUserBody:\n    name: str\n",
    "comfy_cloud_api/models/get_user_reply.py": "class GetUserReply:\n    name: str\n",
}


def tree(folder: Path, **changes: tuple[str, str]) -> Path:
    """A generated tree; a change is a text and its replacement in the files of that name."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        old, new = changes.get(path.stem, ("", ""))
        if new != "(no file)":
            path.write_text(text.replace(old, new) if old else text, encoding="utf-8")
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with one module of the client, and one of the made client that is not read."""
    for folder in ("_async", "_sync"):
        path = tmp_path / "root/wrapper/comfy_cloud" / folder / "user.py"
        path.parent.mkdir(parents=True)
        path.write_text(CLIENT, encoding="utf-8")
    return tmp_path / "root"


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({}, []),
        ({"get_user": ("x", "(no file)")}, ["1: comfy_cloud_api.api.user.get_user is gone"]),
        (
            {"get_user_body": ("x", "(no file)")},
            ["2: comfy_cloud_api.models.get_user_body.GetUserBody is gone"],
        ),
        ({"__init__": ("Thing", "Object")}, ["3: comfy_cloud_api.models.Thing is gone"]),
        ({"get_user": ("limit", "most")}, ["7: operation.build() no longer takes `limit`"]),
        ({"get_user_body": ("name", "title")}, ["8: GetUserBody() no longer takes `name`"]),
        ({"get_user": ("= None, body", ", more: int, body")}, ["5: operation.build() needs `more`"]),
        ({"get_user": ("name: str", "name: str, age: int")}, ["5: operation.build() needs `age`"]),
        ({"get_user": ("parse", "read")}, ["11: comfy_cloud_api.api.user.get_user.parse is gone"]),
    ],
)
def test_each_line_is_named(
    tmp_path: Path, root: Path, changes: dict[str, tuple[str, str]], lines: list[str]
) -> None:
    present, made = tree(tmp_path / "present"), tree(tmp_path / "made", **changes)
    expected = [f"wrapper/comfy_cloud/_async/user.py:{line}" for line in lines]
    assert [str(use) for use in broken_uses(root, present, made)] == expected


def test_what_was_wrong_before_is_not_reported(tmp_path: Path, root: Path) -> None:
    lacking = {"get_user": ("limit", "most")}
    assert broken_uses(root, tree(tmp_path / "a", **lacking), tree(tmp_path / "b", **lacking)) == []


def test_the_lines_that_name_an_operation_are_found(tmp_path: Path, root: Path) -> None:
    names = names_of_operation(tree(tmp_path / "made"), "user.get_user", {"get_user_reply"})
    assert names == {
        "comfy_cloud_api.api.user.get_user",
        "comfy_cloud_api.models.get_user_body",
        "comfy_cloud_api.models.get_user_body.GetUserBody",
    }
    assert [use.line for use in uses_of(root, names)] == [1, 2]
    assert [use.line for use in calls_of(root, "user.get_user")] == [5, 10]
