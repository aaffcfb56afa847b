"""What the three parties of the table of roles do with goods: send, burn, buy in, put into cases, open again."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import factories
from tests.between import burn, make_delivery, make_outside
from tests.packing import make_case, make_rework, make_shipment, units_of
from trace.day_closes import CloseDay, close_days
from trace.deliveries import DeliveryKind
from trace.events import LIVE
from trace.ids import gs1_check_digit
from trace.intakes import Intake
from trace.logistic_units import LogisticUnit
from trace.lots import Lot
from trace.packs import Pack
from trace.paper_forms import FormKind, IssueForms, form_number, issue_forms
from trace.parties import Party
from trace.slips import WeighSlip

LATE = factories.PICKED_AT + timedelta(days=5)
Sides = dict[str, str]  # side → code


def case_of(session: Session, pack: Pack, position: int) -> LogisticUnit:
    """Put a position of a pack into a case of its own."""
    party = session.get_one(Party, session.get_one(Lot, pack.lot_id).party_id)
    body = f"9{factories.new_code('')}".ljust(17, "0")
    return make_case(session, party, [units_of(session, pack, position, position)], sscc=body + gs1_check_digit(body))


def move(session: Session, parties: dict[str, Party], made: dict[str, Lot]) -> dict[str, Sides]:
    """Let each send tea by mass, burn some, and receive some from outside; the neighbour's of what is one's own."""
    tea = {"own": made["own"], "neighbour": made["own"], "foreign": made["foreign"]}
    others = {"own": parties["neighbour"], "neighbour": parties["own"], "foreign": parties["neighbour"]}
    sent, burnt, outside = {}, {}, {}
    for side, party in parties.items():
        lot = factories.get_lot_of(session, factories.make_blend(session, plant=party, taken=[(tea[side], 100)]))
        factories.let_go(session, lot)
        sent[side] = make_delivery(
            session, items=[(lot, 10)], receiver=others[side], kind=DeliveryKind.SHIPMENT, sent_at=LATE
        ).code
        burnt[side] = burn(session, lot, 1, destroyed_at=LATE).code
        supplier = (others[side].id, others[side].code)
        receipt = make_outside(session, party, supplier=supplier)
        outside[side] = session.get_one(Lot, receipt.lot_id).code
    return {"deliveries": sent, "destructions": burnt, "outside-lots": outside}


def repack(session: Session, packs: Mapping[str, Pack], buyers: Mapping[str, Party]) -> dict[str, Sides]:
    """Let each sell a case to its buyer, and open a pack again."""
    cases, reworks = {}, {}
    for side, pack in packs.items():
        case = case_of(session, pack, 110)
        make_shipment(session, pack=pack, buyer=buyers[side], units=[], logistic_units=[(case.id, case.sscc)])
        cases[side] = case.sscc
        reworks[side] = factories.get_lot_of(session, make_rework(session, pack, 111, 111)).code
    return {"cases": cases, "reworks": reworks}


def slip_of(session: Session, party: Party, received: Lot) -> str:
    """Return the slip of the intake that made a lot; its number is the party's own."""
    slip = select(WeighSlip.code).join(Intake, WeighSlip.intake_id == Intake.id).where(Intake.lot_id == received.id)
    return f"{party.code}/{session.scalars(slip).one()}"


def close_one(session: Session, party: Party) -> str:
    """Let a party close the day of its intakes."""
    return close_days(session, [CloseDay(party_id=party.id, day=factories.PICKED_AT.date())], LIVE)[0].code


def grower_of(session: Session, party: Party) -> str:
    """Make a member of a party, in its area."""
    return factories.make_party(session, kind="grower", member_of_id=party.id, area_code=party.area_code).code


def form_of(session: Session, party: Party) -> tuple[str, str]:
    """Have a form printed for a party; return its run, as `PARTY/CODE`, and its number."""
    command = IssueForms(code=factories.new_code("PF"), party_id=party.id, kind=FormKind.INPUTS, count=1)
    [run] = issue_forms(session, [command], LIVE)
    return f"{party.code}/{run.code}", form_number(run.first)


def forms_of(session: Session, parties: dict[str, Party]) -> dict[str, Sides]:
    """Have a form printed for each party."""
    printed = {side: form_of(session, party) for side, party in parties.items()}
    return {
        "form-runs": {side: run for side, (run, _) in printed.items()},
        "paper-forms": {side: number for side, (_, number) in printed.items()},
    }


def weigh_slips_of(session: Session, parties: dict[str, Party], intakes: dict[str, Lot]) -> dict[str, Sides]:
    """Return a slip of each party, a closing of its day, and a grower who is its member."""
    return {
        "growers": {side: grower_of(session, party) for side, party in parties.items()},
        "day-closes": {side: f"{party.code}/{close_one(session, party)}" for side, party in parties.items()},
        "slips": {side: slip_of(session, party, intakes[side]) for side, party in parties.items()},
    }
