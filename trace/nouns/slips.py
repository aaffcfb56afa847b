"""Weigh slips as their readers see them: both names, and the persons only for those who may know them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal, or_, select, true
from sqlalchemy.orm import Session, aliased

from trace import visibility
from trace.accounts import Caller, Role
from trace.deliveries import Delivery
from trace.intakes import Intake
from trace.lots import Lot
from trace.parties import Party
from trace.persons import Person, WrittenName
from trace.records import Filter, Noun, Record, equal, of_day, plain, read_records
from trace.slips import SlipKind, SlipReversal, WeighSlip

_GIVER, _RECEIVER, _AGENT = (aliased(Party, name=name) for name in ("giver", "receiver", "agent"))
_REPLACES = aliased(SlipReversal, name="replaces")
_FORMER, _NEXT = (aliased(WeighSlip, name=name) for name in ("former", "next_slip"))
STANDING, REVERSED = "standing", "reversed"
STATES = (STANDING, REVERSED)


def _slips(caller: Caller) -> Select[*tuple[Any, ...]]:
    slip = WeighSlip
    knows_giver = or_(
        is_caller(caller, slip.giver_id), is_caller(caller, _GIVER.member_of_id), is_caller(caller, slip.entered_by_id)
    )
    knows_weigher = or_(is_caller(caller, slip.party_id), is_caller(caller, slip.entered_by_id))
    return (
        select(
            *(slip.code, Party.code.label("owner"), slip.kind, Party.name.label("owner_name")),
            *(_GIVER.code.label("giver"), _GIVER.name.label("giver_name")),
            *(_RECEIVER.code.label("receiver"), _RECEIVER.name.label("receiver_name")),
            *(func.coalesce(Delivery.code, Lot.code).label("record"), _AGENT.code.label("entered_by")),
            Delivery.state.label("hand_over_state"),
            *(slip.weighed_on, slip.weighed_at, literal("+08:00").label("utc_offset"), slip.mode, slip.issued_at),
            *(slip.gross_g, slip.tare_g, slip.deduction_g, slip.deduction_reason, slip.net_g, slip.as_typed),
            *(slip.price_yuan_per_kg, slip.amount_yuan, slip.pluck_standard, slip.grade, slip.token),
            case((SlipReversal.slip_id.is_(None), STANDING), else_=REVERSED).label("state"),
            *(SlipReversal.reversed_at, SlipReversal.reason.label("reversal_reason")),
            *(_NEXT.code.label("replaced_by"), _FORMER.code.label("replaces")),
            case((knows_giver, Person.name)).label("giver_person"),
            case((knows_weigher, WrittenName.name)).label("weigher_person"),
        )
        .select_from(slip)
        .join(Party, slip.party_id == Party.id)
        .join(_GIVER, slip.giver_id == _GIVER.id)
        .join(_RECEIVER, slip.receiver_id == _RECEIVER.id)
        .outerjoin(Delivery, slip.delivery_id == Delivery.id)
        .outerjoin(Intake, slip.intake_id == Intake.id)
        .outerjoin(Lot, Intake.lot_id == Lot.id)
        .outerjoin(_AGENT, slip.entered_by_id == _AGENT.id)
        .outerjoin(SlipReversal, SlipReversal.slip_id == slip.id)
        .outerjoin(_NEXT, SlipReversal.replacement_id == _NEXT.id)
        .outerjoin(_REPLACES, _REPLACES.replacement_id == slip.id)
        .outerjoin(_FORMER, _REPLACES.slip_id == _FORMER.id)
        .outerjoin(Person, Person.party_id == _GIVER.id)
        .outerjoin(WrittenName, WrittenName.commitment == slip.weigher_commitment)
    )


def is_caller(caller: Caller, party: Any) -> ColumnElement[bool]:
    """Hold where a column names the caller's own party; the operator, who must, knows every person."""
    if caller.role is Role.OPERATOR:
        return true()
    return false() if caller.party_id is None else and_(party == caller.party_id)


SLIPS = Noun(
    name="slip",
    key=WeighSlip.id,
    query=_slips,
    visible=visibility.slips,
    code=plain(WeighSlip.code),
    owner=Party.code.expression,
    filters={
        "party": equal(Party.code),
        "giver": equal(_GIVER.code),
        "receiver": equal(_RECEIVER.code),
        "kind": Filter(lambda kind: WeighSlip.kind == SlipKind(kind), tuple(SlipKind)),
        "state": Filter(lambda state: SlipReversal.slip_id.is_not(None) == (state == REVERSED), STATES),
        "day": of_day(WeighSlip.weighed_on),
    },
)

_NOBODY = Caller(Role.AUDITOR, None)  # who has the link knows no person


def find_shared_slip(session: Session, token: str) -> Record | None:
    """Return the slip of a link, for whoever has it: without the names of persons."""
    if not token.isascii() or not token.isprintable():  # PostgreSQL would refuse U+0000 as text
        return None
    found: Sequence[int] = session.scalars(select(WeighSlip.id).where(WeighSlip.token == token)).all()
    return read_records(session, _NOBODY, SLIPS, found)[0] if found else None
