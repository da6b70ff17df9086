"""What responses mean for a download that may be a continuation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_cloud._files.byte_ranges import EXPIRED_URL_STATUSES, ContentInfo, content_info, range_headers


def test_a_whole_file() -> None:
    headers = {"content-length": "10", "etag": '"a"', "content-type": "Image/PNG; charset=x"}
    assert content_info(200, headers, 4) == ContentInfo(0, 10, '"a"', "image/png")
    assert content_info(200, {}, 0) == ContentInfo(0, None, None, None)


def test_a_part_begins_where_it_was_asked_to() -> None:
    headers = {"content-range": "bytes 4-9/10", "last-modified": "Mon, 23 Nov 2026 12:00:00 GMT"}
    assert content_info(206, headers, 4) == ContentInfo(4, 10, "Mon, 23 Nov 2026 12:00:00 GMT", None)
    assert content_info(206, {"content-range": "bytes 4-9/*"}, 4) == ContentInfo(4, None, None, None)
    assert content_info(206, headers, 5) is None


@pytest.mark.parametrize("text", ["", "bytes */10", "bytes 4-3/10", "items 4-9/10", "bytes 4-9", "4-9/10"])
def test_parts_that_cannot_be_placed(text: str) -> None:
    assert content_info(206, {"content-range": text}, 4) is None


def test_an_encoded_body_cannot_be_measured() -> None:
    headers = {"content-encoding": "gzip", "content-length": "10", "etag": '"a"'}
    assert content_info(200, headers, 0) == ContentInfo(0, None, None, None, is_encoded=True)
    assert content_info(206, {**headers, "content-range": "bytes 0-9/10"}, 0) is None


def test_a_weak_etag_is_not_used() -> None:
    assert content_info(200, {"etag": 'W/"a"'}, 0) == ContentInfo(0, None, None, None)


def test_other_statuses_carry_nothing() -> None:
    assert content_info(204, {}, 0) is None
    assert content_info(304, {}, 0) is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 410, 416, 429, 500])
def test_which_statuses_mean_that_a_signed_url_has_expired(status: int) -> None:
    assert (status in EXPIRED_URL_STATUSES) == (status in (400, 401, 403, 410))


def test_the_same_file() -> None:
    one = ContentInfo(0, 10, '"a"', None)
    assert one.continues(ContentInfo(4, 10, '"a"', None))
    assert not one.continues(ContentInfo(4, 10, '"b"', None))
    assert not one.continues(ContentInfo(4, 11, '"a"', None))
    assert not ContentInfo(0, None, '"a"', None).continues(ContentInfo(0, None, '"a"', None))


def test_ranges() -> None:
    assert range_headers(0, None) == []
    assert range_headers(5, None) == [(b"Range", b"bytes=5-")]
    assert range_headers(5, ContentInfo(0, 10, '"a"', None))[1] == (b"If-Range", b'"a"')


@given(
    st.integers(100, 599),
    st.dictionaries(
        st.sampled_from(["content-range", "content-length", "content-encoding", "etag", "content-type"]),
        st.text(),
    ),
    st.integers(0, 100),
)
def test_no_header_raises(status: int, headers: dict[str, str], position: int) -> None:
    found = content_info(status, headers, position)
    assert found is None or found.offset in (0, position)
    range_headers(position, found)
