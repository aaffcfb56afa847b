"""The scope of a recall: all that came of some lots, of a plot's leaf, of an input's use; where it is; what is behind.

Three statements, whatever the size: down to lots, packs and ranges of positions; the names of parties and products in
them; up to plots. Units are ranges, never rows: a recall of 200,000 units is some hundred of them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property, lru_cache
from heapq import heappop, heappush
from itertools import pairwise
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from trace.db import Question

# SQLite takes the tables of a CROSS JOIN, and of a LEFT JOIN, in the order written.
_DOWN = """
WITH RECURSIVE root(id) AS ({start}), walk(id) AS (
  SELECT id FROM root
  UNION
  SELECT e.child_id FROM walk CROSS JOIN lineage_edge e WHERE e.parent_id = walk.id
)
SELECT l.id, l.code, l.kind, l.made_on, l.party_id, l.initial_g, l.mass_g, l.units,
  k.id, k.units, k.next_position, k.label_lot, k.trade_item_id,
  u.first_position, u.last_position, u.fate, s.code, s.shipped_on, s.buyer_id,
  CASE WHEN u.fate = 'void' THEN (SELECT v.biz_step FROM event v WHERE v.id = u.event_id) END, u.id
FROM lot l
LEFT JOIN pack k ON k.lot_id = l.id AND k.undone_at IS NULL
LEFT JOIN unit_range u ON u.pack_id = k.id
LEFT JOIN shipment s ON s.event_id = u.event_id
WHERE l.id AMONG (SELECT id FROM walk)
ORDER BY l.id, u.first_position
"""
_NAMES = Question("""
SELECT 0, p.id, p.code, p.name, 0 FROM party p WHERE p.id AMONG :parties
UNION ALL
SELECT 1, t.id, t.gtin, t.name, t.net_g FROM trade_item t WHERE t.id AMONG :items
""")
_UP = """
WITH RECURSIVE root(id) AS ({start}), walk(id) AS (
  SELECT id FROM root
  UNION
  SELECT e.parent_id FROM walk CROSS JOIN lineage_edge e WHERE e.child_id = walk.id
)
SELECT t.code, y.name, h.code, l.declared_origin, SUM(l.initial_g), COUNT(*)
FROM lot l
LEFT JOIN plot t ON t.id = l.plot_id
LEFT JOIN village y ON y.id = t.village_id
LEFT JOIN party h ON h.id = l.party_id
WHERE l.id AMONG (SELECT id FROM walk)
  AND (l.plot_id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM lineage_edge e WHERE e.child_id = l.id))
