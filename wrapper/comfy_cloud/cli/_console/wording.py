"""Messages of the library in words of the command line: options and variables, not arguments."""

from __future__ import annotations

import re

# What a Python program can do, and what a user of the command can.
_WORDS = [
    (r"Pass api_key=, set COMFY_CLOUD_API_KEY", "Set COMFY_CLOUD_API_KEY"),
    (r"Check api_key=, COMFY_CLOUD_API_KEY", "Check COMFY_CLOUD_API_KEY"),
    (r"; pass the key as api_key", "; set COMFY_CLOUD_API_KEY, or run `comfy-cloud auth login`"),
    (r"pass storage_hosts=\['([^']*)'\]", r"set COMFY_CLOUD_STORAGE_HOSTS=\1"),
    (r"check proxy=, ALL_PROXY", "check COMFY_CLOUD_PROXY, ALL_PROXY"),
    (r"from the argument base_url=", "from the option --base-url"),
    (r"pass base_url=, or set COMFY_CLOUD_BASE_URL", "use --base-url, or set COMFY_CLOUD_BASE_URL"),
    (r"pass comfy_user= with the id, or set COMFY_CLOUD_COMFY_USER", "set COMFY_CLOUD_COMFY_USER to its id"),
    (r", or pass allow_insecure=True if you trust the network", ""),
    (
        r"pass a larger max_response_bytes= to the client, or None for no limit",
        "use a Python program with ComfyCloud(max_response_bytes=None)",
    ),
    (r"check that base_url is the API", "check that --base-url or COMFY_CLOUD_BASE_URL is the API"),
    (r"\bbase_url (?=cannot|must|needs)", "the base URL (--base-url, COMFY_CLOUD_BASE_URL or a profile) "),
    (r"request\(\) takes a path without (.*), or use params=", r"PATH must be without \1, or use --param"),
    (r"request\(\) takes content_type= as a media type", "--content-type takes a media type"),
    (r"give an address for it \(remote_url\)", "give an address for it with --remote-url"),
    (r"allow it with read_only=False", "allow it with --no-read-only"),
    (r"pass overwrite=True to replace it", "use --overwrite to replace it"),
    (r"pass if_exists=\"(\w+)\"", r"use --if-exists \1"),
    (r"Pass them in inputs=, as a Path or as bytes, for", "Pass them with --input NODE.INPUT=FILE, for"),
    (r"allow it with submit=True", "allow it with --submit"),
    (r"^There is no profile '([\w-]+)' in .*", r"\g<0>; `comfy-cloud auth login --profile \1` makes it"),
    (r"^job (\S+) was not finished .*", r"\g<0>. It goes on; `comfy-cloud jobs wait \1` waits for it"),
    (r"(?s)^(job (\S+) failed\b.*?)[.\s]*\Z", r"\1. `comfy-cloud jobs explain \2` says what to try"),
    (r"(?s)^402 .*", r"\g<0>. `comfy-cloud auth status` shows the plan and the credits"),
    (r"\bidempotency_key (?=must)", "--idempotency-key "),
    (r"; or give all machines one store: idempotency_store=", ", or set COMFY_CLOUD_IDEMPOTENCY_STORE"),
    (r"Give all of them one store: idempotency_store=", "Set COMFY_CLOUD_IDEMPOTENCY_STORE on all of them"),
    (r"\bidempotency_store\b", "COMFY_CLOUD_IDEMPOTENCY_STORE"),
    (r"api='v2' asks for it at once", "--api v2, or COMFY_CLOUD_API=v2, asks for it at once"),
    (r"(Make one: comfy-cloud history sync), or cloud\.mirror\(\)\.sync\(\)", r"\1"),
    (r"^engine=\"duckdb\" needs ", "--engine duckdb needs "),
    (r"^map was left: ", "the sweep was left: "),
    (r"^files_port (.*) choose another, or 0 for any$", r"port \1 choose another with --files-port"),
    (r"choose another, or 0 for any$", "choose another with --port N, or any free one with --port 0"),
    (
        r"^host='([^']*)' lets other machines in: give key= a key of your own, of at least (\d+) characters$",
        r"--host \1 lets other machines in: give it a key of your own, of at least \2 characters, with --key "
        r"or COMFY_CLOUD_EMULATOR_KEY",
    ),
    (
        r"^a public URL lets other machines in: give key= a key of your own, of at least (\d+) characters$",
        r"--public-url lets other machines in: give it a key of your own, of at least \1 characters, with "
        r"--key or COMFY_CLOUD_EMULATOR_KEY",
    ),
    (r"^host: (?=expected)", "--host: "),
    (r"^public_url: (?=expected)", "--public-url: "),
    (r"^public_files_url: (?=expected)", "--public-files-url: "),
    (r"^port and files_port are both", "--port and --files-port are both"),
    (r"choose another host$", "choose another with --host"),
    (r"^timeout (?=must)", "the timeout (--timeout, COMFY_CLOUD_TIMEOUT or a profile) "),
]


def in_command_words(message: str) -> str:
    """The message with what the command offers in place of arguments that it does not have."""
    for pattern, words in _WORDS:
        message = re.sub(pattern, words, message)
    return message
