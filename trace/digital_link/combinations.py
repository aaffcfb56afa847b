"""Which application identifiers may stand together, and where, in one Digital Link. Pure; of kinds, not values."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from trace.digital_link.identifiers import IDENTIFIERS, Identifier


class Fault(NamedTuple):
    """Why a link is refused: a stable code and, where one is to blame, the application identifier."""

    code: str
    ai: str | None = None


def _sequences(identifier: Identifier) -> Iterator[tuple[str, ...]]:
    for way in identifier.qualifiers or ():
        for length in range(len(way) + 1):
            for chosen in combinations(way, length):
                yield (identifier.ai, *chosen)


KEYS = frozenset(ai for ai, identifier in IDENTIFIERS.items() if identifier.is_key)
_PATHS = frozenset(path for ai in KEYS for path in _sequences(IDENTIFIERS[ai]))


# Few combinations occur in practice; the bound keeps hostile links from filling memory.
@lru_cache(maxsize=1024)
def find_fault(path: tuple[str, ...], attributes: tuple[str, ...]) -> Fault | None:
    """Return the first fault in the identifiers of a path and of a query, or None."""
    if path not in _PATHS:
        return Fault("wrong-qualifiers", path[0])
    return next(_attribute_faults(path, attributes), None) or next(_association_faults(path + attributes), None)


def _attribute_faults(path: tuple[str, ...], attributes: tuple[str, ...]) -> Iterator[Fault]:
    for place, ai in enumerate(attributes):
        if ai in path or ai in attributes[:place]:
            yield Fault("duplicate", ai)
        if not IDENTIFIERS[ai].is_attribute:
            yield Fault("not-an-attribute", ai)
        if any((*path[:cut], ai, *path[cut:]) in _PATHS for cut in range(1, len(path) + 1)):
            yield Fault("belongs-in-path", ai)


def _association_faults(ais: tuple[str, ...]) -> Iterator[Fault]:
    for ai in ais:
        if any(_is_present(pattern, ais, ai) for pattern in IDENTIFIERS[ai].excludes):
            yield Fault("excluded-pair", ai)
    for ai in ais:
        needs = IDENTIFIERS[ai].needs
        if needs and not any(all(_is_present(pattern, ais, ai) for pattern in group) for group in needs):
            yield Fault("missing-companion", ai)


def _is_present(pattern: str, ais: tuple[str, ...], but: str) -> bool:
    start = pattern.rstrip("n")
    return any(ai.startswith(start) and ai != but for ai in ais)
