"""Malformed HTTP responses, by kind: the bytes that a raw server sends before it closes.

Where a server can put text of its own, the API key is quoted.
"""

from __future__ import annotations

import gzip
import json
import zlib

KEY = "sk-Zq9x77vAbC12345678"
_ECHO = KEY.encode()
_JOB = "11111111-2222-4333-8444-555555555555"
_JSON = json.dumps({"prompt_id": _JOB, "number": 1, "node_errors": {}}).encode()
_LENGTH = b"Content-Length: %d\r\n" % len(_JSON)
_TYPE = b"Content-Type: application/json\r\n"
_CLOSE = b"Connection: close\r\n"
_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _OK + _TYPE + _CLOSE + b"Transfer-Encoding: chunked\r\n\r\n"
_WHOLE = _OK + _TYPE + _CLOSE + _LENGTH + b"\r\n" + _JSON


def _sent(*headers: bytes, body: bytes = _JSON, status: bytes = b"200 OK") -> bytes:
    length = b"Content-Length: %d\r\n" % len(body)
    lines = b"".join(header + b"\r\n" for header in headers)
    return b"HTTP/1.1 " + status + b"\r\n" + _TYPE + _CLOSE + length + lines + b"\r\n" + body


def _without_length(*headers: bytes, body: bytes = _JSON, status: bytes = b"200 OK") -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return b"HTTP/1.1 " + status + b"\r\n" + _TYPE + _CLOSE + lines + b"\r\n" + body


def _encoded(name: bytes, body: bytes) -> bytes:
    return _sent(b"Content-Encoding: " + name, body=body)


