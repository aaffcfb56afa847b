"""Judge packs: licence of the packer, origin of the leaf, grade of the tea, weight of units, number of labels."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.db import portions
from trace.descent import above
from trace.events import Event
from trace.findings import Finding, Judged, Judgement, Judging, settle_findings
from trace.lineage import LineageEdge
from trace.lots import Lot
from trace.packs import Pack
from trace.parties import Brand, Licence, LicenceTerm, Party
from trace.places import Plot, Village
from trace.products import Claim, TradeItem
from trace.rule_tables import load_tables
from trace.rules import grade, label_count, licences, net_content, origin
from trace.rules.judging.bringing import names_of, rows_of
from trace.rules.tables import InForce, Tables
from trace.tracing import Direction, trace_lot

_LICENCE = frozenset({licences.RULE})
_ORIGIN = frozenset({origin.GI_RULE, origin.OUTSIDE_RULE})
_UNITS = frozenset({net_content.RULE, label_count.RULE})
_GRADE = frozenset({grade.RULE})
_RULES = _LICENCE | _ORIGIN | _UNITS | _GRADE


@dataclass(frozen=True)
class _Told:
    """A pack with all that its row leads to."""

    pack: Pack
    lot: Lot
    item: TradeItem
    brand: Brand
    packer: Party
    at: InForce

    @property
    def claims_mark(self) -> bool:
        """Return whether it bears the mark of an origin."""
        return self.brand.gi_mark_holder is not None or Claim.GI in (self.item.claims or ())


def judge_packs(session: Session, pack_ids: Iterable[int], rules: Set[str] = _RULES) -> list[Finding]:
    """Judge packs, by some of their rules where no other can say anything new. Returns what was not found before."""
    ids = set(pack_ids)
    return settle_findings(session, say_of_packs(session, ids, load_tables(session), rules)) if ids else []


def judge_licences(session: Session, packers: Iterable[int]) -> list[Finding]:
    """Judge by their licences alone all that some packers (row ids) ever packed."""
    return judge_packs(session, find_packs_of(session, packers=packers), _LICENCE)


def say_of_packs(session: Session, ids: Collection[int], tables: Tables, rules: Set[str] = _RULES) -> Judging:
    """Say what the rules find in packs."""
    query = (
        select(Pack, Lot, TradeItem, Brand, Party, Event.recorded_at)
        .join(Lot, Pack.lot_id == Lot.id)
        .join(TradeItem, Pack.trade_item_id == TradeItem.id)
        .join(Brand, TradeItem.brand_id == Brand.id)
        .join(Party, Lot.party_id == Party.id)
        .join(Event, Pack.event_id == Event.id)
        .where(Pack.undone_at.is_(None))
        .order_by(Pack.id)
    )
    rows = rows_of(session, query, Pack.id, ids)
    told = [
        _Told(pack, lot, item, brand, packer, tables.on(pack.packed_on, recorded_at))
        for pack, lot, item, brand, packer, recorded_at in rows
    ]
    names = names_of(session, ("packs",), {one.pack.id: one.lot.code for one in told})
    return Judging(
        noun="pack",
        rules=rules,
        records=ids,
        judged={
            one.pack.id: Judged(party_id=one.packer.id, lots=[one.lot.id], names=names[one.pack.id]) for one in told
        },
        judgements=[found for own, say in _SAYS.items() if rules & own for found in say(session, told)],
    )


def find_packs_since(session: Session, since: date) -> list[int]:
    """Return the packs of a day and later."""
    return list(session.scalars(select(Pack.id).where(Pack.packed_on >= since).order_by(Pack.id)))


def find_packs_of(session: Session, *, packers: Iterable[int] = (), items: Iterable[int] = ()) -> list[int]:
    """Return the packs of some packers and of some trade items (row ids)."""
    of_packers = select(Pack.id).join(Lot, Pack.lot_id == Lot.id)
    found = {pack for (pack,) in rows_of(session, of_packers, Lot.party_id, set(packers))}
    return sorted(found | {pack for (pack,) in rows_of(session, select(Pack.id), Pack.trade_item_id, set(items))})


def _say_of_licences(session: Session, told: Sequence[_Told]) -> list[Judgement]:
    terms = _terms(session, {one.packer.id for one in told})
    return licences.judge([_licensed(one, terms) for one in told])


def _say_of_origin(session: Session, told: Sequence[_Told]) -> list[Judgement]:
    grown = _grown(session, told)
    return [*origin.judge_outside(grown), *origin.judge_marks(grown)]


def _say_of_units(_session: Session, told: Sequence[_Told]) -> list[Judgement]:
    counted = [
        label_count.Labelled(one.pack.id, one.pack.units, one.pack.labels_used, one.at)
        for one in told
        if one.pack.labels_used is not None
    ]
    return [*net_content.judge([_weighed(one) for one in told]), *label_count.judge(counted)]


def _say_of_grades(session: Session, told: Sequence[_Told]) -> list[Judgement]:
    filled = _filled(session, {one.lot.id for one in told if one.item.grade})
    return grade.judge([grade.Packed(one.pack.id, one.item.grade, filled.get(one.lot.id, ()), one.at) for one in told])


_SAYS = {_LICENCE: _say_of_licences, _ORIGIN: _say_of_origin, _UNITS: _say_of_units, _GRADE: _say_of_grades}


def _licensed(one: _Told, terms: Mapping[int, Sequence[licences.Term]]) -> licences.Packed:
    return licences.Packed(one.pack.id, one.pack.packed_on, one.lot.product_kind, terms.get(one.packer.id, ()), one.at)


def _weighed(one: _Told) -> net_content.Weighed:
    weights = [Decimal(weight) for weight in one.pack.unit_weights_grams or ()]
    return net_content.Weighed(one.pack.id, one.item.net_g, weights, one.at)


def _filled(session: Session, lots: Collection[int]) -> Mapping[int, Sequence[grade.Filled]]:
    """Return for each pack's lot (row id) the lots it was filled from, in the order in which they were made."""
    query = select(LineageEdge.child_id, Lot.code, Lot.product_kind, Lot.grade).join(
        Lot, Lot.id == LineageEdge.parent_id
    )
    found: dict[int, dict[grade.Filled, None]] = defaultdict(dict)
    for lot, code, kind, own in rows_of(session, query.order_by(Lot.id), LineageEdge.child_id, lots):
        found[lot][grade.Filled(code, kind, own)] = None
    return {lot: list(filled) for lot, filled in found.items()}


