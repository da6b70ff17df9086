"""Open files as request bodies: in pieces, from the current position."""

from __future__ import annotations

import io

from comfy_cloud._http.file_streams import async_file_stream, file_stream


def test_a_body_comes_in_pieces_from_the_current_position() -> None:
    content = bytes(range(256)) * 4096  # 1 MiB
    file = io.BytesIO(content)
    file.seek(100)
    pieces = list(file_stream(file))
    assert b"".join(pieces) == content[100:]
    assert len(pieces) > 1
    assert max(map(len, pieces)) <= 256 * 1024


async def test_an_async_body_comes_in_pieces() -> None:
    content = bytes(range(256)) * 6144  # 1.5 MiB
    pieces = [piece async for piece in async_file_stream(io.BytesIO(content))]
    assert b"".join(pieces) == content
    assert len(pieces) > 1
    assert max(map(len, pieces)) <= 1024 * 1024
    assert [piece async for piece in async_file_stream(io.BytesIO(b""))] == []


async def test_progress_is_reported_after_each_piece() -> None:
    reported: list[int] = []

    class Counting(io.BytesIO):
        def report_progress(self) -> None:
            reported.append(self.tell())

    file = Counting(bytes(512 * 1024))
    assert sum(map(len, file_stream(file))) == 512 * 1024
    assert reported == [256 * 1024, 512 * 1024]
    reported.clear()
    file.seek(0)
    assert [len(piece) async for piece in async_file_stream(file)] == [512 * 1024]
    assert reported == [512 * 1024]
