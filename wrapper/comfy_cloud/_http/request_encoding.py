"""From a generated request to what httpx sends: body, headers, whether it may be sent twice.

The body of an upload is an open file. Its position is read and restored here; its content is not
read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_cloud_api import types
from comfy_cloud_api.types import X_API_KEY, Operation, Request, key_sent

from ..errors import ConfigurationError
from ..retry import REPEATABLE_METHODS
from .forms import Form

if TYPE_CHECKING:
    from .._settings.fields import Secret

# POST operations that store content under its hash or under an id that we choose: sending twice
# does no more.
_REPEATABLE_POSTS = frozenset(
    {"uploadImage", "uploadMask", "uploadAsset", "createAssetFromHash", "addAssetTags"}
)
# Generated requests with an id like ".." raise an error of ours.
types.argument_error = ConfigurationError

_JSON_HEADERS = [(b"Content-Type", b"application/json")]


def body_of(request: Request) -> tuple[dict[str, Any], list[tuple[bytes, bytes]]]:
    """The arguments of `httpx.Request` for the body of a request, and the headers that go with it.

    Headers and cookies that are parameters of the operation are among them. Raises
    ConfigurationError when a JSON body contains something that JSON cannot express.
    """
    arguments, headers = _content_of(request)
    if request.headers:
        own = [(name.encode("ascii"), value.encode("ascii")) for name, value in request.headers.items()]
        return arguments, [*headers, *own]
    return arguments, headers


def _content_of(request: Request) -> tuple[dict[str, Any], list[tuple[bytes, bytes]]]:
    if request.json is not None:
        content_type = request.content_type
        try:
            content = types.encode_json(request.json)
        except TypeError as error:
            what = f"{request.operation.method} {request.operation.path}"
            raise ConfigurationError(f"The body of {what} cannot be written as JSON: {error}") from None
        headers = [(b"Content-Type", content_type.encode())] if content_type else _JSON_HEADERS
        return {"content": content}, headers
    if request.parts is not None:
        form = Form(request.parts)
        headers = [
            (b"Content-Type", form.content_type.encode()),
            (b"Content-Length", str(form.length).encode()),
        ]
        return {"content": form}, headers
    if request.content is not None:
        content_type = request.content_type or "application/octet-stream"
        headers = [(b"Content-Type", content_type.encode())]
        length = _remaining(request.content)
        if length is not None:
            headers.append((b"Content-Length", str(length).encode()))
        return {"content": request.content}, headers
    return {}, []


def _remaining(content: Any) -> int | None:
    """The bytes from an open file's position to its end; None for anything else, and for a pipe."""
    if not hasattr(content, "read") or not content.seekable():
        return None
    start: int = content.tell()
    end: int = content.seek(0, 2)
    content.seek(start)
    return end - start


class Rewinder:
    """Rewinds a body that is an open file to where it began, so that it can be sent again.

    Bytes and text need no rewinding. A stream without positions cannot be sent again.
    """

    def __init__(self, content: Any) -> None:
        self._content: Any = content
        self._is_stream = content is not None and not isinstance(content, (bytes, str))
        self._start: int | None = None
        if self._is_stream and hasattr(content, "seekable") and self._content.seekable():
            self._start = self._content.tell()

    def rewind(self) -> bool:
        """Go back to the start of the body. False when that is impossible."""
        if not self._is_stream:
            return True
        if self._start is None:
            return False
        self._content.seek(self._start)
        return True


def is_repeatable(request: Request) -> bool:
    """Whether sending a request twice does no more than sending it once.

    An open file never counts as repeatable.
    """
    is_keyed = request.headers is not None and "Idempotency-Key" in request.headers
    if not (request.method in REPEATABLE_METHODS or request.operation.id in _REPEATABLE_POSTS or is_keyed):
        return False
    return request.content is None or isinstance(request.content, (bytes, str))


def is_upload(request: Request) -> bool:
    """Whether the body is read from files while it is sent, which may take any time."""
    return request.parts is not None or hasattr(request.content, "read")


def headers_for(
    operation: Operation, key: Secret | None, base: list[tuple[bytes, bytes]], body: list[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]]:
    """The headers of one request. The key is among them unless the operation is public."""
    if key is None or operation.key == "none":
        return [*base, *body]
    if operation.credentials is X_API_KEY:
        return [*base, *body, (b"X-API-Key", key.reveal().encode("ascii"))]
    cookies = {name.decode(): value.decode() for name, value in body if name == b"Cookie"}
    _, sent = key_sent(Request(operation, "/", headers=cookies), key.reveal())
    others = (header for header in body if header[0] != b"Cookie")
    return [*base, *others, *((name.encode("ascii"), value.encode("ascii")) for name, value in sent.items())]


def target_for(request: Request, key: Secret | None) -> str:
    """The path and query of a request; the key is in it for operations that read it there.

    It is put behind the base URL. One that does not begin with a slash, such as @host/ or :80/,
    would make another host of that, which would then get the key: it raises ConfigurationError.
    """
    if not request.target.startswith("/"):
        raise ConfigurationError(
            f"A request needs a path that begins with a slash, not {request.target[:80]!r}"
        )
    if key is None or request.operation.credentials is X_API_KEY:
        return request.target
    return key_sent(request, key.reveal())[0]


def with_user(headers: list[tuple[bytes, bytes]], comfy_user: str | None) -> list[tuple[bytes, bytes]]:
    """The headers with the one that names the user, if there is such a setting.

    A self-hosted ComfyUI with several users reads it.
    """
    if comfy_user is None:
        return headers
    others = (header for header in headers if header[0].lower() != b"comfy-user")
    return [*others, (b"comfy-user", comfy_user.encode("ascii"))]
