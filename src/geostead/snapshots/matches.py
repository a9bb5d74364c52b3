"""What a search finds before it is put in order."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geostead.snapshots.columns import Rows

Floats = npt.NDArray[np.float64]


class Matches(NamedTuple):
    """All rows that satisfy a query, each once, in no order."""

    rows: Rows
    nearness: Floats | None = None
    """A number for each that grows with ``__Distance``, where the order may ask for it: squared chords, or km."""
    along_km: Floats | None = None
    """How far along the route the nearest place of each is; None without a route."""

    def keep(self, mask: npt.NDArray[np.bool_]) -> Matches:
        """Return those for which the mask is true."""
        nearness = None if self.nearness is None else self.nearness[mask]
        return Matches(self.rows[mask], nearness, None if self.along_km is None else self.along_km[mask])

    def along_the_route(self) -> Rows:
        """Return the rows in order along the route, then by distance, then by row.

        Micrometres are rounded away: what lies on both sides of a place is as far along.
        """
        assert self.along_km is not None and self.nearness is not None  # noqa: PT018  # they come together
        return self.rows[np.lexsort((self.rows, self.nearness.round(9), self.along_km.round(9)))]

    def nearness_of(self, rows: Rows) -> Floats:
        """Return the nearness of some of the rows."""
        assert self.nearness is not None
        order = np.argsort(self.rows)
        found: Floats = self.nearness[order[np.searchsorted(self.rows, rows, sorter=order)]]
        return found
