"""What a document means in grams: lines that sum to zero, edges, and the reverse of it all."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trace.events import documents
from trace.events.postings import MassImbalanceError, Postings, derive, reverse
from trace.instance import Namespace
from trace.ledger import Account, Commodity

NAMES = Namespace("https://id.example.test")
WHEN = datetime(2026, 4, 20, 6, tzinfo=UTC)

masses = st.integers(1, 10**9)
Document = dict[str, Any]


def lot(number: int) -> str:
    return NAMES.lot("C1", f"L{number}")


def by_commodity(postings: Postings) -> dict[Commodity, int]:
    sums: Counter[Commodity] = Counter()
    for line in postings.lines:
        sums[line.commodity] += line.amount
    return dict(sums)


def transformation(taken: Sequence[int], given_g: int, lost_g: int, step: str = "receiving") -> Document:
    mixing = documents.Mixing(
        taken=[documents.Grams(lot(number), mass_g) for number, mass_g in enumerate(taken)],
        given=[documents.Grams(lot(99), given_g)],
        lost=[("water", lost_g)],
    )
    return documents.transformation(NAMES, when=WHEN, step=step, mixing=mixing, extra={})


@st.composite
def pickings(draw: st.DrawFn) -> Document:
    made = [documents.Grams(lot(number), draw(masses)) for number in range(draw(st.integers(1, 4)))]
    return documents.commissioning(NAMES, when=WHEN, made=made, extra={})


@st.composite
def runs(draw: st.DrawFn) -> Document:
    taken = draw(st.lists(masses, min_size=1, max_size=4))
    given_g = draw(st.integers(1, sum(taken)))
    return transformation(taken, given_g, sum(taken) - given_g)


@st.composite
def packings(draw: st.DrawFn) -> Document:
    net_g, units, overfill_g = draw(st.integers(1, 1000)), draw(st.integers(1, 10_000)), draw(st.integers(0, 500))
    mixing = documents.Mixing(
        taken=[documents.Grams(lot(1), net_g * units + overfill_g)],
        given=[documents.Pieces(lot(2), units)],
        lost=[("overfill", overfill_g)],
    )
    extra = {"chasu:netGrams": net_g}
    return documents.transformation(NAMES, when=WHEN, step="packing", mixing=mixing, extra=extra)


@st.composite
def shipments(draw: st.DrawFn) -> Document:
    units, net_g = draw(st.integers(1, 10_000)), draw(st.integers(1, 1000))
    extra = {
        **documents.owner_change(NAMES, "PL1", "BUY-1"),
        "chasu:netGrams": net_g,
        "chasu:positions": {"chasu:first": 1, "chasu:last": units},
    }
    of = [documents.Pieces(lot(2), units)]
    return documents.observation(NAMES, when=WHEN, step="shipping", of=of, extra=extra)


@st.composite
def reworks(draw: st.DrawFn) -> Document:
    parts = draw(st.lists(st.tuples(st.integers(1, 1000), st.integers(1, 10_000)), min_size=1, max_size=3))
    entered = sum(net_g * units for net_g, units in parts)
    lost_g = draw(st.integers(0, entered - 1))
    mixing = documents.Mixing(
        taken=[documents.Pieces(lot(number), units) for number, (_, units) in enumerate(parts)],
        given=[documents.Grams(lot(99), entered - lost_g)],
        lost=[("sorting", lost_g)],
    )
    ranges = [
        {"chasu:lot": lot(number), "chasu:netGrams": net_g, "chasu:first": 1, "chasu:last": units}
        for number, (net_g, units) in enumerate(parts)
    ]
    extra = {"chasu:positions": ranges}
    return documents.transformation(NAMES, when=WHEN, step="unpacking", mixing=mixing, extra=extra)


@st.composite
def sprays(draw: st.DrawFn) -> Document:
    of = [NAMES.plot(f"P{draw(st.integers(1, 9))}")]
    return documents.observation(NAMES, when=WHEN, step="inspecting", of=of, extra={})


every_document = st.one_of(pickings(), runs(), packings(), shipments(), reworks(), sprays())


@settings(derandomize=True, deadline=None)
@given(document=every_document)
def test_the_lines_of_every_document_sum_to_zero(document: Document) -> None:
    assert not any(by_commodity(derive(document)).values())


@settings(derandomize=True, deadline=None)
@given(document=every_document)
def test_an_error_declaration_undoes_every_line(document: Document) -> None:
    said = derive(document)
    unsaid = derive({**document, "errorDeclaration": {"declarationTime": "2026-04-21T00:00:00Z"}})
    totals: Counter[tuple[object, ...]] = Counter()
    for line in [*said.lines, *unsaid.lines]:
        totals[line.account, line.lot, line.subject, line.commodity] += line.amount
    assert not any(totals.values())
    made = Counter(dict(said.made))
    made.update(dict(unsaid.made))
    assert not any(made.values())
    assert reverse(unsaid).lines == said.lines


@settings(derandomize=True, deadline=None)
@given(taken=st.lists(masses, min_size=1, max_size=4), lost_g=st.integers(0, 10**9), gained_g=masses)
def test_a_step_that_gains_mass_is_refused(taken: list[int], lost_g: int, gained_g: int) -> None:
    given_g = sum(taken) + gained_g
    with pytest.raises(MassImbalanceError) as refusal:
        derive(transformation(taken, given_g, lost_g))
    assert refusal.value.facts == {"entered": sum(taken), "left": given_g + lost_g, "unit": "g"}


@settings(derandomize=True, deadline=None)
@given(taken=st.lists(masses, min_size=1, max_size=4), missing_g=masses)
def test_a_step_that_loses_mass_without_a_reason_is_refused(taken: list[int], missing_g: int) -> None:
    given_g = sum(taken) + missing_g
    with pytest.raises(MassImbalanceError):
        derive(transformation([*taken, missing_g + 1], given_g - missing_g, 0))


def test_every_input_leads_to_every_output_with_the_whole_draw() -> None:
    mixing = documents.Mixing(
        taken=[documents.Grams(lot(1), 70), documents.Grams(lot(2), 30)],
        given=[documents.Grams(lot(3), 60), documents.Grams(lot(4), 40)],
    )
    postings = derive(documents.transformation(NAMES, when=WHEN, step="sorting", mixing=mixing, extra={}))
    assert {(edge.parent, edge.child): edge.mass_g for edge in postings.edges} == {
        (lot(1), lot(3)): 70,
        (lot(1), lot(4)): 70,
        (lot(2), lot(3)): 30,
        (lot(2), lot(4)): 30,
    }
    assert postings.made == ((lot(3), 60), (lot(4), 40))


def test_a_lot_weighed_in_twice_by_one_event_is_one_draw() -> None:
    mixing = documents.Mixing(
        taken=[documents.Grams(lot(1), 70), documents.Grams(lot(1), 30)], given=[documents.Grams(lot(3), 100)]
    )
    postings = derive(documents.transformation(NAMES, when=WHEN, step="receiving", mixing=mixing, extra={}))
    assert [(edge.parent, edge.child, edge.mass_g) for edge in postings.edges] == [(lot(1), lot(3), 100)]


def test_packing_makes_units_and_takes_their_grams() -> None:
    mixing = documents.Mixing(
        taken=[documents.Grams(lot(1), 510)], given=[documents.Pieces(lot(2), 10)], lost=[("overfill", 10)]
    )
    extra = {"chasu:netGrams": 50}
    postings = derive(documents.transformation(NAMES, when=WHEN, step="packing", mixing=mixing, extra=extra))
    assert {(line.account, line.lot, line.subject, line.commodity, line.amount) for line in postings.lines} == {
        (Account.LOT, lot(1), None, Commodity.GRAM, -510),
        (Account.LOT, lot(2), None, Commodity.GRAM, 500),
        (Account.LOT, lot(2), None, Commodity.UNIT, 10),
        (Account.PACKED, None, lot(2), Commodity.UNIT, -10),
        (Account.LOST, None, "overfill", Commodity.GRAM, 10),
    }


def test_opening_packs_again_takes_units_away_and_gives_their_grams() -> None:
    mixing = documents.Mixing(
        taken=[documents.Pieces(lot(1), 4)], given=[documents.Grams(lot(2), 190)], lost=[("sorting", 10)]
    )
    extra = {"chasu:netGrams": 50, "chasu:positions": {"chasu:first": 1, "chasu:last": 4}}
    postings = derive(documents.transformation(NAMES, when=WHEN, step="unpacking", mixing=mixing, extra=extra))
    assert {(line.account, line.lot, line.subject, line.commodity, line.amount) for line in postings.lines} == {
        (Account.LOT, lot(1), None, Commodity.GRAM, -200),
        (Account.LOT, lot(1), None, Commodity.UNIT, -4),
        (Account.PACKED, None, lot(1), Commodity.UNIT, 4),
        (Account.LOT, lot(2), None, Commodity.GRAM, 190),
        (Account.LOST, None, "sorting", Commodity.GRAM, 10),
    }
    assert postings.edges == ((lot(1), lot(2), 200),)


def test_a_second_scale_may_weigh_more_than_the_first_but_no_step_makes_tea_of_nothing() -> None:
    assert sum(line.amount for line in derive(transformation([1000], 1001, -1)).lines) == 0
    for step in ("creating_class_instance", "packing"):
        with pytest.raises(MassImbalanceError) as refusal:
            derive(transformation([1000], 1001, -1, step))
        assert refusal.value.facts == {"entered": 1000, "left": 1001, "unit": "g"}
