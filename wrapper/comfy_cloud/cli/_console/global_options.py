"""The values of the global options, which each command is passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .streams import ColorChoice

if TYPE_CHECKING:
    from comfy_cloud import Retry
    from comfy_cloud._settings.fields import ApiChoice


class GlobalOptions:
    """The values of the global options; None where one was not given."""

    def __init__(self) -> None:
        self.profile: str | None = None
        self.base_url: str | None = None
        self.api: ApiChoice | None = None
        self.timeout: float | None = None
        self.retries: int | None = None
        self.verbose: bool | None = None
        self.color: ColorChoice | None = None
        self.is_noted = False  # that the key is the one of the vendor's variable

    @property
    def retry(self) -> Retry | None:
        """The retry policy; None for the library's default."""
        if self.retries is None:
            return None
        from comfy_cloud import Retry

        return Retry(attempts=self.retries + 1)
