"""Uses of inputs are judged by whichever door they came, and hold the leaf picked since until somebody answers."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import PICKED_AT, get_lot_of, make_input_use, make_intake, make_picking, make_plot, new_code
from trace.events import HISTORY, LIVE
from trace.events.tables import Event
from trace.findings import Finding, Severity, answer_finding
from trace.holds import LotHold
from trace.inputs import InputProduct, InputUse, UseInput, correct_input_use
from trace.permits import find_refusals
from trace.pickings import Pick, Picking, correct_picking
from trace.places import Plot, PlotDescent
from trace.plot_lights import read_lights
from trace.rules.judging import judge_input_uses, judge_lateness, judge_pickings
from trace.rules.light import Colour

PICKED_ON = PICKED_AT.date()


def product(session: Session, **label: Any) -> InputProduct:
    """Make a pesticide with a label that says all."""
    code = new_code("IP")
    values: dict[str, Any] = {
        "active": "联苯菊酯",
        "registration": f"PD-{code}",
        "crops": ["茶树"],
        "interval_days": 3,
        "max_applications": 1,
        "max_per_mu": Decimal(40),
        "unit": "mL",
        **label,
    }
    made = InputProduct(code=code, kind="pesticide", name="示例农药", **values)
    session.add(made)
    session.flush()
    return made


def spray(session: Session, plot: Plot, days: int, used: InputProduct | None = None, **more: Any) -> InputUse:
    """Use a product on a plot so many days before the picking."""
    at = PICKED_AT - timedelta(days=days)
    used = used or product(session)
    return make_input_use(session, plot=plot, product=used, used_at=at, used_on=at.date(), **more)


def grave(session: Session) -> list[tuple[str, str]]:
    """Return rule and record of the findings above a note that stand."""
    query = select(Finding.rule, Finding.record).where(
        Finding.withdrawn_at.is_(None), Finding.severity != Severity.NOTE
    )
    return sorted((rule, record) for rule, record in session.execute(query))


def held(session: Session, finding: Finding) -> set[int]:
    return set(session.scalars(select(LotHold.lot_id).where(LotHold.finding_id == finding.id)))


def test_a_banned_substance_holds_all_leaf_picked_since_with_what_was_made_of_it_and_not_the_leaf_before(
    session: Session,
) -> None:
    plot = make_plot(session)
    before = make_picking(session, plot=plot, picked_at=PICKED_AT - timedelta(days=9), mass_g=1_000)
    since = make_picking(session, plot=plot, mass_g=1_000)
    received = get_lot_of(session, make_intake(session, taken=[(get_lot_of(session, since), 1_000)]))
    use = spray(session, plot, 5, product(session, active="滴滴涕"))
    [finding] = judge_input_uses(session, [use.id])
    assert (finding.rule, finding.severity, finding.record) == ("substance_banned", Severity.REFUSE, use.code)
    assert held(session, finding) == {since.lot_id, received.id}
    assert find_refusals(session, before.lot_id) == []
    later = make_picking(session, plot=plot, picked_at=PICKED_AT + timedelta(days=30), mass_g=1_000)
    assert judge_pickings(session, [later.id]) == []
    assert find_refusals(session, later.lot_id) == [finding]


def test_an_answer_frees_the_leaf_and_stays_when_more_is_picked(session: Session) -> None:
    plot = make_plot(session)
    first = make_picking(session, plot=plot, mass_g=1_000)
    [finding] = judge_input_uses(session, [spray(session, plot, 5, product(session, active="滴滴涕")).id])
    assert find_refusals(session, first.lot_id) == [finding]
    answer_finding(session, finding, by="王芳", answer="送检未检出")
    later = make_picking(session, plot=plot, picked_at=PICKED_AT + timedelta(days=3), mass_g=1_000)
    assert judge_pickings(session, [later.id]) == []
    assert judge_input_uses(session, [finding.record_id]) == []
    assert (finding.withdrawn_at, find_refusals(session, later.lot_id)) == (None, [])


def test_leaf_corrected_to_a_day_before_the_use_is_free_of_it(session: Session) -> None:
    plot = make_plot(session)
    picking = make_picking(session, plot=plot, mass_g=1_000)
    [finding] = judge_input_uses(session, [spray(session, plot, 5, product(session, active="滴滴涕")).id])
    lot = get_lot_of(session, picking)
    right = Pick(
        code=lot.code,
        party_id=lot.party_id,
        party_code="C",
        plot_id=plot.id,
        plot_code=plot.code,
        picked_at=PICKED_AT - timedelta(days=6),
        mass_g=1_000,
        pluck_standard="一芽一叶",
    )
    correct_picking(session, picking, right, "incorrect_data", LIVE)
    judge_pickings(session, [picking.id], [(plot.id, PICKED_ON)])
    assert held(session, finding) == set()
    assert find_refusals(session, lot.id) == []


def test_a_use_on_land_that_was_split_holds_what_is_picked_on_its_parts(session: Session) -> None:
    whole, part = make_plot(session), make_plot(session)
    session.add(PlotDescent(parent_id=whole.id, child_id=part.id, changed_on=PICKED_ON))
    session.flush()
    use = spray(session, whole, 5, product(session, active="滴滴涕"))
    [finding] = judge_input_uses(session, [use.id])
    picking = make_picking(session, plot=part, mass_g=1_000)
    judge_pickings(session, [picking.id])
    assert held(session, finding) == {picking.lot_id}
    [reason] = read_lights(session, [part.id], PICKED_ON)[part.id].reasons
    assert (reason.rule, reason.free_on) == ("substance_banned", None)


def test_one_more_use_than_the_label_allows_is_found_at_the_later_however_they_were_entered(session: Session) -> None:
    plot, used = make_plot(session), product(session, max_applications=2)
    third, second = spray(session, plot, 10, used), spray(session, plot, 20, used)
    assert judge_input_uses(session, [third.id, second.id]) == []
    first = spray(session, plot, 30, used)
    [finding] = judge_input_uses(session, [first.id])
    assert (finding.rule, finding.record, finding.facts["times"]) == ("too_many_applications", third.code, 3)


def test_packs_of_one_registration_are_counted_together_and_a_year_begins_anew(session: Session) -> None:
    plot, one = make_plot(session), product(session)
    other = product(session, registration=one.registration)
    spray(session, plot, 180, one)  # last autumn
    uses = [spray(session, plot, 20, one), spray(session, plot, 10, other)]
    found = judge_input_uses(session, [use.id for use in uses])
    assert [(finding.rule, finding.record) for finding in found] == [("too_many_applications", uses[1].code)]


def test_a_use_that_was_none_frees_the_next(session: Session) -> None:
    plot, used = make_plot(session), product(session)
    first, second = spray(session, plot, 20, used), spray(session, plot, 10, used)
    judge_input_uses(session, [first.id, second.id])
    assert grave(session) == [("too_many_applications", second.code)]
    former = [(plot.id, first.used_on)]
    correct_input_use(session, first, None, "did_not_occur", LIVE)
    judge_input_uses(session, [first.id], former)
    assert grave(session) == []


def test_a_dose_corrected_below_the_labels_is_withdrawn(session: Session) -> None:
    plot, used = make_plot(session), product(session)
    use = spray(session, plot, 10, used, per_mu=Decimal(41))
    judge_input_uses(session, [use.id])
    assert grave(session) == [("dose_exceeded", use.code)]
    right = UseInput(
        code=use.code,
        plot_id=plot.id,
        plot_code=plot.code,
        product_id=used.id,
        product_code=used.code,
        used_on=use.used_on,
        used_at=PICKED_AT - timedelta(days=10),
        recorder_id=session.get_one(Event, use.event_id).party_id,
        per_mu=Decimal(40),
    )
    correct_input_use(session, use, right, "incorrect_data", LIVE)
    judge_input_uses(session, [use.id])
    assert grave(session) == []


def test_the_interval_on_one_pack_counts_for_every_pack_of_its_registration(session: Session) -> None:
    plot, said = make_plot(session), product(session, interval_days=14)
    silent = product(session, registration=said.registration, interval_days=None, active=None)
    picking = make_picking(session, plot=plot, mass_g=1_000)
    [finding] = judge_input_uses(session, [spray(session, plot, 13, silent).id])
    assert (finding.rule, finding.record_id, finding.facts["interval_days"]) == ("harvest_inside_phi", picking.id, 14)
    assert (finding.facts["basis"], finding.facts["registration"]) == ("label", said.registration)


def test_a_substance_without_a_label_waits_as_long_as_the_table_says_whatever_crop_was_typed(session: Session) -> None:
    plot, bare = make_plot(session), product(session, interval_days=None, active="吡虫啉")
    picking = make_picking(session, plot=plot, mass_g=1_000)
    [finding] = judge_input_uses(session, [spray(session, plot, 11, bare).id])
    assert (finding.record_id, finding.facts["basis"], finding.facts["interval_days"]) == (picking.id, "table", 12)


def test_more_leaf_than_a_plot_can_give_is_found_at_the_picking_that_goes_beyond(session: Session) -> None:
    plot = make_plot(session, area_mu=Decimal(1), planted_year=2000)
    pickings = [
        make_picking(session, plot=plot, picked_at=PICKED_AT + timedelta(days=days), mass_g=mass_g)
        for days, mass_g in ((0, 100_000), (5, 100_000), (9, 50_001))
    ]
    [finding] = judge_pickings(session, [picking.id for picking in pickings])
    assert (finding.rule, finding.record_id, finding.facts["sum_g"]) == ("plot_yield", pickings[2].id, 250_001)
    early = make_picking(session, plot=plot, picked_at=PICKED_AT - timedelta(days=5), mass_g=60_000)
    judge_pickings(session, [early.id])
    beyond = [get_lot_of(session, picking).code for picking in pickings[1:]]
    assert grave(session) == sorted(("plot_yield", code) for code in beyond)


def test_the_light_is_what_the_rules_say_of_a_picking_on_that_day(session: Session) -> None:
    plot = make_plot(session)
    use = spray(session, plot, 0, product(session, interval_days=7))
    judge_input_uses(session, [use.id])
    free = PICKED_ON + timedelta(days=7)
    red, green = (read_lights(session, [plot.id], day)[plot.id] for day in (free - timedelta(days=1), free))
    assert (red.light, red.until, green.light, green.until) == (Colour.RED, free, Colour.GREEN, None)
    for day, expected in ((6, ["harvest_inside_phi"]), (7, [])):
        picking = make_picking(session, plot=plot, picked_at=PICKED_AT + timedelta(days=day), mass_g=1_000)
        assert [finding.rule for finding in judge_pickings(session, [picking.id])] == expected
    assert read_lights(session, [plot.id], PICKED_ON - timedelta(days=1))[plot.id].light is Colour.GREEN


def test_what_is_entered_long_after_is_noted_once_and_not_for_its_correction(session: Session) -> None:
    plot = make_plot(session)
    late = make_picking(session, plot=plot)
    [note] = judge_lateness(session, Picking, [late.id])
    assert (note.rule, note.severity, note.noun) == ("late_entry", Severity.NOTE, "picking")
    assert judge_lateness(session, Picking, [late.id]) == []
    past = make_picking(session, plot=plot, entry=HISTORY)
    lot = get_lot_of(session, past)
    right = Pick(
        code=lot.code,
        party_id=lot.party_id,
        party_code="C",
        plot_id=plot.id,
        plot_code=plot.code,
        picked_at=PICKED_AT,
        mass_g=9_000,
        pluck_standard="一芽一叶",
    )
    correct_picking(session, past, right, "incorrect_data", LIVE)
    assert judge_lateness(session, Picking, [past.id]) == []  # first told as history


def test_leaf_picked_later_is_held_without_touching_what_was_held_before(session: Session) -> None:
    plot = make_plot(session)
    first = make_picking(session, plot=plot, mass_g=1_000)
    use = spray(session, plot, 5, product(session, active="滴滴涕"))
    [finding] = judge_input_uses(session, [use.id])
    lot = get_lot_of(session, first)
    session.refresh(lot)
    revision = lot.revision
    later = make_picking(session, plot=plot, picked_at=PICKED_AT + timedelta(days=1), mass_g=1_000)
    judge_pickings(session, [later.id])
    session.refresh(lot)
    assert held(session, finding) == {first.lot_id, later.lot_id}
    assert lot.revision == revision  # nor is any pack made of it: its page is as it was
