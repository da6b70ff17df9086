# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from attrs import define as _define
from attrs import field as _field

from ..types import NONE, File, Model, extras


@_define
class UploadImageBody(Model):
    """UploadImageBody, as the contract names it.

    Attributes:
        image: The image, with its file name.
        overwrite: `true` replaces a file of the same name on a self-hosted server. The cloud names
            files by content and has nothing to replace.
        subfolder: Folder to store it in. The cloud only repeats it in the response; a self-hosted
            server uses it.
        type_: Store to put it in. Send `input` for images that workflows load: the cloud takes
            `output` when it is absent, self-hosted servers `input`.
    """

    image: File | None = None
    overwrite: str | None = None
    subfolder: str | None = None
    type_: str | None = None
    additional_properties: dict[str, Any] = _field(factory=dict)

    _JSON_NAMES: ClassVar[Mapping[str, str]] = {
        "image": "image",
        "overwrite": "overwrite",
        "subfolder": "subfolder",
        "type": "type_",
    }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = cls.__new__(cls)
        get = data.get
        self.image = get("image")
        self.overwrite = get("overwrite")
        self.subfolder = get("subfolder")
        self.type_ = get("type")
        self.additional_properties = NONE if data.keys() <= _KNOWN else extras(data, _KNOWN)
        return self


_KNOWN = frozenset(UploadImageBody._JSON_NAMES)
