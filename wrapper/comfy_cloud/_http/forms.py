"""A multipart form as one readable body of known length. Its files are read as it is sent.

httpx writes such forms too, but only in pieces of 64 KiB, and it reads files in the event loop.
Nothing here opens or sends anything.
"""

from __future__ import annotations

import io
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import IO, Any

from comfy_cloud_api.types import Part

# Names are escaped as browsers do it: quotes and control characters are percent-encoded.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ESCAPED = re.compile(r'["\\\x00-\x1a\x1c-\x1f]')


class Form:
    """The parts of a form, in the order given, as a file to `read`.

    `boundary` is random, so that no content can contain it on purpose. Files are read from their
    start and are not closed.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self.boundary = secrets.token_hex(16)
        self._files: list[Any] = []
        self._left: list[IO[bytes]] = []
        text = bytearray()
        length = 0
        for name, (file_name, payload, media_type, *more) in parts:
            text += _head(self.boundary, name, file_name, media_type, more[0] if more else {})
            if isinstance(payload, str):
                text += payload.encode()
            elif isinstance(payload, bytes):
                text += payload
            else:
                length += len(text) + payload.seek(0, os.SEEK_END)
                payload.seek(0)
                self._left += [io.BytesIO(text), payload]
                self._files.append(payload)
                text = bytearray()
            text += b"\r\n"
        text += f"--{self.boundary}--\r\n".encode()
        self._left.append(io.BytesIO(text))
        self.length = length + len(text)

    @property
    def content_type(self) -> str:
        """The media type, with the boundary."""
        return f"multipart/form-data; boundary={self.boundary}"

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes: fewer where a file begins or ends, none at the end of the form."""
        while self._left:
            piece = self._left[0].read(size)
            if piece:
                return piece
            del self._left[0]
        return b""

    def report_progress(self) -> None:
        """Make each file that counts what was sent of it report that."""
        for file in self._files:
            report_progress(file)


def report_progress(file: Any) -> None:
    """Make a file that counts what was sent of it report that, if it is one."""
    report = getattr(file, "report_progress", None)
    if report is not None:
        report()


def _head(
    boundary: str, name: str, file_name: str | None, media_type: str | None, headers: Mapping[str, str]
) -> bytes:
    lines = [f"--{boundary}", f'Content-Disposition: form-data; name="{_escape(name)}"']
    if file_name is not None:
        lines[1] += f'; filename="{_escape(file_name)}"'
    lines += [f"{header}: {_CONTROL.sub('', text)}" for header, text in headers.items()]
    if media_type is None and file_name is not None:
        media_type = "application/octet-stream"
    if media_type is not None:
        lines.append(f"Content-Type: {_CONTROL.sub('', media_type)}")
    # A file name that the system could not decode contains surrogates, which cannot be encoded.
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "replace")


def _escape(text: str) -> str:
    return _ESCAPED.sub(lambda found: "\\\\" if found[0] == "\\" else f"%{ord(found[0]):02X}", text)
