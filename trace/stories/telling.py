"""The story itself: values free of language and of persons."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


@dataclass(frozen=True)
class Word:
    """A word of the chain as recorded, which is Chinese, and its English name."""

    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Product:
    """What stands in the shop, with the facts of its label."""

    name: str
    grade: Word | None
    net_g: int
    brand: str
    brand_owner: str
    gtin: str | None
    packaging: str | None
    standard: str | None
    ingredients: str | None
    storage: str | None
    shelf_life_months: int | None
    recalled_lots: tuple[str, ...] = ()  # lot codes on labels


@dataclass(frozen=True, kw_only=True)
class Packing:
    """Who packed it, and when. The packer issues the codes."""

    lot: str
    packed_on: date
    best_before: date
    packer: str
    licence: str | None
    kind: str | None


class VillageShare(NamedTuple):
    """A village and its share of the leaf by perfect mixing; `name` is empty for leaf from outside our records."""

    name: str
    town: str | None
    share: float
    elevation_m: int | None


class Step(NamedTuple):
    """One step of the chain on one day; `party` is a firm or a public body, never a person."""

    step: str
    date: date
    party: str | None


@dataclass(frozen=True)
class Item:
    """One analyte of a report, its digits as reported."""

    analyte: Word
    value: str | None
    words: str | None
    unit: str | None
    limit: str | None
    basis: str | None
    passed: bool


@dataclass(frozen=True, kw_only=True)
class Report:
    """One report of a laboratory."""

    reported_on: date
    laboratory: str
    purpose: str
    items: tuple[Item, ...]

    @property
    def passed(self) -> bool:
        """Return whether every item passed."""
        return all(item.passed for item in self.items)


@dataclass(frozen=True, kw_only=True)
class Story:
    """All that may be told. A product without a lot has no packing, and nothing before it."""

    product: Product
    packing: Packing | None = None
    villages: tuple[VillageShare, ...] = ()
    cultivars: tuple[Word, ...] = ()
    steps: tuple[Step, ...] = ()
    work: tuple[Word, ...] = ()  # what was done to the leaf, in order
    reports: tuple[Report, ...] = ()
    certificates: int = 0  # conformity certificates that came with the leaf and stand


class Stage(NamedTuple):
    """All days of one step: from, to, and the parties in order of first appearance."""

    step: str
    first: date
    last: date
    parties: tuple[str, ...]


def group_steps(steps: Iterable[Step]) -> list[Stage]:
    """Return steps of a kind as one stage, in the order of the chain."""
    by_kind: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        by_kind[step.step].append(step)
    return [
        Stage(kind, few[0].date, few[-1].date, tuple(dict.fromkeys(step.party for step in few if step.party)))
        for kind, few in sorted(by_kind.items(), key=lambda item: place_in_chain(item[0]))
    ]


# The steps of the chain in their order; others, which a later kind of product brings, stand before packing.
_ORDER = ("picking", "outside", "intake", "run", "blend", "", "testing", "packing", "shipping", "recall")


def place_in_chain(step: str) -> int:
    """Return where a step stands in the chain."""
    return _ORDER.index(step if step in _ORDER else "")
