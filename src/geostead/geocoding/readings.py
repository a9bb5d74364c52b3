"""What an address may mean: a place, and the words that name it and what it lies in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from geostead.geocoding.base import Precision
from geostead.geocoding.place_index import KINDS, Hit, IndexedPlace
from geostead.geocoding.written_address import Span, WrittenAddress

_HINTS = (Precision.STATE, Precision.COUNTRY)
Word = tuple[int, int]
Hits = Mapping[Span, Sequence[Hit]]


@dataclass(frozen=True, slots=True)
class Reading:
    """One meaning of an address."""

    address: WrittenAddress
    place: IndexedPlace
    weight: float
    span: Span
    """The words that name the place."""
    spans: tuple[Span, ...]
    """Those and the ones that name what it lies in."""

    @property
    def rest(self) -> frozenset[Word]:
        """Return the words that this reading makes no use of."""
        every = {(part, word) for part, words in enumerate(self.address.parts) for word in range(len(words))}
        return frozenset(every.difference(*(span.words for span in self.spans)))

    @property
    def rank(self) -> tuple[int, int, float]:
        """Return what the best reading has most of: parts and words that it makes use of, then weight."""
        words = sum(span.end - span.start for span in self.spans)
        return len({span.part for span in self.spans}), words, self.weight

    @property
    def is_sound(self) -> bool:
        """Return whether what is left over may be left over: a street before a city, but no region after it.

        An area is not meant where something in it is named that is not known; nor is a postal code, of which other
        countries have the same, unless all that follows agrees.
        """
        rest = self.rest
        match self.place.precision:
            case Precision.CITY:
                return self._is_confirmed or all(
                    part <= self.span.part or self.address.has_number(part, word) for part, word in rest
                )
            case Precision.POSTAL_CODE:
                return self._is_confirmed or all(self._follows(part, word) for part, word in rest)
            case _:
                return not rest

    @property
    def _is_confirmed(self) -> bool:
        return len(self.spans) > 1

    def _follows(self, part: int, word: int) -> bool:
        """Return whether a word stands behind the place's name in its part, as in ``98052-6399``."""
        return part == self.span.part and word >= self.span.end


def best_reading(address: WrittenAddress, hits: Hits) -> Reading | None:
    """Return what an address most likely means; None if that is nothing known.

    The most likely reading counts even if it turns out not to be sound: ``Nowhere, Texas`` is no place in Texas, and
    so it is not the village of Texas in Queensland either.
    """
    best = max(_readings(address, hits), key=lambda reading: reading.rank, default=None)
    return best if best and best.is_sound else None


def _readings(address: WrittenAddress, hits: Hits) -> Iterator[Reading]:
    named = _spans_by_place(hits)
    hints = _hints(address, hits)
    for span, meant in hits.items():
        for hit in meant:
            spans = _fitting(address, span, _explained(span, hit.place, named))
            if spans and not _contradicted(span, spans, hints):
                yield Reading(address, hit.place, hit.weight, span, spans)


def _spans_by_place(hits: Hits) -> dict[int, list[Span]]:
    """Return where each place is named, the longest name first."""
    named: dict[int, list[Span]] = defaultdict(list)
    for span in sorted(hits, key=lambda span: span.start - span.end):
        for hit in hits[span]:
            named[hit.place.id].append(span)
    return named


def _explained(own: Span, place: IndexedPlace, named: Mapping[int, list[Span]]) -> list[Span]:
    """Return the words that name a place and what it lies in, none of them used twice."""
    spans = [own]
    for area in place.areas:
        free = (span for span in named.get(area, ()) if all(_is_apart(span, other) for other in spans))
        spans.extend([span for span, _ in zip(free, range(1), strict=False)])
    return spans


def _is_apart(one: Span, other: Span) -> bool:
    return one.part != other.part or one.end <= other.start or other.end <= one.start


def _fitting(address: WrittenAddress, own: Span, spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return the spans of the parts that are read as a whole, numbers aside; none if the place's own part is not.

    So the Paris of ``Rue de Paris`` does not count. A street may stand in front of a city in its part if the city's
    region or country follows there, too.
    """
    kept = []
    for part in {span.part for span in spans}:
        within = [span for span in spans if span.part == part]
        left_over = _words_left_over(address, part, within)
        street = part == own.part and len(within) > 1 and max(left_over, default=-1) < min(s.start for s in within)
        if not left_over or street:
            kept.extend(within)
    return tuple(kept) if own in kept else ()


def _words_left_over(address: WrittenAddress, part: int, spans: Sequence[Span]) -> list[int]:
    """Return the numbers of the words of a part that are in no span and have no digit."""
    read = frozenset().union(*(span.words for span in spans))
    words = range(len(address.parts[part]))
    return [word for word in words if (part, word) not in read and not address.has_number(part, word)]


def _hints(address: WrittenAddress, hits: Hits) -> dict[int, Precision]:
    """Return the parts that are the name of states or countries, each with the largest of these."""
    hints = {}
    for span, meant in hits.items():
        kinds = [hit.place.kind for hit in meant if hit.place.precision in _HINTS]
        if kinds and span.end - span.start == len(address.parts[span.part]):
            hints[span.part] = KINDS[max(kinds)]
    return hints


def _contradicted(own: Span, spans: Sequence[Span], hints: Mapping[int, Precision]) -> bool:
    """Return whether a part names a state or country that the place does not lie in.

    In front of the place only a country says so: the name of a state may be that of a house or a station.
    """
    agreed = {span.part for span in spans}
    return any(part not in agreed and (part > own.part or hint is Precision.COUNTRY) for part, hint in hints.items())
