"""The model in force: compiled once per process and revision, checked at every request."""

from __future__ import annotations

import threading

from sqlalchemy.engine import Connection

from runtime.storage.model import Model, make_model
from runtime.storage.revisions import Stamp, catalog_of, stamp_in_force


class Current:
    """Holds the newest model of one process. A request that began keeps the model it got."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: tuple[Stamp, Model] | None = None

    def model(self, connection: Connection, stamp: Stamp | None = None) -> Model:
        """The model of the revision in force; `stamp` if the caller has read it already."""
        stamp = stamp or stamp_in_force(connection)
        held = self._held
        if held and held[0] == stamp:
            return held[1]
        with self._lock:
            if self._held is None or self._held[0] != stamp:
                model = make_model(catalog_of(connection, stamp.number))
                self._held = (stamp, model)
            return self._held[1]
