"""The light of a plot turns green on the day on which leaf passes, and is red the day before."""

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from trace.rules.interval import Picked, Used, find_blocking, judge
from trace.rules.light import Colour, Light, Reason, tell
from trace.rules.tables import TEA, shipped_tables

START = date(2026, 4, 1)
ACTIVES = ("吡虫啉", "联苯菊酯", "没有此药")


def light_on(day: date, uses: Sequence[Used]) -> Light:
    blocking, unknown = find_blocking(day, TEA, shipped_tables().on(day), uses)
    return tell(day, blocking, [], unknown)


def found_on(day: date, uses: Sequence[Used]) -> bool:
    picked = Picked(id=1, plot_id=7, picked_on=day, crop=TEA, at=shipped_tables().on(day))
    return any(finding.severity == "reason" for finding in judge([picked], {7: uses}))


def use(number: int, day: int, interval: int | None, active: str) -> Used:
    return Used(
        code=f"IN{number}",
        used_on=START + timedelta(days=day),
        product="示例药",
        kind="pesticide",
        actives=(active,),
        interval_days=interval,
    )


USES = st.lists(
    st.tuples(st.integers(0, 30), st.none() | st.integers(0, 40), st.sampled_from(ACTIVES)), min_size=1, max_size=6
).map(lambda rows: [use(number, *row) for number, row in enumerate(rows)])


@given(USES, st.integers(30, 80))
def test_leaf_passes_on_the_day_the_light_turns_green_and_is_found_the_day_before(uses: list[Used], days: int) -> None:
    day = START + timedelta(days=days)
    light = light_on(day, uses)
    assert (light.light is Colour.RED) == found_on(day, uses)
    if light.light is Colour.RED:
        assert light.until is not None
        assert light_on(light.until, uses).light is Colour.GREEN
        assert not found_on(light.until, uses)
        eve = light.until - timedelta(days=1)
        assert light_on(eve, uses).light is Colour.RED
        assert found_on(eve, uses)


def test_a_finding_that_nobody_answered_leaves_the_day_open() -> None:
    blocking, _ = find_blocking(START, TEA, shipped_tables().on(START), [use(1, 0, 7, "联苯菊酯")])
    banned = Reason(rule="substance_banned", severity="refuse", input="IN2", product="禁药", used_on=START)
    light = tell(START, blocking, [banned])
    assert (light.light, light.until) == (Colour.RED, None)
    assert [reason.input for reason in light.reasons] == ["IN2", "IN1"]


def test_an_unknown_interval_is_told_and_stops_nothing() -> None:
    light = light_on(START, [use(1, 0, None, "没有此药")])
    assert (light.light, [one.code for one in light.unjudged]) == (Colour.GREEN, ["IN1"])