GROUP BY t.code, y.name, h.code, l.declared_origin
ORDER BY t.code, h.code
"""
# A plot's land, whatever it was split or joined into.
_OF_PLOT = """
SELECT l.id FROM (
  WITH RECURSIVE land(id) AS (
    SELECT CAST(:plot AS INTEGER)
    UNION
    SELECT d.child_id FROM land CROSS JOIN plot_descent d WHERE d.parent_id = land.id
  )
  SELECT id FROM land
) AS land CROSS JOIN lot l WHERE l.plot_id = land.id AND CAST(l.made_on AS VARCHAR(10)) >= :since"""
# The lots named when it was started: those in its scope that are made of none in its scope.
_OF_RECALL = """SELECT r.lot_id FROM recalled_lot r WHERE r.recall_id = :recall AND NOT EXISTS (
  SELECT 1 FROM lineage_edge e JOIN recalled_lot o ON o.lot_id = e.parent_id AND o.recall_id = r.recall_id
  WHERE e.child_id = r.lot_id)"""


class Fate(StrEnum):
    """Where the units at some positions are."""

    STOCK = "stock"  # with who packed them, never gone
    SHIPPED = "shipped"
    RETURNED = "returned"  # back with who packed them
    DESTROYED = "destroyed"
    REWORKED = "reworked"
    SPOILED = "spoiled"  # a label, not a unit


class Holder(NamedTuple):
    """A party, as it is called."""

    code: str
    name: str


class Product(NamedTuple):
    """A trade item, as it is called."""

    gtin: str | None
    name: str
    net_g: int


class Stretch(NamedTuple):
    """Positions `first`…`last` of a pack of which the same is true; what was shipped, by which shipment to whom."""

    first: int
    last: int
    fate: Fate
    shipment: str | None
    shipped_on: date | str | None
    buyer: Holder | None

    @property
    def size(self) -> int:
        """Return how many positions they are."""
        return self.last - self.first + 1


class PackInScope(NamedTuple):
    """A pack of which every code is affected: positions 1 to `last`."""

    id: int
    units: int
    label_lot: str
    product: Product
    last: int
    stretches: Sequence[Stretch]


class LotInScope(NamedTuple):
    """A lot in scope; of a packed one, its pack."""

    id: int
    code: str
    kind: str
    made_on: date | str
    party: Holder
    initial_g: int
    mass_g: int
    units: int | None  # in stock
    pack: PackInScope | None


class Source(NamedTuple):
    """Leaf behind what is recalled: of a plot, or from outside as its supplier declared it."""

    plot: str | None
    village: str | None
    party: str
    declared_origin: str | None
    mass_g: int
    lots: int


class Holding(NamedTuple):
    """What one holder has or was sent of what is recalled."""

    code: str
    name: str
    units: int
    mass_g: int


@dataclass(frozen=True)
class Start:
    """Where a recall begins: lots by row id, or a question for them."""

    sql: str
    values: dict[str, Any]

    @classmethod
    def of_lots(cls, lots: Iterable[int]) -> "Start":
        """Begin with lots."""
        ids = sorted(set(lots))
        room = 1 << max(0, (len(ids) - 1).bit_length())  # few texts, each prepared once
        ids += ids[-1:] * (room - len(ids))
        values = {f"lot{place}": id_ for place, id_ in enumerate(ids)}
        marks = ", ".join(f":{name}" for name in values)
        return cls(f"SELECT l.id FROM lot l WHERE l.id IN ({marks})", values)  # noqa: S608 -- marks of ours

    @classmethod
    def of_plot(cls, plot: int, since: date = date.min) -> "Start":
        """Begin with the leaf of a plot and of what took its place, picked on or after a day."""
        return cls(_OF_PLOT, {"plot": plot, "since": since.isoformat()})

    @classmethod
    def of_recall(cls, recall: int) -> "Start":
        """Begin with the lots that a recall named."""
        return cls(_OF_RECALL, {"recall": recall})


@dataclass(frozen=True)
class Scope:
    """All that came of some lots, in id order."""

    lots: Sequence[LotInScope]

    @cached_property
    def packs(self) -> list[tuple[LotInScope, PackInScope]]:
        """Return the packs, each with its lot."""
        return [(lot, lot.pack) for lot in self.lots if lot.pack]

    @cached_property
    def units(self) -> int:
        """Return how many units were packed."""
        return sum(pack.units for _, pack in self.packs)

    @cached_property
    def _tally(self) -> tuple[dict[Fate, int], dict[Holder, list[int]]]:
        """Return how many positions met each fate, and units and grams that are out, by buyer."""
        shipped = stock = 0
        found, out = dict.fromkeys(Fate, 0), defaultdict[Holder, list[int]](lambda: [0, 0])
        for _, pack in self.packs:
            net_g = pack.product.net_g
            for first, last, fate, _, _, buyer in pack.stretches:
                size = last - first + 1
                if fate is Fate.STOCK:  # these two first, and without the hash of an enumeration: they are nearly all
                    stock += size
                elif fate is Fate.SHIPPED and buyer is not None:
                    shipped += size
                    held = out[buyer]
                    held[0] += size
                    held[1] += size * net_g
                else:
                    found[fate] += size
        found[Fate.STOCK] += stock
        found[Fate.SHIPPED] += shipped
        return found, out

    @property
    def counts(self) -> dict[Fate, int]:
        """Return how many positions met each fate. What was shipped and came back counts as returned."""
        return self._tally[0]

    @cached_property
    def in_stock(self) -> int:
        """Return how many units are with who packed them, came back or never went."""
        return sum(lot.units or 0 for lot, _ in self.packs)

    @cached_property
    def buyers(self) -> list[Holding]:
        """Return to whom units went that are still out, most first."""
        return _holdings(self._tally[1])

    @cached_property
    def holders(self) -> list[Holding]:
        """Return who has stock: units, and grams of units and of loose tea."""
        found: dict[Holder, list[int]] = defaultdict(lambda: [0, 0])
        for lot in self.lots:
            units = (lot.units or 0) if lot.pack else 0
            mass_g = units * lot.pack.product.net_g if lot.pack else lot.mass_g
            if units or mass_g:
                held = found[lot.party]
                held[0] += units
                held[1] += mass_g
        return _holdings(found)


def _holdings(found: dict[Holder, list[int]]) -> list[Holding]:
    held = [Holding(*named, *counts) for named, counts in found.items()]
    return sorted(held, key=lambda one: (-one.units, -one.mass_g, one.code))


@lru_cache(maxsize=64)
def _question(walk: str, start: str) -> Question:
    return Question(walk.format(start=start))


def find_scope(session: Session, start: Start) -> Scope:
    """Return all that came of where a recall starts. Two statements."""
    rows = _question(_DOWN, start.sql).ask_all(session, start.values)
    parties = {row[4] for row in rows} | {row[18] for row in rows} - {None}
    items = {row[12] for row in rows} - {None}
    named = _NAMES.ask_all(session, {"parties": str(list(parties)), "items": str(list(items))})
    holders = {id_: Holder(code, name) for what, id_, code, name, _ in named if not what}
    products = {id_: Product(gtin, name, net_g) for what, id_, gtin, name, net_g in named if what}
    return Scope(list(_lots(rows, holders, products)))


def find_sources(session: Session, start: Start) -> list[Source]:
    """Return the leaf behind where a recall starts, by plot. One statement."""
    rows = _question(_UP, start.sql).ask_all(session, start.values)
    return [Source._make((*row[:4], int(row[4]), row[5])) for row in rows]


_WORDS = {"shipped": Fate.SHIPPED, "returned": Fate.RETURNED, "void": Fate.SPOILED}
_VOIDED_BY = {"destroying": Fate.DESTROYED, "unpacking": Fate.REWORKED}  # by business step; else a label was spoiled
_make: Any = tuple.__new__  # what `_make` of a named tuple does, in a third of the time
Row = Sequence[Any]


def _lots(rows: Sequence[Row], holders: dict[int, Holder], products: dict[int, Product]) -> Iterator[LotInScope]:
    """Yield the lots that rows tell of: a row for each range of positions, those of a pack together."""
    place, count = 0, len(rows)
    while place < count:
        row = rows[place]
        id_, pack, begun = row[0], None, place
        place += 1
        while place < count and rows[place][0] == id_:
            place += 1
        if row[8] is not None:
            last = max(row[9], row[10] - 1)
            told = rows[begun:place] if row[13] is not None else ()
            pack = _make(
                PackInScope, (row[8], row[9], row[11], products[row[12]], last, _stretches(last, told, holders))
            )
        yield _make(LotInScope, (*row[:4], holders[row[4]], *row[5:8], pack))


def _stretches(last: int, rows: Sequence[Row], holders: dict[int, Holder]) -> list[Stretch]:
    """Return where positions 1 to `last` are, by ranges in the order of their first positions."""
    free, found = 1, []
    for _, _, _, _, _, _, _, _, _, _, _, _, _, first, end, fate, shipment, day, buyer, how, _ in rows:
        word = _WORDS.get(fate)
        if word is None:  # an activation or a lock moves nothing
            continue
        if first < free:  # some came back, and may have gone again
            return stretches_of(last, [told for told in map(_told(holders), rows) if told[1]])
        if first > free:
            found.append(_make(Stretch, (free, first - 1, Fate.STOCK, None, None, None)))
        if how is not None:
            word = _VOIDED_BY.get(how, word)
        found.append(_make(Stretch, (first, end, word, shipment, day, holders.get(buyer))))
        free = end + 1
    if free <= last:
        found.append(_make(Stretch, (free, last, Fate.STOCK, None, None, None)))
    return found


def _told(holders: dict[int, Holder]) -> Callable[[Row], tuple[int, Stretch | None]]:
    """Return the function that makes of a row the number of its range, and the stretch that it tells of, if any."""

    def tell(row: Row) -> tuple[int, Stretch | None]:
        word = _WORDS.get(row[15])
        word = _VOIDED_BY.get(row[19], word) if word else None
        return row[20], Stretch(row[13], row[14], word, row[16], row[17], holders.get(row[18])) if word else None

    return tell


def stretches_of(last: int, told: Iterable[tuple[int, Stretch | None]]) -> list[Stretch]:
    """Return where positions 1 to `last` are, by stretches with their numbers; of two on one the later counts."""
    ordered = [one for _, one in sorted(told, key=itemgetter(0)) if one]
    return list(_with_stock(last, _painted(ordered)))


def _painted(told: Sequence[Stretch]) -> list[Stretch]:
    """Lay stretches over each other, in order, and return what is seen: parts that do not overlap."""
    edges = sorted({one.first for one in told} | {one.last + 1 for one in told})
    coming = sorted(((one.first, -place, one) for place, one in enumerate(told)), reverse=True)
    seen: list[Stretch] = []
    over: list[tuple[int, Stretch]] = []  # a heap of those that have begun, the latest word first
    for first, after in pairwise(edges):
        while coming and coming[-1][0] <= first:
            heappush(over, coming.pop()[1:])
        while over and over[0][1].last < first:
            heappop(over)
        if not over:
            continue
        top = over[0][1]
        if seen and seen[-1].last == first - 1 and seen[-1][2:] == top[2:]:
            seen[-1] = seen[-1]._replace(last=after - 1)
        else:
            seen.append(top._replace(first=first, last=after - 1))
    return seen


def _with_stock(last: int, told: Iterable[Stretch]) -> Iterator[Stretch]:
    """Yield stretches with those between them, of which nothing is told: units in stock."""
    free = 1
    for one in told:
        if one.first > free:
            yield Stretch(free, one.first - 1, Fate.STOCK, None, None, None)
        yield one
        free = one.last + 1
    if free <= last:
        yield Stretch(free, last, Fate.STOCK, None, None, None)
