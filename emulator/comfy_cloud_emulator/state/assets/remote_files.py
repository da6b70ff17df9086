"""Model files that the model sites pretend to offer: derived from the URL; nothing is fetched.

The same URL always gives the same small file. Words in its path choose what goes wrong: `huge` is
too large to be imported, `gated` passes every check and fails during the import, `missing` does not
exist. Weights in Python's pickle format (.ckpt, .pt, .pth, .bin) are refused as unsafe, other
extensions than .safetensors as unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from comfy_cloud_emulator.media import samples
from comfy_cloud_emulator.media.media_types import UNKNOWN, suffix_of
from comfy_cloud_emulator.state.json_values import Json

HOSTS: Final = ("huggingface.co", "civitai.com", "civitai.red")
LARGEST_IMPORT: Final = 100 * 1000**3
"""Largest file in bytes that can be imported."""
MODEL_FOLDERS: Final = (
    "checkpoints",
    "clip_vision",
    "controlnet",
    "diffusion_models",
    "embeddings",
    "loras",
    "text_encoders",
    "upscale_models",
    "vae",
)
_PICKLES: Final = frozenset({".ckpt", ".pt", ".pth", ".bin"})


class RemoteRefused(ValueError):
    """The URL names no file that can be imported. `code` is the error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class RemoteFile:
    """A file at a model site. `content_length` is in bytes."""

    url: str
    filename: str
    fails: bool
    is_huge: bool

    @cached_property
    def content(self) -> bytes:
        """The bytes that importing it gives."""
        return samples.safetensors(self.url)

    @property
    def content_length(self) -> int:
        """Its length; that of a huge file is made up."""
        return LARGEST_IMPORT + 1 if self.is_huge else len(self.content)

    @property
    def name(self) -> str:
        """Title for people."""
        return self.filename.rpartition(".")[0].replace("_", " ").replace("-", " ").strip() or self.filename

    @property
    def tags(self) -> list[str]:
        """Tags derived from the URL: `models`, and the folder if the path names one."""
        path_text = unquote(urlsplit(self.url).path).lower().replace("-", "_").split("/")
        folder = next((folder for folder in MODEL_FOLDERS if folder in path_text), None)
        if folder is None and "lora" in self.filename.lower():
            folder = "loras"
        return ["models"] if folder is None else ["models", folder]

    @property
    def problems(self) -> list[Json]:
        """The reasons against an import."""
        found: list[Json] = []
        suffix = suffix_of(self.filename)
        if self.is_huge:
            found.append(_problem("FILE_TOO_LARGE", "the file is larger than 100 GB", "content_length"))
        if suffix in _PICKLES:
            found.append(_problem("UNSAFE_PICKLE_SCAN", "pickled weights may run code when loaded", "format"))
        elif suffix != ".safetensors":
            found.append(_problem("FORMAT_NOT_ALLOWED", "only .safetensors files are imported", "format"))
        return found

    def metadata(self) -> Json:
        """The file as `GET /api/assets/remote-metadata` describes it."""
        return {
            "content_length": self.content_length,
            "content_type": UNKNOWN,
            "filename": self.filename,
            "name": self.name,
            "tags": self.tags,
            "validation": {"is_valid": not self.problems, "errors": self.problems, "warnings": []},
        }


def remote_file_at(url: str) -> RemoteFile:
    """The file at a URL. Raises RemoteRefused for other sites, for pages, and for missing files."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        raise RemoteRefused("INVALID_URL", "this is not a valid URL") from None
    if parts.scheme not in ("http", "https") or not host:
        raise RemoteRefused("INVALID_URL", "expected a URL that begins with https://")
    if host not in HOSTS:
        raise RemoteRefused(
            "UNSUPPORTED_SOURCE", f"files are imported from {', '.join(HOSTS)} only, not from {host}"
        )
    filename = _filename(host, parts.path, parts.query)
    if filename is None:
        raise RemoteRefused("INVALID_URL", "the URL names no file; use its download URL")
    path_text = unquote(parts.path).lower()
    if "missing" in path_text:
        raise RemoteRefused("NOT_FOUND", f"{host} has no such file")
    return RemoteFile(url, filename, fails="gated" in path_text, is_huge="huge" in path_text)


def _filename(host: str, path: str, query: str) -> str | None:
    segments = [unquote(segment) for segment in path.split("/") if segment]
    if host == "huggingface.co":
        # owner/repository/resolve/revision/path, or `blob` as in the site's own links.
        is_file = len(segments) >= 5 and segments[2] in ("resolve", "blob")
        return segments[-1] if is_file else None
    if segments[:3] == ["api", "download", "models"] and len(segments) == 4:
        return f"civitai_{segments[3]}.safetensors"
    if len(segments) >= 2 and segments[0] == "models":
        version = parse_qs(query).get("modelVersionId", [segments[1]])[0]
        return f"civitai_{version}.safetensors"
    return None


def _problem(code: str, message: str, field: str) -> Json:
    return {"code": code, "message": message, "field": field}
