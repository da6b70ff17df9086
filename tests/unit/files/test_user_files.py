"""Files of the personal storage, in all forms that servers send."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud import UserFile
from comfy_cloud_api.models.get_user_data_response_full_file import GetUserDataResponseFullFile

MOMENT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize("modified", [1_790_000_000_000, 1_790_000_000.0, "2026-09-21T14:13:20Z"])
def test_any_instant_is_read(modified: object) -> None:
    raw = GetUserDataResponseFullFile.from_dict({"path": "a", "size": 3, "modified": modified})
    file = UserFile(raw)
    assert (file.path, file.size, file.modified, file.created) == ("a", 3, MOMENT, None)
    assert file.raw is raw


def test_bare_paths_and_missing_fields() -> None:
    assert UserFile("a/b").path == "a/b"
    assert UserFile({}, "given").path == "given"
    assert UserFile(None, "given").modified is None
    assert UserFile("a") == UserFile("a")
    assert UserFile("a") != UserFile("b")
    assert repr(UserFile({"path": "a", "size": 3})) == "<UserFile 'a' 3 bytes>"


@given(
    st.none()
    | st.integers()
    | st.text()
    | st.lists(st.text())
    | st.dictionaries(
        st.sampled_from(["path", "size", "modified"]),
        st.none() | st.text() | st.integers() | st.lists(st.none()),
    )
)
def test_no_shape_raises(raw: Any) -> None:
    assert isinstance(UserFile(raw, "x").path, str)
