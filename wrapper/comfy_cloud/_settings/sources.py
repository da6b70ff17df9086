"""Which source a setting comes from: argument over environment over profile over default.

The key has one more source after these: the variable of the vendor's SDK. A pure rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import ConfigurationError
from .fields import DEFAULT_BASE_URL, base_url_from
from .origins import is_comfy_cloud, is_loopback, origin_of

if TYPE_CHECKING:
    from .profile_rules import Profile

T = TypeVar("T")

ENVIRONMENT = {
    "api_key": "COMFY_CLOUD_API_KEY",
    "base_url": "COMFY_CLOUD_BASE_URL",
    "partner_api_key": "COMFY_CLOUD_PARTNER_API_KEY",
    "timeout": "COMFY_CLOUD_TIMEOUT",
    "storage_hosts": "COMFY_CLOUD_STORAGE_HOSTS",
    "proxy": "COMFY_CLOUD_PROXY",
    "ca_file": "COMFY_CLOUD_CA_FILE",
    "comfy_user": "COMFY_CLOUD_COMFY_USER",
    "api": "COMFY_CLOUD_API",
    "profile": "COMFY_CLOUD_PROFILE",
}
STORE_VARIABLE = "COMFY_CLOUD_IDEMPOTENCY_STORE"
VENDOR_KEY_VARIABLE = "COMFY_API_KEY"
"""The variable that the vendor's own SDK reads. Its key is for Comfy Cloud."""


class Sources:
    """Takes each setting from the first source that has it, and records that source in `used`.

    `arguments` has an entry for each setting, None where the caller did not pass it.
    `read_profile` is called at most once, and only when a setting is in neither the arguments nor
    the environment.
    """

    def __init__(
        self,
        arguments: Mapping[str, Any],
        environment: Mapping[str, str],
        read_profile: Callable[[], Profile],
    ) -> None:
        self.used: dict[str, str] = {}
        self._arguments = arguments
        self._environment = environment
        self._read_profile = read_profile
        self._profile: Profile | None = None

    def take_key(self, url: str) -> Any:
        """The API key for the server at `url`, or None.

        The variable of the vendor's SDK counts if there is no key elsewhere, and only for Comfy
        Cloud and for this machine, where an emulator may be.
        """
        value = self.take("api_key", url)
        if value is not None or not self._environment.get(VENDOR_KEY_VARIABLE):
            return value
        host = origin_of(url)[1]
        if is_comfy_cloud(host) or is_loopback(host):
            self.used["api_key"] = f"environment variable {VENDOR_KEY_VARIABLE}"
            return self._environment[VENDOR_KEY_VARIABLE]
        if self.used["api_key"] == "default":
            self.used["api_key"] = f"none: the key in {VENDOR_KEY_VARIABLE} is for Comfy Cloud only"
        return None

    def parsed(self, name: str, parse: Callable[[Any], T], url: str | None = None) -> T:
        """The value of a setting as `parse` returns it. Its errors also name the source."""
        value = self.take_key(url) if name == "api_key" and url else self.take(name, url)
        try:
            return parse(value)
        except ConfigurationError as error:
            if self.used[name] == "argument":
                raise
            raise ConfigurationError(
                f"{error.message.rstrip('.')}. It comes from the {self.used[name]}"
            ) from None

    def take(self, name: str, url: str | None = None) -> Any:
        """The value of a setting, or None.

        With `url`, a profile gives the setting, such as its key, only to its own server.
        """
        if self._arguments[name] is not None:
            self.used[name] = "argument"
            return self._arguments[name]
        if self._environment.get(ENVIRONMENT[name]):
            self.used[name] = f"environment variable {ENVIRONMENT[name]}"
            return self._environment[ENVIRONMENT[name]]
        if self._profile is None:
            self._profile = self._read_profile()
        profile = self._profile
        if url is not None and profile.exists and (name == "api_key" or profile.get(name) is not None):
            home = base_url_from(profile.get("base_url") or DEFAULT_BASE_URL)
            if origin_of(home) != origin_of(url):
                what = "key" if name == "api_key" else name
                self.used[name] = f"none: the {what} of profile {profile.name!r} is for {home} only"
                return None
        value = profile.get(name)
        self.used[name] = f"profile {profile.name!r}" if value is not None else "default"
        return value
