"""Corrections of packs: what was printed, and what became of units, must still be possible after them."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from trace import clock
from trace.errors import ConflictError
from trace.events import Entry
from trace.events.correct import Correction, correct_events
from trace.instance import get_namespace
from trace.logistic_units import refuse_in_units
from trace.lots import Lot
from trace.packs import Pack, PackTea, pack_event, put_pack
from trace.permits import lots_drawn_by, refuse_held
from trace.rule_tables import load_tables
from trace.rules.label_count import waste_percent
from trace.units import PositionsTakenError, UnitRange, Units, most_labels


class LabelsPrintedError(ConflictError):
    """More labels were printed than the pack, as corrected, could have."""

    code = "labels-printed"


class PackItemFixedError(ConflictError):
    """The trade item stands in the identifier of the pack's lot: such a pack is undone and recorded anew."""

    code = "pack-item-fixed"


def check_pack(session: Session, pack: Pack, units: int) -> None:
    """Raise what stands against a pack of so many units, or of none: it never was.

    Printed labels stand, whatever the table of their waste has become: only for fewer units can they be too many.
    Raises `LabelsPrintedError`, `PositionsTakenError`, `InLogisticUnitError`.
    """
    printed, most = pack.next_position - 1, _most_labels(session, pack, units) if units else 0
    if printed > most and units < pack.units:
        raise LabelsPrintedError(printed=printed, units=units, most=most)
    reach = max(units, printed)
    last = session.scalar(select(func.max(UnitRange.last_position)).where(UnitRange.pack_id == pack.id)) or 0
    if last > reach:
        raise PositionsTakenError(first=reach + 1, last=last, units=reach)
    refuse_in_units(
        session, [Units(pack_id=pack.id, lot_uri="", net_g=0, first_position=reach + 1, last_position=2**31 - 1)]
    )


def _most_labels(session: Session, pack: Pack, units: int) -> int:
    waste = waste_percent(load_tables(session).on(clock.today()))
    return most_labels(session, {pack.id: units}, waste)[pack.id]


def correct_pack(session: Session, pack: Pack, command: PackTea | None, reason: str, entry: Entry) -> Pack:
    """Say what a pack really was; its lot keeps its code, its labels theirs. Without a command it never was.

    Raises `PackItemFixedError`, what `check_pack` and `correct_events` raise, and `LotRefusedError` for a lot that is
    held and was not in the pack before.
    """
    if command and command.trade_item_id != pack.trade_item_id:
        raise PackItemFixedError(pack=command.code)
    session.refresh(pack, with_for_update=True)  # no label is printed meanwhile
    lot = session.get_one(Lot, pack.lot_id)
    known = lots_drawn_by(session, pack.event_id)
    right = [pack_event(get_namespace(session), command, lot.uri, entry)] if command else []
    correction = Correction(wrong=[pack.event_id], right=right, reason=reason, party_id=lot.party_id, entry=entry)
    events = correct_events(session, correction)
    check_pack(session, pack, command.units if command else 0)
    if command is None:
        pack.undone_at = clock.now()
    else:
        refuse_held(session, {uri for uri, _, _ in command.taken} - known, entry.mode)
        put_pack(pack, command, events[0])
        lot.made_on, lot.grade = pack.packed_on, command.grade
        lot.crop, lot.product_kind = command.crop, command.product_kind
    session.flush()
    return pack
