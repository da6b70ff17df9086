# Made from wrapper/comfy_cloud/_async/_submission/map_keys.py by `make unasync`. Do not edit.
"""The idempotency keys of one map: one for each variant, made of the map's key.

A variant is identified by what it runs, as in a journal, and by how many like it came before. So
inputs may be reordered, and others added. The key of the map itself belongs to one workflow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._submission.graph_identity import exact_digest
from ..._submission.idempotency_keys import SubmissionKey, nonce_of, nonce_of_variant
from .._http.session import Session
from .key_use import conflict

if TYPE_CHECKING:
    from .submitter import Submitter

# Stands for a job in the record of a map's own key.
_MAP = "map"


class MapKeys:
    """Makes the keys of the variants of one map.

    Attributes:
        use: The store and the lists, for all variants.
    """

    def __init__(self, submitter: Submitter, session: Session, key: str) -> None:
        self._session = session
        self._nonce = nonce_of(key, session.settings)
        self._occurrences: dict[str, int] = {}
        self._workflow = ""
        self.use = submitter.keys.for_map()

    def open(self, workflow: str) -> None:
        """Bind the key to a workflow, given by its digest; read the lists once for all variants.

        Raises IdempotencyConflict, SubmissionUncertain, and ConfigurationError for the store.
        """
        self._workflow = workflow
        request = exact_digest([_MAP, workflow])
        claim = self.use.claim(self._nonce, request)
        if claim.kind == "conflict":
            raise conflict(None)
        if claim.kind == "held":
            self.use.finish(self._nonce, claim.record, _MAP)
        if not (self.use.is_shared or self._session.uses_v2):
            self.use.used = self.use.read_used()

    def take(self, variant: str) -> SubmissionKey:
        """The key of the next variant with this digest."""
        occurrence = self._occurrences.get(variant, 0)
        self._occurrences[variant] = occurrence + 1
        # What all variants share is part of it, so that other options do not count as the same.
        nonce = nonce_of_variant(self._nonce, variant, occurrence)
        return SubmissionKey(nonce, exact_digest([self._workflow, variant]))
