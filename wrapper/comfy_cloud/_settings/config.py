"""Settings of a client: frozen, each with the source that it came from. Argument over environment over profile.

One normaliser per field, each with a clear ConfigurationError. It reads the environment and, through `profiles`, the
profile file; it opens no connection. The API key is wrapped so that no repr, log line or traceback shows it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from ..retry import Retry

if TYPE_CHECKING:
    from .profiles import Profile

DEFAULT_BASE_URL = "https://cloud.comfy.org"
DEFAULT_TIMEOUT = 30.0
DEFAULT_MAX_CONNECTIONS = 100
ENVIRONMENT = {
    "api_key": "COMFY_CLOUD_API_KEY",
    "base_url": "COMFY_CLOUD_BASE_URL",
    "partner_api_key": "COMFY_CLOUD_PARTNER_API_KEY",
    "timeout": "COMFY_CLOUD_TIMEOUT",
    "profile": "COMFY_CLOUD_PROFILE",
}
_HOST = re.compile(
    r"[\w.:%-]+"
)  # names, also with umlauts, and addresses of both kinds; no backslash, no brackets


class Secret:
    """A text that shows itself only to `reveal()`: not in a repr, a format string, a log line, or a pickle."""

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


@dataclass(frozen=True, slots=True)
class Settings:
    """What a client was set up with. `sources` names for each field where its value came from."""

    base_url: str
    api_key: Secret | None
    partner_api_key: Secret | None
    timeout: float
    retry: Retry
    max_connections: int
    allow_insecure: bool
    strict: bool
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port of the API: the only place that the key may go to."""
        return origin_of(self.base_url)

    @property
    def is_comfy_cloud(self) -> bool:
        """True for Comfy Cloud itself, which takes no call without a key; a server of one's own may."""
        host = self.origin[1]
        return host == "comfy.org" or host.endswith(".comfy.org")


