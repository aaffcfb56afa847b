"""`/v1/day-closes` and the grower's book: what the clerk closes in the evening, and what the family sees of a year."""

from typing import Any

import pypdfium2
import pytest

from tests.api.doors import Doors
from tests.api.moving import kg, party_of, pick, send
from tests.api.test_pickings import faults
from tests.api.test_slips import household, text_of
from tests.factories import make_leaf, make_party
from trace import clock

CLOSED = {"day": "2026-04-20"}


def weigh(doors: Doors, mass: str = "4", **changes: Any) -> dict[str, Any]:
    """Let the co-op buy leaf of the household."""
    body = {
        "supplier": "F9",
        "lots": [{"lot": "H9", "mass": kg(mass)}],
        "received_at": "2026-04-20T14:00:00+08:00",
        "mass": kg(mass),
        "price": {"value": "50.5", "unit": "jin"},
        "pluck_standard": "单芽",
        **changes,
    }
    answer = doors.post("/v1/intakes", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def test_a_co_op_closes_its_day_and_knows_its_growers(doors: Doors) -> None:
    household(doors, "C01")
    weigh(doors)
    weigh(doors, "1.25")
    answer = doors.post("/v1/day-closes", CLOSED)
    assert (answer.status_code, answer.headers["Location"]) == (201, "/v1/day-closes/C01/DC-260420-1")
    assert answer.json["bought"] == {
        "slips": 2,
        "reversed": 0,
        "net_g": 5_250,
        "jin": "10.5",
        "amount_yuan": "530.25",
    }
    [line] = answer.json["lines"]
    assert (line["party"], line["name"], line["person"], line["pluck_standard"]) == (
        "F9",
        "示例农户9",
        "李秀英",
        "单芽",
    )
    assert answer.json["supplement"] is False
    assert doors.get("/v1/day-closes/DC-260420-1").json == answer.json
    assert doors.get("/v1/day-closes/DC-260420-1", "officer").json["lines"][0]["person"] is None


def test_the_sum_of_a_day_is_the_sum_of_its_slips(doors: Doors) -> None:
    household(doors, "C01")
    for mass in ("0.333", "0.777", "2.005"):
        weigh(doors, mass, price={"value": "33.33", "unit": "kg"})
    slips = doors.get("/v1/slips?party=C01&day=2026-04-20").json["items"]
    total = doors.post("/v1/day-closes", CLOSED).json["bought"]
    assert f"{sum(round(float(slip['amount_yuan']) * 100) for slip in slips) / 100:.2f}" == total["amount_yuan"]
    assert sum(slip["net_g"] for slip in slips) == total["net_g"]


def test_what_comes_from_paper_after_the_closing_stands_in_a_supplement(doors: Doors) -> None:
    household(doors, "C01")
    weigh(doors)
    first = doors.post("/v1/day-closes", CLOSED).json
    weigh(doors, "1", mode="paper")
    second = doors.post("/v1/day-closes", CLOSED).json
    assert (second["code"], second["supplement"], second["bought"]["net_g"]) == ("DC-260420-2", True, 1_000)
    assert doors.get(f"/v1/day-closes/{first['code']}").json == first
    again = doors.post("/v1/day-closes", CLOSED)
    assert (again.status_code, again.json["code"], again.json["facts"]) == (409, "day-closed", {"close": "DC-260420-2"})
    assert len(doors.get("/v1/day-closes?day=2026-04-20").json["items"]) == 2


def test_leaf_on_its_way_is_named_at_both_ends(doors: Doors) -> None:
    pick(doors)
    send(doors, "HO1")
    for caller in ("coop", "plant"):
        assert doors.post("/v1/day-closes", CLOSED, caller).json["open_hand_overs"] == ["C01/HO1"]


def test_a_day_that_has_not_come_and_anothers_are_refused(doors: Doors) -> None:
    assert faults(doors.post("/v1/day-closes", {"day": "2099-01-01"})) == {("day", "in-the-future")}
    assert faults(doors.post("/v1/day-closes", {})) == {("day", "missing-field")}
    assert doors.post("/v1/day-closes", {**CLOSED, "party": "C02"}).json["code"] == "not-for-them"


def test_a_closing_is_nobody_elses_to_read(doors: Doors) -> None:
    doors.post("/v1/day-closes", CLOSED)
    for path in ("/v1/day-closes/C01/DC-260420-1", "/v1/day-closes/C01/DC-260420-1/print"):
        told = {caller: doors.get(path, caller).status_code for caller in ("coop", "plant", "other coop", "officer")}
        assert told == {"coop": 200, "plant": 404, "other coop": 404, "officer": 200}, path


def test_a_repeated_closing_is_answered_and_not_done_again(doors: Doors) -> None:
    first, again = (doors.post("/v1/day-closes", CLOSED, Idempotency_Key="d-1") for _ in range(2))
    assert (again.status_code, again.json) == (201, first.json)


@pytest.mark.parametrize("paper", ["a4", "receipt"])
def test_a_closing_is_printed(doors: Doors, paper: str) -> None:
    household(doors, "C01")
    weigh(doors)
    doors.post("/v1/day-closes", CLOSED)
    words = text_of(doors.get(f"/v1/day-closes/DC-260420-1/print?format={paper}").data)
    for said in ("日结单", "2026-04-20", "收购", "8斤", "404.00元", "李秀英", "示例农户9", "单芽"):
        assert said in words, said


def test_a_grower_has_a_book_of_the_year(doors: Doors) -> None:
    household(doors, "C01")
    first, second = weigh(doors), weigh(doors, "1", received_at="2026-05-02T08:00:00+08:00")
    fixed = {"event": f"intakes/C01/{second['code']}", "reason": "没有这一笔"}
    assert doors.post("/v1/corrections", fixed).status_code == 201
    book = doors.get("/v1/growers/F9/book?year=2026").json
    assert (book["total"]["slips"], book["total"]["jin"], book["total"]["amount_yuan"]) == (1, "8", "404.00")
    assert [slip["state"] for slip in book["slips"]] == ["standing", "reversed"]
    assert book["slips"][0]["code"] == first["slip"]
    assert [month["name"] for month in book["months"]] == ["2026-04"]
    assert doors.get("/v1/growers/F9/book?year=2025").json["slips"] == []
    answer = doors.get("/v1/growers/F9/book/print?year=2026")
    words = text_of(answer.data)
    for said in ("2026年茶农交售账本", "8斤", "404.00元", "李秀英", "按收购方", "作废"):
        assert said in words, said
    assert round(pypdfium2.PdfDocument(answer.data)[0].get_width() / 72 * 25.4) == 210


def test_a_book_is_of_a_grower_one_may_read_and_of_a_year(doors: Doors) -> None:
    household(doors, "C01")
    weigh(doors)
    told = {caller: doors.get("/v1/growers/F9/book?year=2026", caller).status_code for caller in ("coop", "other coop")}
    assert told == {"coop": 200, "other coop": 404}
    assert doors.get("/v1/growers/C01/book?year=2026").status_code == 404, "a co-op is no grower"
    this = doors.get("/v1/growers/F9/book").json["year"]
    assert this == clock.today().year
    for query in ("?year=x", "?year=0"):
        assert doors.get(f"/v1/growers/F9/book{query}").json["code"] == "bad-parameter"


def test_a_plant_sees_in_a_book_only_what_it_bought(doors: Doors) -> None:
    household(doors, "C01")
    weigh(doors)
    assert doors.get("/v1/growers/F9/book?year=2026", "plant").status_code == 404


def test_a_book_has_the_slips_of_a_household_entered_twice(doors: Doors) -> None:
    household(doors, "C01")
    weigh(doors)
    with doors.sessions.write.begin() as session:
        twin = make_party(session, code="F10", kind="grower", member_of_id=party_of(session, "C01").id)
        make_leaf(session, party=twin, code="H10")
    weigh(doors, "1", supplier="F10", lots=[{"lot": "H10", "mass": kg("1")}])
    merged = doors.post("/v1/parties/F10/merges", {"into": "F9", "reason": "同一户"})
    assert merged.status_code == 201, merged.text
    assert doors.get("/v1/growers/F9/book?year=2026").json["total"]["net_g"] == 5_000
