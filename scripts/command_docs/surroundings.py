"""What the command reads besides its arguments: environment variables and files."""

from __future__ import annotations

from collections.abc import Mapping

from comfy_cloud._settings.sources import ENVIRONMENT, VENDOR_KEY_VARIABLE
from comfy_cloud._settings.user_folders import CACHE_VARIABLE, CONFIG_VARIABLE, PROFILE_FILE

_SETTINGS = {
    "api_key": "The API key.",
    "base_url": "The server; default: Comfy Cloud.",
    "partner_api_key": "The key for nodes of partner services.",
    "timeout": "Seconds that a request may take.",
    "storage_hosts": "Further hosts from which files may be fetched.",
    "proxy": "The proxy for all requests.",
    "ca_file": "A file with the certificates to trust.",
    "comfy_user": "The user of a self-hosted ComfyUI with several.",
    "api": "The API to use.",
    "profile": "The profile to use where `--profile` is not given.",
}
_OTHERS = {
    VENDOR_KEY_VARIABLE: "The API key for Comfy Cloud where there is no other.",
    CONFIG_VARIABLE: "The folder of the profiles.",
    CACHE_VARIABLE: "The folder of copies that save time.",
    "COMFY_CLOUD_EMULATOR_KEY": "The key that `emulate` accepts where `--key` is not given.",
    "COMFY_CLOUD_STATE_DIR": "The folder of the records and logs of emulators.",
    "NO_COLOR": "If not empty: no colors.",
    "COLUMNS": "The width of the terminal.",
    "TERM": "If `dumb`: nothing is colored or drawn anew.",
}


def environment_variables() -> Mapping[str, str]:
    """The variables with their meanings. Raises KeyError for a setting without a text."""
    return {**{variable: _SETTINGS[name] for name, variable in ENVIRONMENT.items()}, **_OTHERS}


FILES = {
    f"~/.config/comfy-cloud/{PROFILE_FILE}": "The profiles, which `auth` and `config` write. Keys are in the "
    "system's keyring, or in a file beside it that only its owner can read.",
    "~/.cache/comfy-cloud/": "Node classes of servers, and what shells complete. It may be deleted.",
    "~/.local/state/comfy-cloud/": "The records and logs of emulators in the background.",
}
"""On Linux. macOS and Windows have other folders, which `config show` names."""
