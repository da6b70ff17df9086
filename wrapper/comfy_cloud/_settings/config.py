"""The settings of a client: frozen, each with the source it came from.

`load` reads the environment and, through `profiles`, the profile file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import TYPE_CHECKING

from .._late_names import names_imported_late
from .defaults import DEFAULT_MAX_RESPONSE_BYTES
from .fields import (
    DEFAULT_BASE_URL,
    ApiChoice,
    Secret,
    api_from,
    base_url_from,
    comfy_user_from,
    max_connections_from,
    max_response_bytes_from,
    retry_from,
    secret_from,
    timeout_from,
)
from .network import USUAL_NETWORK, NetworkSettings, ca_file_from, proxy_from
from .origins import is_comfy_cloud, origin_of, refuse_unencrypted_key
from .sources import ENVIRONMENT, STORE_VARIABLE, Sources
from .storage_hosts import AddressPolicy, storage_hosts_from

if TYPE_CHECKING:
    from ..retry import Retry
    from .profile_rules import Profile


@names_imported_late(Retry="..retry")
@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a client. `sources` maps each field to where its value came from."""

    base_url: str
    api_key: Secret | None
    partner_api_key: Secret | None
    timeout: float
    retry: Retry
    max_connections: int
    max_response_bytes: int | None
    allow_insecure: bool
    strict: bool
    storage_hosts: tuple[str, ...] = ()
    network: NetworkSettings = USUAL_NETWORK
    comfy_user: str | None = None
    api: ApiChoice = "auto"
    # A path, a `Secret` with a URL, or a store.
    idempotency_store: object = field(default=None, repr=False)
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port of the API: the only origin that the key is sent to."""
        return origin_of(self.base_url)

    @property
    def is_comfy_cloud(self) -> bool:
        """True for Comfy Cloud itself, which refuses calls without a key.

        Self-hosted servers may not.
        """
        return is_comfy_cloud(self.origin[1])

    @property
    def address_policy(self) -> AddressPolicy:
        """The addresses that are followed when the server names one, such as a signed URL."""
        return AddressPolicy(self.base_url, self.storage_hosts, hidden=(self.api_key, self.partner_api_key))


def load(
    *,
    api_key: str | None = None,
    base_url: str | None = None,
    partner_api_key: str | None = None,
    timeout: float | None = None,
    retry: Retry | int | None = None,
    max_connections: int | None = None,
    max_response_bytes: int | None = DEFAULT_MAX_RESPONSE_BYTES,
    allow_insecure: bool = False,
    strict: bool = False,
    storage_hosts: Sequence[str] | None = None,
    proxy: str | None = None,
    ca_file: str | PathLike[str] | None = None,
    comfy_user: str | None = None,
    api: ApiChoice | None = None,
    idempotency_store: object = None,
    profile: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Settings from arguments, then the environment, then the profile, then the defaults.

    A key may also come from COMFY_API_KEY, after all these.

    Raises ConfigurationError for a value that is not valid, and for a named profile that does not
    exist.
    """
    env = os.environ if environment is None else environment
    profile_name = profile or env.get(ENVIRONMENT["profile"]) or None
    arguments = {
        "api_key": api_key,
        "base_url": base_url,
        "partner_api_key": partner_api_key,
        "timeout": timeout,
        "storage_hosts": storage_hosts,
        "proxy": proxy,
        "ca_file": ca_file,
        "comfy_user": comfy_user,
        "api": api,
    }
    sources = Sources(arguments, env, lambda: _read_profile(profile_name, env))
    url = sources.parsed(
        "base_url", lambda value: base_url_from(DEFAULT_BASE_URL if value is None else value)
    )
    key = sources.parsed("api_key", lambda value: secret_from(value, "API key"), url)
    partner_key = sources.parsed("partner_api_key", lambda value: secret_from(value, "partner API key"))
    seconds = sources.parsed("timeout", timeout_from)
    network = NetworkSettings(sources.parsed("proxy", proxy_from), sources.parsed("ca_file", ca_file_from))
    hosts = sources.parsed("storage_hosts", storage_hosts_from, url)
    user = sources.parsed("comfy_user", comfy_user_from, url)
    chosen_api = sources.parsed("api", api_from)
    # Not in profiles: the URL of a Redis may contain a password.
    store = idempotency_store if idempotency_store is not None else env.get(STORE_VARIABLE) or None
    if store is not None:
        where = "argument" if idempotency_store is not None else f"environment variable {STORE_VARIABLE}"
        sources.used["idempotency_store"] = where
    refuse_unencrypted_key(url, key, allow_insecure=allow_insecure)
    refuse_unencrypted_key(url, partner_key, allow_insecure=allow_insecure, what="partner API key")
    return Settings(
        base_url=url,
        api_key=key,
        partner_api_key=partner_key,
        timeout=seconds,
        retry=retry_from(retry),
        max_connections=max_connections_from(max_connections),
        max_response_bytes=max_response_bytes_from(max_response_bytes),
        allow_insecure=allow_insecure,
        strict=strict,
        storage_hosts=hosts,
        network=network,
        comfy_user=user,
        api=chosen_api,
        idempotency_store=Secret(store) if isinstance(store, str) else store,
        sources=sources.used,
    )


def _read_profile(name: str | None, environment: Mapping[str, str]) -> Profile:
    from .profiles import read_profile  # costs import time, and is not needed when all else is given

    return read_profile(name, environment)
