"""One normaliser per setting: what is accepted, how it is kept, and a clear error for the rest.

Pure rules. The API key is wrapped in a `Secret`, so that no repr, log line or traceback shows it.
"""

from __future__ import annotations

import re
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from ..retry import Retry

ApiChoice = Literal["auto", "v1", "v2"]
API_CHOICES: tuple[ApiChoice, ...] = get_args(ApiChoice)

DEFAULT_BASE_URL = "https://cloud.comfy.org"
DEFAULT_TIMEOUT = 30.0
DEFAULT_MAX_CONNECTIONS = 100

# Host names, international ones included, and IPv4 and IPv6 addresses. No backslash, no brackets.
_HOST = re.compile(r"[\w.:%-]+")
_INVALID_HOST = (
    f"base_url cannot be read: its host or port is not valid. Expected something like {DEFAULT_BASE_URL}"
)


class Secret:
    """A text that only `reveal()` shows: not a repr, a format string, a log line, or a pickle."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('****')"

    def __str__(self) -> str:
        return "****"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> Any:
        raise TypeError("A secret cannot be pickled; give the other process its own key")


def base_url_from(value: object) -> str:
    """A base URL without a trailing slash or `/api`.

    Raises ConfigurationError for credentials, a query or a fragment in it. No error repeats the
    value: it may contain a password.
    """
    text = str(value).strip()
    if any(character.isspace() or not character.isprintable() for character in text):
        raise ConfigurationError(
            f"base_url must not contain a space or line break. Expected something like {DEFAULT_BASE_URL}"
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:  # its message quotes parts of the URL
        raise ConfigurationError(_INVALID_HOST) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigurationError(f"base_url needs http:// or https:// and a host, like {DEFAULT_BASE_URL}")
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError("base_url must not contain a user name or password; pass the key as api_key")
    if parts.query or parts.fragment:
        raise ConfigurationError("base_url must not contain a query or fragment")
    if port == 0 or not _HOST.fullmatch(parts.hostname):
        raise ConfigurationError(_INVALID_HOST)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    path = parts.path.rstrip("/")
    while path.endswith("/api"):
        path = path.removesuffix("/api").rstrip("/")
    return f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{path}"


def secret_from(value: object, what: str) -> Secret | None:
    """A key as a Secret, without white space around it. None and blank text mean that there is no
    key.

    Raises ConfigurationError for a key that does not fit into an HTTP header. `what` names the
    key in the error.
    """
    if value is None or isinstance(value, Secret):
        return value
    if not isinstance(value, str):
        raise ConfigurationError(f"The {what} must be text, not {type(value).__name__}")
    text = value.strip()  # also the line end of a file or a command
    if not text:
        return None
    if any(ord(character) < 33 or ord(character) > 126 for character in text):
        raise ConfigurationError(
            f"The {what} contains a space, a line break or a character that is not ASCII. Copy it again, "
            "without what stands before and behind it."
        )
    return Secret(text)


def comfy_user_from(value: object) -> str | None:
    """The id of a user of a self-hosted server. None and blank text mean that there is none.

    Raises ConfigurationError for one that does not fit into an HTTP header.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise ConfigurationError(f"comfy_user must be text, not {type(value).__name__}")
    text = value.strip(" \t")
    if any(ord(character) < 33 or ord(character) > 126 for character in text):
        raise ConfigurationError(
            f"comfy_user must be the id of a user, without spaces and only in ASCII, not {value!r}. "
            "GET /api/users of the server lists the ids"
        )
    return text or None


def api_from(value: object) -> ApiChoice:
    """Which version of the API is used: "auto", "v1" or "v2". None and blank text mean "auto"."""
    text = value.strip().lower() if isinstance(value, str) else value
    if text is None or text == "":
        return "auto"
    for choice in API_CHOICES:
        if text == choice:
            return choice
    raise ConfigurationError(f"api must be {', '.join(API_CHOICES[:-1])} or {API_CHOICES[-1]}, not {value!r}")


def timeout_from(value: object) -> float:
    """The seconds that a connection may stay silent: finite and above zero."""
    if value is None:
        return DEFAULT_TIMEOUT
    try:
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise ValueError
        seconds = float(value)
    except (ValueError, OverflowError):
        raise ConfigurationError(f"timeout must be a number of seconds, not {value!r}") from None
    if not 0 < seconds < 1e7:
        raise ConfigurationError(f"timeout must be above 0 and finite, not {value!r}")
    return seconds


def retry_from(value: object) -> Retry:
    """A retry policy. A whole number is short for that many attempts."""
    if value is None:
        return Retry()
    if isinstance(value, Retry):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Retry(attempts=value)
    raise ConfigurationError(f"retry must be a Retry or a number of attempts, not {value!r}")


def max_connections_from(value: object) -> int:
    """The most connections that are open at the same time."""
    if value is None:
        return DEFAULT_MAX_CONNECTIONS
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigurationError(f"max_connections must be a whole number of 1 or more, not {value!r}")
    return value


def max_response_bytes_from(value: object) -> int | None:
    """The most bytes that a response may have, decoded; None for no limit."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigurationError(
            f"max_response_bytes must be a whole number of 1 or more, or None for no limit, not {value!r}"
        )
    return value


def in_bytes(size: int | None) -> str:
    """A number of bytes as text: in MiB where that is exact."""
    if size is not None and size >= 2**20 and size % 2**20 == 0:
        return f"{size // 2**20} MiB"
    return f"{size} bytes"
