"""Errors of local files: what they are, and what they show."""

from __future__ import annotations

import errno
import traceback
from pathlib import Path

import pytest

from comfy_cloud._errors.file_errors import file_errors
from comfy_cloud._files.destinations import destination_for, destinations_below
from comfy_cloud.errors import ComfyCloudError, ConfigurationError

KEY = "comfyui-0123456789abcdef"


def test_a_traceback_shows_no_key_of_a_path(tmp_path: Path) -> None:
    with pytest.raises(ComfyCloudError) as caught, file_errors():
        (tmp_path / KEY).open()
    assert isinstance(caught.value, FileNotFoundError)
    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert caught.value.filename == str(tmp_path / KEY)


def test_the_cause_of_other_errors_is_kept(tmp_path: Path) -> None:
    with pytest.raises(ComfyCloudError) as caught, file_errors():
        (tmp_path / "a").open()
    assert isinstance(caught.value.__cause__, FileNotFoundError)


@pytest.mark.parametrize("path", ["a\0b", "a\ud800b"])
def test_a_path_that_no_file_can_have(path: str) -> None:
    with pytest.raises(ConfigurationError, match="No file can have this path"), file_errors():
        Path(path).read_bytes()


def test_other_wrong_values_are_not_about_files() -> None:
    with pytest.raises(ValueError, match="odd") as caught, file_errors():
        raise ValueError("odd")
    assert not isinstance(caught.value, ComfyCloudError)


@pytest.mark.parametrize("is_url", [False, True])
def test_a_name_that_is_too_long_for_a_folder_is_an_error_of_this_package(
    tmp_path: Path, is_url: bool
) -> None:
    target = tmp_path / ("a" * 300)
    with pytest.raises(ComfyCloudError) as caught:
        destination_for(target.as_uri() if is_url else target, "b")
    assert isinstance(caught.value, OSError)
    assert caught.value.errno == errno.ENAMETOOLONG
    assert len(destinations_below(tmp_path, [])) == 0
