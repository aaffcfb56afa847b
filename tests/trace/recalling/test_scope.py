"""The scope of a recall: exact for the demo town, three statements whatever the size, units as ranges."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tests.factories import (
    get_lot_of,
    make_leaf,
    make_pack,
    make_party,
    make_plot,
    make_recall,
    make_run,
    make_tea,
    make_village,
)
from tests.land import WHY, asked, plant, square
from tests.packing import make_mark, make_rework, make_shipment
from tests.trace.test_returns import take_back
from trace.inputs import InputUse
from trace.lots import Lot, get_lot
from trace.packs import Pack
from trace.places import Plot
from trace.plot_changes import SplitPlot, split_plots
from trace.recalling.scope import Fate, Scope, Start, Stretch, find_scope, find_sources, stretches_of
from trace.recalls import Recall
from trace.units import Fate as UnitFate


def scope_of(session: Session, *lots: Lot) -> Scope:
    return find_scope(session, Start.of_lots(lot.id for lot in lots))


def ranges(scope: Scope) -> list[tuple[int, int, Fate, str | None]]:
    [(_, pack)] = scope.packs
    return [(one.first, one.last, one.fate, one.buyer and one.buyer.code) for one in pack.stretches]


def test_the_demo_recall_is_exact(demo_session: Session) -> None:
    recall = demo_session.scalars(select(Recall)).one()
    start = Start.of_recall(recall.id)
    scope, sources = find_scope(demo_session, start), find_sources(demo_session, start)
    assert [lot.code for lot in scope.lots] == ["L008", "PK008"]
    assert (scope.units, scope.counts[Fate.SHIPPED], scope.in_stock, len(scope.buyers)) == (1200, 689, 511, 3)
    assert len({source.plot for source in sources}) == 10
    assert [(first, last, fate) for first, last, fate, _ in ranges(scope)] == [
        (1, 191, Fate.SHIPPED),
        (192, 505, Fate.SHIPPED),
        (506, 689, Fate.SHIPPED),
        (690, 1200, Fate.STOCK),
    ]
    loose_g = get_lot(demo_session, "L008").mass_g
    assert [(holder.units, holder.mass_g) for holder in scope.holders] == [(511, 511 * 125 + loose_g)]


def test_a_scope_from_a_plot_holds_all_that_came_of_its_leaf(demo_session: Session) -> None:
    plot = demo_session.scalars(select(Plot).where(Plot.code.endswith("016")).order_by(Plot.id)).first()
    assert plot is not None
    found = {lot.code for lot in find_scope(demo_session, Start.of_plot(plot.id)).lots}
    assert {"L008", "PK008"} <= found
    sources = find_sources(demo_session, Start.of_plot(plot.id))
    assert [source.plot for source in sources] == [plot.code]


def test_a_scope_from_a_plot_follows_its_land_when_it_is_split(session: Session) -> None:
    village = make_village(session)
    plot = plant(session, village, square(0, wide=2), area_mu=Decimal(30))
    before = make_leaf(session, plot=plot)
    parts = [asked(village, square(0)), asked(village, square(1))]
    [[first, _]] = split_plots(session, [SplitPlot(plot_id=plot.id, from_on=date(2026, 4, 21), parts=parts)], WHY)
    after = make_leaf(session, plot=first)
    assert [lot.code for lot in find_scope(session, Start.of_plot(plot.id)).lots] == [before.code, after.code]
    assert [lot.code for lot in find_scope(session, Start.of_plot(first.id)).lots] == [after.code]


def test_a_scope_from_a_day_on_leaves_out_what_was_picked_before(demo_session: Session) -> None:
    use = demo_session.scalars(select(InputUse).order_by(InputUse.used_on.desc())).first()
    assert use is not None
    all_of_it = find_scope(demo_session, Start.of_plot(use.plot_id)).lots
    since = find_scope(demo_session, Start.of_plot(use.plot_id, use.used_on)).lots
    leaf = {lot.id for lot in all_of_it if lot.kind == "leaf" and str(lot.made_on) < str(use.used_on)}
    assert not leaf & {lot.id for lot in since}


@pytest.mark.parametrize("packs", [1, 12])
def test_a_scope_takes_three_statements_whatever_the_size(session: Session, packs: int) -> None:
    teas = [make_tea(session) for _ in range(packs)]
    for tea in teas:
        make_shipment(session, pack=make_pack(session, lot=tea, units=2), positions=(1, 1))
    asked: list[str] = []
    event.listen(session.connection().engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    start = Start.of_lots(tea.id for tea in teas)
    assert len(find_scope(session, start).packs) == packs
    find_sources(session, start)
    assert len(asked) == 3


def test_units_are_where_they_were_last_said_to_be(session: Session) -> None:
    pack = make_pack(session, units=10)
    buyer, other = make_party(session, kind="buyer"), make_party(session, kind="buyer")
    first = make_shipment(session, pack=pack, buyer=buyer, positions=(1, 6))
    take_back(session, first, (3, 4))
    make_shipment(session, pack=pack, buyer=other, positions=(4, 4))
    make_rework(session, pack, 9, 9)
    make_mark(session, pack, UnitFate.VOID, 10, 10)
    make_mark(session, pack, UnitFate.LOCKED, 2, 2)
    assert ranges(scope_of(session, get_lot_of(session, pack))) == [
        (1, 2, Fate.SHIPPED, buyer.code),
        (3, 3, Fate.RETURNED, None),
        (4, 4, Fate.SHIPPED, other.code),
        (5, 6, Fate.SHIPPED, buyer.code),
        (7, 8, Fate.STOCK, None),
        (9, 9, Fate.REWORKED, None),
        (10, 10, Fate.SPOILED, None),
    ]


def test_what_a_blend_took_of_several_is_in_the_scope_once(session: Session) -> None:
    leaf = [make_leaf(session), make_leaf(session)]
    made = get_lot_of(session, make_run(session, taken=[(lot, 5_000) for lot in leaf]))
    scope = scope_of(session, *leaf)
    assert [lot.id for lot in scope.lots] == sorted({leaf[0].id, leaf[1].id, made.id})


def test_a_case_begins_with_the_lots_it_named(session: Session) -> None:
    plot = make_plot(session)
    leaf = make_leaf(session, plot=plot)
    made = get_lot_of(session, make_run(session, taken=[(leaf, 5_000), (make_leaf(session), 5_000)]))
    recall = make_recall(session, lot=leaf)
    start = Start.of_recall(recall.id)
    assert made.id in [lot.id for lot in find_scope(session, start).lots]
    assert [source.plot for source in find_sources(session, start)] == [plot.code]


WORDS = st.sampled_from([Fate.SHIPPED, Fate.RETURNED, Fate.SPOILED])


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 9), WORDS)))
def test_stretches_say_of_every_position_what_a_list_of_units_would(told: list[tuple[int, int, Fate]]) -> None:
    rows = [Stretch(first, min(30, first + more), fate, None, None, None) for first, more, fate in told]
    naive = [Fate.STOCK] * 30
    for row in rows:
        naive[row.first - 1 : row.last] = [row.fate] * row.size
    stretches = stretches_of(30, enumerate(rows))
    assert [one.fate for one in stretches for _ in range(one.size)] == naive
    assert [one.first for one in stretches] == [1, *(one.last + 1 for one in stretches[:-1])]


def test_a_pack_that_never_was_has_no_codes(session: Session) -> None:
    pack = make_pack(session)
    assert session.get(Pack, pack.id) is not None
    pack.undone_at = session.get_one(Recall, make_recall(session).id).known_at
    session.flush()
    assert scope_of(session, get_lot_of(session, pack)).packs == []
