"""Progress of a recall: what of the units that were out came back, what became of it, and what is still open."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from trace import clock
from trace.destructions import Destruction
from trace.holds import RecalledLot
from trace.packs import Pack
from trace.parties import Party
from trace.recalling.notices import SETTLED, NoticeState, RecallNotice
from trace.recalling.scope import Fate, Holder, Scope, Start, find_scope
from trace.recalls import LABEL_ALONE, Recall
from trace.returns import UnitReturn


@dataclass
class Recovery:
    """What of the units that a buyer had when the recall began, or was sent since, came back, and where it is now."""

    buyer: Holder
    out: int = 0
    recovered: int = 0
    destroyed: int = 0
    reworked: int = 0
    kept: int = 0  # came back, and is neither destroyed nor reworked
    notices: list[NoticeState] = field(default_factory=list)

    @property
    def shipped(self) -> int:
        """Return what there was to take back."""
        return self.out + self.recovered


@dataclass(frozen=True)
class Progress:
    """How far a recall is."""

    recall: Recall
    scope: Scope
    buyers: Sequence[Recovery]
    destroyed_loose_g: int
    unsettled: Sequence[RecallNotice]

    @cached_property
    def totals(self) -> dict[str, int]:
        """Return the sums over buyers, and what is in stock."""
        names = ("shipped", "out", "recovered", "destroyed", "reworked", "kept")
        sums = {name: sum(getattr(one, name) for one in self.buyers) for name in names}
        loose_g = sum(lot.mass_g for lot in self.scope.lots if lot.pack is None)
        return {
            **sums,
            "in_stock": self.scope.in_stock,
            "loose_g": loose_g,
            "destroyed_loose_g": self.destroyed_loose_g,
        }

    @property
    def share(self) -> float:
        """Return the share of what was out that came back; of nothing, all."""
        return self.totals["recovered"] / self.totals["shipped"] if self.totals["shipped"] else 1.0

    @cached_property
    def products(self) -> list[dict[str, Any]]:
        """Return the columns that a regulator asks for, by product: lots, produced, sold, destroyed (all in units)."""
        rows: dict[tuple[str | None, str], dict[str, Any]] = {}
        for lot, pack in self.scope.packs:
            row = rows.setdefault(
                (pack.product.gtin, pack.product.name),
                {
                    "product": pack.product.name,
                    "gtin": pack.product.gtin,
                    "net_g": pack.product.net_g,
                    "lots": [],
                    "produced": 0,
                    "out": 0,
                    "back": 0,
                    "destroyed": 0,
                    "reworked": 0,
                    "in_stock": 0,
                },
            )
            row["lots"].append(pack.label_lot)
            row["produced"] += pack.units
            row["in_stock"] += lot.units or 0
            for one in pack.stretches:
                name = _COLUMNS.get(one.fate)
                if name:
                    row[name] += one.size
        return list(rows.values())

    def open_items(self, *, unrecovered: str | None = None) -> list[dict[str, Any]]:
        """Return what keeps the case from being closed. Units that stay out want a reason."""
        return list(self._open(unrecovered))

    def _open(self, unrecovered: str | None) -> Iterator[dict[str, Any]]:
        for one in self.buyers:
            if not one.notices:
                yield {"item": "buyer-not-told", "buyer": one.buyer.code, "units": one.shipped}
        for notice in self.unsettled:
            yield {
                "item": "notice-open",
                "notice": notice.code,
                "recipient": notice.recipient,
                "state": notice.state.value,
            }
        if self.totals["out"] and not unrecovered:
            yield {"item": "units-out", "units": self.totals["out"]}
        left = {name: self.totals[name] for name in ("in_stock", "loose_g")}
        if self.recall.level < LABEL_ALONE and any(left.values()):
            yield {"item": "stock-left", **left}


_COLUMNS = {
    Fate.SHIPPED: "out",
    Fate.RETURNED: "back",
    Fate.DESTROYED: "destroyed",
    Fate.REWORKED: "reworked",
}


def find_progress(session: Session, recall: Recall) -> Progress:
    """Return how far a recall is, from what was shipped, came back and was destroyed."""
    scope = find_scope(session, Start.of_recall(recall.id))
    found: dict[str, Recovery] = {}
    for holding in scope.buyers:
        found[holding.code] = Recovery(Holder(holding.code, holding.name), out=holding.units)
    _count_returns(session, recall, scope, found)
    notices = list(session.scalars(select(RecallNotice).where(RecallNotice.recall_id == recall.id)))
    _add_notices(session, notices, found)
    return Progress(
        recall=recall,
        scope=scope,
        buyers=sorted(found.values(), key=lambda one: (-one.shipped, one.buyer.code)),
        destroyed_loose_g=_destroyed_loose_g(session, recall, scope),
        unsettled=[notice for notice in notices if notice.state not in SETTLED],
    )


def _reached(recall: Recall) -> Select[int]:
    return select(RecalledLot.lot_id).where(RecalledLot.recall_id == recall.id)


def _count_returns(session: Session, recall: Recall, scope: Scope, found: dict[str, Recovery]) -> None:
    """Count what came back since the recall began, by buyer, and where that is now."""
    packs = {pack.id: pack for _, pack in scope.packs}
    query = (
        select(UnitReturn.pack_id, UnitReturn.first_position, UnitReturn.last_position, Party.code, Party.name)
        .join(Party, UnitReturn.buyer_id == Party.id)
        .where(UnitReturn.undone_at.is_(None), UnitReturn.returned_on >= clock.day_of(recall.started_at))
        .where(UnitReturn.pack_id.in_(select(Pack.id).where(Pack.lot_id.in_(_reached(recall)))))
        .order_by(UnitReturn.id)
    )
    for pack_id, first, last, code, name in session.execute(query):
        row = found.setdefault(code, Recovery(Holder(code, name)))
        row.recovered += last - first + 1
        for one in packs[pack_id].stretches:
            both = min(last, one.last) - max(first, one.first) + 1
            if both > 0 and one.fate in _NOW:
                setattr(row, _NOW[one.fate], getattr(row, _NOW[one.fate]) + both)


_NOW = {Fate.RETURNED: "kept", Fate.DESTROYED: "destroyed", Fate.REWORKED: "reworked"}


def _add_notices(session: Session, notices: Sequence[RecallNotice], found: dict[str, Recovery]) -> None:
    told: dict[int, list[NoticeState]] = defaultdict(list)
    for notice in notices:
        if notice.party_id is not None:
            told[notice.party_id].append(notice.state)
    for id_, code in session.execute(select(Party.id, Party.code).where(Party.id.in_(told))):
        if code in found:
            found[code].notices = told[id_]


def _destroyed_loose_g(session: Session, recall: Recall, scope: Scope) -> int:
    """Return the grams of loose tea in scope that were destroyed since the recall began."""
    loose = {lot.id for lot in scope.lots if lot.pack is None}
    since = Destruction.destroyed_on >= clock.day_of(recall.started_at)
    query = select(Destruction.lot_id, Destruction.mass_g).where(
        since, Destruction.undone_at.is_(None), Destruction.lot_id.in_(_reached(recall))
    )
    return sum(mass_g for lot, mass_g in session.execute(query) if lot in loose)
