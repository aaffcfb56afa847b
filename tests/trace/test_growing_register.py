"""The register of growing: each use, piece of work and picking on a party's land has its line, in the law's columns."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from tests.factories import PICKED_AT, make_input_use, make_party, make_picking, make_plot
from tests.growing import make_field_work, make_purchase
from trace import clock
from trace.growing_register import Doing, GrowingEntry, iterate_growing, list_growing
from trace.inputs import InputProduct
from trace.parties import Party
from trace.registers import Span

ALWAYS = date(2020, 1, 1), date(2040, 1, 1)


def growing(session: Session, party: Party) -> list[GrowingEntry]:
    """Return a party's register whole."""
    return list(iterate_growing(session, Span(party.id, *ALWAYS)))


def make_product(session: Session, code: str, **facts: object) -> InputProduct:
    product = InputProduct(code=code, name="示例农药", **{"kind": "pesticide", "unit": "mL", **facts})
    session.add(product)
    session.flush()
    return product


def test_what_is_done_on_a_plot_stands_in_the_order_of_its_days(session: Session) -> None:
    coop = make_party(session)
    plot = make_plot(session, cooperative_id=coop.id)
    picking = make_picking(session, party=coop, plot=plot)
    use = make_input_use(session, plot=plot, recorder=coop, target="茶小绿叶蝉")
    work = make_field_work(session, plot=plot, recorder=coop, pest="茶小绿叶蝉", per_100_leaves=Decimal(4))
    lines = growing(session, coop)
    assert [(line.doing, line.day) for line in lines] == [
        (Doing.WORK, work.done_on),
        (Doing.INPUT, use.used_on),
        (Doing.PICKING, picking.picked_on),
    ]
    looked, used, picked = lines
    assert (looked.pest, looked.per_100_leaves, looked.missing) == ("茶小绿叶蝉", Decimal(4), [])
    assert (used.per_mu, used.target, used.interval_days) == (Decimal(30), "茶小绿叶蝉", 7)
    assert used.free_on == use.used_on + timedelta(days=7)
    assert (picked.mass_g, picked.pluck_standard) == (10_000, "一芽一叶")


def test_an_input_names_the_purchase_it_came_from_where_its_use_does_not(session: Session) -> None:
    coop = make_party(session)
    product = make_product(session, "IP1", maker="示例化工", registration="PD1", interval_days=7)
    purchase = make_purchase(session, product=product, buyer=coop, maker_code="20260111-A")
    make_input_use(session, product=product, recorder=coop, purchase_id=purchase.id, target="茶小绿叶蝉")
    [line] = growing(session, coop)
    assert (line.source, line.maker_code, line.maker, line.missing) == ("城关农资店", "20260111-A", "示例化工", [])
    purchase.undone_at = clock.now()
    session.flush()
    assert growing(session, coop)[0].missing == ["source"]


def test_what_the_law_asks_of_a_pesticide_and_nobody_recorded_is_named(session: Session) -> None:
    coop = make_party(session)
    make_input_use(session, product=make_product(session, "IP1"), recorder=coop, per_mu=None)
    manure = make_product(session, "IP2", kind="fertilizer")
    make_input_use(session, product=manure, recorder=coop, per_mu=None, total=Decimal(50), supplier="城关农资店")
    bare, whole = growing(session, coop)
    assert bare.missing == ["source", "per_mu", "registration", "maker", "target", "free_on"]
    assert whole.missing == []


def test_an_interval_that_no_label_says_is_the_longest_of_the_table(session: Session) -> None:
    coop = make_party(session)
    make_input_use(session, product=make_product(session, "IP1", active="吡虫啉"), recorder=coop)
    [line] = growing(session, coop)
    assert line.interval_days
    assert line.free_on == line.day + timedelta(days=line.interval_days)


def test_the_land_of_a_party_counts_whoever_recorded_and_a_strangers_does_not(session: Session) -> None:
    coop, other = make_party(session), make_party(session)
    make_input_use(session, plot=make_plot(session, cooperative_id=coop.id), recorder=other)
    make_picking(session, party=other)
    assert [line.doing for line in growing(session, coop)] == [Doing.INPUT]
    assert [line.doing for line in growing(session, other)] == [Doing.INPUT, Doing.PICKING]


def test_what_was_said_not_to_have_happened_stands_in_no_register(session: Session) -> None:
    coop = make_party(session)
    plot = make_plot(session, cooperative_id=coop.id)
    records = (
        make_input_use(session, plot=plot, recorder=coop),
        make_field_work(session, plot=plot, recorder=coop),
        make_picking(session, party=coop, plot=plot),
    )
    for record in records:
        record.undone_at = clock.now()
    session.flush()
    assert growing(session, coop) == []


@pytest.mark.parametrize("size", [1, 2, 5])
def test_pages_hold_every_line_once_and_a_span_keeps_to_its_days(session: Session, size: int) -> None:
    coop = make_party(session)
    plot = make_plot(session, cooperative_id=coop.id)
    for days in range(3):
        make_picking(session, party=coop, plot=plot, picked_at=PICKED_AT + timedelta(days=days // 2))
        make_field_work(session, plot=plot, recorder=coop, done_at=PICKED_AT)
    span, after, found = Span(coop.id, *ALWAYS), 0, []
    while True:
        entries, key = list_growing(session, span, size, after)
        found += entries
        if key is None:
            break
        after = key
    assert found == growing(session, coop)
    assert len(found) == 6
    day = PICKED_AT.date()
    assert len(list(iterate_growing(session, Span(coop.id, day, day)))) == 5