def _terms(session: Session, parties: Collection[int]) -> Mapping[int, Sequence[licences.Term]]:
    """Return the terms of each party's licences. Of two of one licence from the same day the later recorded counts."""
    query = (
        select(Licence.party_id, Licence.id, Licence.number, LicenceTerm)
        .join(LicenceTerm, LicenceTerm.licence_id == Licence.id)
        .order_by(Licence.number, LicenceTerm.id)
    )
    latest: dict[int, dict[tuple[int, date | None], licences.Term]] = defaultdict(dict)
    for party, licence, number, term in rows_of(session, query, Licence.party_id, parties):
        held = licences.Term(number, term.valid_from, term.valid_to, term.product_kinds)
        latest[party][licence, term.valid_from] = held
    return {party: list(those.values()) for party, those in latest.items()}


def _grown(session: Session, told: Sequence[_Told]) -> list[origin.Packed]:
    """Return what packs claim of their origin, and the ends of their traces.

    Only those are traced that claim a mark, or that hold something from outside: of the others no rule says anything.
    """
    outside = _holding_outside(session, {one.lot.id for one in told})
    traced = [one for one in told if one.claims_mark or one.lot.id in outside]
    ends = {one.pack.id: trace_lot(session, one.lot.id, Direction.BACK).ends for one in traced}
    places = _places(session, {end.node.id for those in ends.values() for end in those})
    return [
        origin.Packed(
            id=one.pack.id,
            gi=one.claims_mark,
            local=Claim.LOCAL in (one.item.claims or ()),
            packer=one.packer.uscc,
            standard=one.item.standard,
            at=one.at,
            sources=[origin.Source(end.share, *places[end.node.id]) for end in ends[one.pack.id]],
        )
        for one in traced
    ]


def _holding_outside(session: Session, lots: Collection[int]) -> set[int]:
    """Return which lots (row ids) have an origin that was declared, or were made of such."""
    found: set[int] = set()
    for few in portions(lots):
        behind = above(few)
        holding = select(behind.c.root).join(Lot, Lot.id == behind.c.id).where(Lot.declared_origin.is_not(None))
        found.update(session.scalars(holding.distinct()))
    return found


def _places(session: Session, lots: Collection[int]) -> dict[int, tuple[str | None, str | None]]:
    """Return for each lot its plot's village (code), and the origin that was declared for it."""
    query = (
        select(Lot.id, Village.code, Lot.declared_origin)
        .outerjoin(Plot, Lot.plot_id == Plot.id)
        .outerjoin(Village, Plot.village_id == Village.id)
    )
    return {lot: (village, declared) for lot, village, declared in rows_of(session, query, Lot.id, lots)}