def load(
    *,
    api_key: str | None = None,
    base_url: str | None = None,
    partner_api_key: str | None = None,
    timeout: float | None = None,
    retry: Retry | int | None = None,
    max_connections: int | None = None,
    allow_insecure: bool = False,
    strict: bool = False,
    profile: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Settings from arguments, then the environment, then the profile, then the defaults.

    Raises ConfigurationError for a value that cannot be used, and for a named profile that does not exist.
    """
    env = os.environ if environment is None else environment
    given = {"api_key": api_key, "base_url": base_url, "partner_api_key": partner_api_key, "timeout": timeout}
    chosen = _Chooser(given, env, profile or env.get(ENVIRONMENT["profile"]) or None)
    url = chosen.take("base_url")
    url = base_url_from(DEFAULT_BASE_URL if url is None else url)
    key = secret_from(chosen.take("api_key", url), "API key")
    partner = secret_from(chosen.take("partner_api_key"), "partner API key")
    seconds = timeout_from(chosen.take("timeout"))
    _refuse_key_in_the_clear(url, key, allow_insecure)
    return Settings(
        base_url=url,
        api_key=key,
        partner_api_key=partner,
        timeout=seconds,
        retry=retry_from(retry),
        max_connections=max_connections_from(max_connections),
        allow_insecure=allow_insecure,
        strict=strict,
        sources=chosen.sources,
    )


class _Chooser:
    """Takes a field from the first source that has it, and remembers which. Reads the profile only when needed."""

    def __init__(self, given: Mapping[str, Any], env: Mapping[str, str], profile: str | None) -> None:
        self.sources: dict[str, str] = {}
        self._given = given
        self._env = env
        self._profile_name = profile
        self._profile: Profile | None = None

    def take(self, name: str, url: str | None = None) -> Any:
        """The first value that a source has. With `url`, a profile gives its key only to the server that it belongs to."""
        if self._given[name] is not None:
            self.sources[name] = "argument"
            return self._given[name]
        if self._env.get(ENVIRONMENT[name]):
            self.sources[name] = f"environment variable {ENVIRONMENT[name]}"
            return self._env[ENVIRONMENT[name]]
        profile = self._read_profile()
        if url is not None and profile.folder is not None:
            home = base_url_from(profile.get("base_url") or DEFAULT_BASE_URL)
            if origin_of(home) != origin_of(url):
                self.sources[name] = f"none: the key of profile {profile.name!r} is for {home} only"
                return None
        value = profile.get(name)
        self.sources[name] = f"profile {profile.name!r}" if value is not None else "default"
        return value

    def _read_profile(self) -> Profile:
        if self._profile is None:
            from . import profiles

            self._profile = profiles.read_profile(self._profile_name, self._env)
        return self._profile


def base_url_from(value: object) -> str:
    """A base URL without a trailing slash or `/api`. Credentials, a query or a fragment in it are refused.

    No error repeats what was given: it may hold a password.
    """
    text = str(value).strip()
    if any(character.isspace() or not character.isprintable() for character in text):
        raise ConfigurationError(
            f"base_url must not hold a space or line break. Expected e.g. {DEFAULT_BASE_URL}"
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:  # its text quotes parts of the URL
        raise ConfigurationError(
            f"base_url cannot be read: its host or port is not valid. Expected e.g. {DEFAULT_BASE_URL}"
        ) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigurationError(f"base_url needs http:// or https:// and a host, e.g. {DEFAULT_BASE_URL}")
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError("base_url must not hold a user name or password; pass the key as api_key")
    if parts.query or parts.fragment:
        raise ConfigurationError("base_url must not hold a query or fragment")
    if port == 0 or not _HOST.fullmatch(parts.hostname):
        raise ConfigurationError(
            f"base_url cannot be read: its host or port is not valid. Expected e.g. {DEFAULT_BASE_URL}"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    path = parts.path.rstrip("/")
    while path.endswith("/api"):
        path = path.removesuffix("/api").rstrip("/")
    return f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{path}"


def secret_from(value: object, what: str) -> Secret | None:
    """A key as a Secret; None and blank mean that there is none. One that no HTTP header can hold is refused."""
    if value is None or isinstance(value, Secret):
        return value
    if not isinstance(value, str):
        raise ConfigurationError(f"The {what} must be text, not {type(value).__name__}")
    text = value.strip(" \t")
    if not text:
        return None
    if any(ord(character) < 33 or ord(character) > 126 for character in text):
        raise ConfigurationError(
            f"The {what} holds a space, a line break or a character that is not ASCII. Copy it again, without quotes and "
            "without the line end."
        )
    return Secret(text)


def timeout_from(value: object) -> float:
    """Seconds that a connection may stay silent: finite and above zero."""
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
    """A retry policy; a whole number is short for that many attempts."""
    if value is None:
        return Retry()
    if isinstance(value, Retry):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Retry(attempts=value)
    raise ConfigurationError(f"retry must be a Retry or a number of attempts, not {value!r}")


def max_connections_from(value: object) -> int:
    """The bound of connections that are open at a time."""
    if value is None:
        return DEFAULT_MAX_CONNECTIONS
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigurationError(f"max_connections must be a whole number of 1 or more, not {value!r}")
    return value


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, lower-case host and port of a URL."""
    parts = urlsplit(url)
    return (
        parts.scheme,
        (parts.hostname or "").lower(),
        parts.port or (443 if parts.scheme == "https" else 80),
    )


def is_loopback(host: str) -> bool:
    """True for a host name or address that never leaves this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False  # a name such as 127.example.org is a host like any other


def _refuse_key_in_the_clear(url: str, key: Secret | None, allow_insecure: bool) -> None:
    scheme, host, _ = origin_of(url)
    if key is not None and scheme == "http" and not is_loopback(host) and not allow_insecure:
        raise ConfigurationError(
            f"The API key would travel unencrypted to {host}. Use https, or pass allow_insecure=True if you trust the network."
        )