KINDS: dict[str, bytes] = {
    # The status line
    "no bytes": b"",
    "no status line": b"hello " + _ECHO + b"\r\n\r\n",
    "half a status line": b"HTTP/1.1 20",
    "status line without a status": b"HTTP/1.1\r\n\r\n",
    "status of letters": b"HTTP/1.1 abc " + _ECHO + b"\r\n\r\n" + _JSON,
    "status of four digits": _sent(status=b"2000 OK"),
    "status of 999": _sent(status=b"999 " + _ECHO),
    "status of 000": _sent(status=b"000 x"),
    "negative status": _sent(status=b"-200 OK"),
    "status 101": _without_length(b"Upgrade: x", status=b"101 Switching Protocols"),
    "reason in bytes that are not text": _sent(status=b"200 \xff\xfe\x80"),
    "reason of 70,000 characters": _sent(status=b"200 " + b"a" * 70_000),
    "HTTP/0.9": _JSON,
    "HTTP/9.9": _WHOLE.replace(b"HTTP/1.1", b"HTTP/9.9", 1),
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(18),
    "TLS record": b"\x15\x03\x01\x00\x02\x02\x46" + bytes(40),
    "random bytes": bytes(range(256)) * 4,
    "100 forever": b"HTTP/1.1 100 Continue\r\n\r\n" * 200,
    # Headers
    "header without a colon": _sent(b"no colon " + _ECHO),
    "header with an empty name": _sent(b": " + _ECHO),
    "header name with a space": _sent(b"bad name: " + _ECHO),
    "header name in UTF-8": _sent("næme: 1".encode()),
    "header with a nul byte": _sent(b"X-Nul: a\0" + _ECHO),
    "header with a bare carriage return": _sent(b"X-Cr: a\rb" + _ECHO),
    "header in bytes that are not text": _sent(b"X-Bytes: \xff\xfe\x80\xc3"),
    "folded header": _sent(b"X-Folded: a\r\n  b " + _ECHO),
    "huge header": _sent(b"X-Huge: " + b"a" * 300_000),
    "20,000 header lines": _sent(*[b"X-Many: a"] * 20_000),
    "bare line feeds": _WHOLE.replace(b"\r\n", b"\n"),
    "end after the status line": _OK,
    "end inside a header": _OK + _TYPE + b"X-Half: " + _ECHO,
    # Lengths
    "length that is too long": _OK + _CLOSE + b"Content-Length: 5000\r\n\r\n" + _JSON,
    "length that is too short": _OK + _CLOSE + b"Content-Length: 5\r\n\r\n" + _JSON,
    "two lengths": _sent(b"Content-Length: 7"),
    "negative length": _without_length(b"Content-Length: -5"),
    "length of letters": _without_length(b"Content-Length: " + _ECHO),
    "length of 6,000 digits": _without_length(b"Content-Length: " + b"9" * 6_000),
    "length and chunks": _CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\n") + b"0\r\n\r\n",
    "no body": _OK + _CLOSE + _LENGTH + b"\r\n",
    "junk after the body": _WHOLE + _ECHO * 100,
    # Chunks
    "bad size of a chunk": _CHUNKED + b"zz" + _ECHO + b"\r\n" + _JSON,
    "negative size of a chunk": _CHUNKED + b"-5\r\n" + _JSON,
    "huge size of a chunk": _CHUNKED + b"f" * 400 + b"\r\n" + _JSON,
    "cut chunk": _CHUNKED + b"ff\r\n" + _JSON,
    "chunk without its end": _CHUNKED + b"%x\r\n" % len(_JSON) + _JSON + b"xx0\r\n\r\n",
    "no last chunk": _CHUNKED + b"%x\r\n" % len(_JSON) + _JSON + b"\r\n",
    "bad trailer": _CHUNKED + b"0\r\nno colon " + _ECHO + b"\r\n\r\n",
    "unknown transfer encoding": _without_length(b"Transfer-Encoding: " + _ECHO),
    # Encodings
    "bad gzip": _encoded(b"gzip", b"not gzip " + _ECHO),
    "cut gzip": _encoded(b"gzip", gzip.compress(_JSON * 50)[:-20]),
    "bad checksum in gzip": _encoded(b"gzip", gzip.compress(_JSON)[:-8] + bytes(8)),
    "bad deflate": _encoded(b"deflate", b"\xff" * 40),
    "cut deflate": _encoded(b"deflate", zlib.compress(_JSON)[:-6]),
    "bad brotli": _encoded(b"br", b"\xff" * 40),
    "bad zstd": _encoded(b"zstd", b"\x28\xb5\x2f\xfd" + b"\xff" * 40),
    "three encodings": _encoded(b"gzip, br, zstd", _JSON),
    "unknown encoding": _encoded(_ECHO, _JSON),
    "unknown charset": _WHOLE.replace(b"application/json", b"application/json; charset=" + _ECHO),
    # Values of headers
    "redirect to an invalid address": _sent(b"Location: http://[" + _ECHO, status=b"302 Found"),
    "redirect to a bad port": _sent(b"Location: http://127.0.0.1:99999999/" + _ECHO, status=b"302 Found"),
    "redirect to a long host": _sent(b"Location: http://" + b"a" * 300 + b"/", status=b"302 Found"),
    "redirect without a location": _sent(status=b"302 Found"),
    "redirect in bytes that are not text": _sent(b"Location: \xff\xfe", status=b"302 Found"),
    "range of 6,000 digits": _sent(
        b"Content-Range: bytes 0-" + b"9" * 6_000 + b"/*", status=b"206 Partial Content"
    ),
    "bad cookies": _sent(b"Set-Cookie: =;;\xff=" + _ECHO, b"Set-Cookie: a=b; expires=x; domain=[; path"),
    "bad times": _sent(b"Date: " + _ECHO, b"Last-Modified: -1", b"Retry-After: " + b"9" * 6_000),
    "bad time to retry": _sent(b"Retry-After: " + b"9" * 6_000, status=b"503 x"),
    # Bodies
    "deep JSON": _sent(body=b'{"jobs":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "deep JSON of an error": _sent(body=b'{"error":' * 50_000, status=b"400 x"),
    "number of 6,000 digits": _sent(body=b'{"prompt_id": ' + b"9" * 6_000 + b"}"),
    "JSON in UTF-16": _sent(body=_JSON.decode().encode("utf-16")),
    "bytes that are not text": _sent(body=b"\xff\xfe\x80" * 20),
}
