"""Where rows of delimited text end: at a line end that is not inside quotes.

What counts as a quote follows Python's ``csv`` module (pyarrow's agrees): ``"`` opens only at the start of a cell,
``""`` inside stands for one quote, and elsewhere a quote is a character like any other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_QUOTE, _LF, _CR = b'"\n\r'

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Quoted:
    """Where the quoted stretches of a text are: from each of ``starts`` to the same one of ``ends``."""

    starts: Positions
    ends: Positions
    """As many as ``starts``, or one less if the last stretch goes on beyond the text."""

    @property
    def is_open(self) -> bool:
        """Tell whether the text ends inside quotes."""
        return len(self.ends) < len(self.starts)


def find_quoted(data: bytes, delimiter: int) -> Quoted:
    """Find the quoted stretches of a text that begins at the start of a row."""
    codes = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(codes == _QUOTE)
    padded = np.concatenate(([_LF], codes, [_LF])).astype(np.uint8) if len(quotes) else codes
    is_edge = np.zeros(256, dtype=bool)
    is_edge[[delimiter, _LF, _CR]] = True
    before, after = padded[quotes], padded[quotes + 2]
    can_open, can_escape = is_edge[before], after == _QUOTE
    # Where every odd quote stands at the start of a cell or doubles the one before, and every even one at the end of a
    # cell or doubles the one after, quotes simply alternate between opening and closing.
    opens_well = can_open | (before == _QUOTE)
    closes_well = is_edge[after] | can_escape
    if opens_well[0::2].all() and closes_well[1::2].all():
        return Quoted(quotes[0::2], quotes[1::2])
    return _walk(quotes.tolist(), can_open.tolist(), can_escape.tolist())


def _walk(quotes: list[int], can_open: list[bool], can_escape: list[bool]) -> Quoted:
    """Find the quoted stretches quote by quote, where some quotes are mere characters."""
    starts: list[int] = []
    ends: list[int] = []
    steps = iter(range(len(quotes)))
    for i in steps:
        if len(starts) == len(ends):
            if can_open[i]:
                starts.append(quotes[i])
        elif can_escape[i]:
            next(steps, None)
        else:
            ends.append(quotes[i])
    return Quoted(np.array(starts, np.int64), np.array(ends, np.int64))


def row_ends(data: bytes, delimiter: int) -> Positions:
    """Return the positions right after each end of a row. A CR in last place is left out: an LF may follow."""
    codes = np.frombuffer(data, np.uint8)
    quoted = find_quoted(data, delimiter)
    breaks = np.flatnonzero((codes == _LF) | (codes == _CR))
    breaks = breaks[np.searchsorted(quoted.starts, breaks) == np.searchsorted(quoted.ends, breaks)]
    following = np.append(codes, np.uint8(_LF))[breaks + 1]
    ends: Positions = breaks[(codes[breaks] == _LF) | (following != _LF)] + 1
    return ends


def last_row_end(data: bytes, delimiter: int) -> int:
    """Return the last of :func:`row_ends`; 0 if there is none."""
    if _QUOTE not in data:
        return max(data.rfind(b"\n"), data.rfind(b"\r", 0, len(data) - 1)) + 1
    ends = row_ends(data, delimiter)
    return int(ends[-1]) if len(ends) else 0


def count_lines(data: bytes) -> int:
    """Count the physical line ends: LF, CR LF or CR."""
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")
