"""Whether a request has its API key where the security schemes of the contract want it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._documents.operations import ContractOperation
from .._documents.security import API_KEY, KeyPlace, places_by_scheme
from .styles import Sent


class KeyRules:
    """The places of keys in one contract. X-API-Key is one whether or not the contract has it."""

    def __init__(self, document: dict[str, Any]) -> None:
        found = (place for place in places_by_scheme(document).values() if place is not None)
        self._all = tuple(dict.fromkeys((API_KEY, *found)))

    def problems(
        self, operation: ContractOperation, headers: Mapping[str, str], query: Sent, cookies: Sent
    ) -> Iterator[str]:
        """What is wrong with the keys of a request; header names are in lower case.

        A key counts where it is sent, whatever it is. A scheme that no key is sent by, such as
        mutual TLS, counts as fulfilled.
        """

        def has(place: KeyPlace) -> bool:
            if place.location == "query":
                return place.name in query
            if place.location == "cookie":
                return place.name in cookies
            prefix = "Basic " if place.location == "basic" else place.prefix
            text = headers.get(place.name.lower())
            return text is not None and text.lower().startswith(prefix.lower())

        if operation.key == "required" and not any(
            all(place is None or has(place) for place in each) for each in operation.security
        ):
            wanted = " or ".join(
                " and ".join(str(place) for place in each if place is not None) for each in operation.security
            )
            yield f"there is no API key, and the operation needs one: {wanted}"
        own = {place for each in operation.security for place in each}
        for place in self._all:
            is_parameter = (place.name, place.location) in operation.parameters
            if place not in own and not is_parameter and has(place):
                takes = "takes it elsewhere" if any(own) else "takes none"
                yield f"there is an API key in the {place}, and the operation {takes}"

    def names(self, operation: ContractOperation, location: str) -> frozenset[str]:
        """The names under which a location of an operation's requests may have a key.

        Those of headers are in lower case.
        """
        return frozenset(
            place.name.lower() if location == "header" else place.name
            for each in operation.security
            for place in each
            if place is not None and place.location == location
        )
