"""`/v1/tables`: everybody reads what rules judge by; an officer replaces it whole, and what was judged stays judged."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.doors import Doors
from tests.editions import limit_row, shipped_rows
from trace import clock
from trace.rules.tables import SHAPES

EDITIONS = "/v1/tables/residue-limits/editions"


def edition(**changes: Any) -> dict[str, Any]:
    return {
        "edition": "GB 2763-2026 第1号修改单",
        "valid_from": "2026-01-01",
        "source": "国家标准全文公开系统",
        "rows": [limit_row("0.05")],
        **changes,
    }


def refused(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(fault["field"], fault["code"]) for fault in answer.json["errors"]]


def test_everybody_reads_every_table_with_the_edition_in_force(doors: Doors) -> None:
    listed = doors.get("/v1/tables", "laboratory").json["items"]
    assert [one["code"] for one in listed] == sorted(SHAPES)
    for one in listed:
        table = doors.get(f"/v1/tables/{one['code']}", "laboratory").json
        assert (table["edition"], table["recorded_at"]) == ("2026-11", None)
        assert len(table["rows"]) == one["row_count"]
        assert table["rows"] or SHAPES[one["code"]].may_be_empty
        names = {column["name"] for column in table["columns"]}
        assert all(set(row) <= names for row in table["rows"])
        for named in (one, table, *table["columns"]):
            assert set(named["names"]) == {"zh", "en"}
            assert not any(word.startswith("table") for word in named["names"].values()), "a key, and no word"


def test_tables_are_listed_in_pages(doors: Doors) -> None:
    first = doors.get("/v1/tables?limit=9", "coop").json
    rest = doors.get(f"/v1/tables?limit=9&after={first['next']}", "coop").json
    assert [one["code"] for one in first["items"] + rest["items"]] == sorted(SHAPES)
    assert rest["next"] is None


def test_an_officer_replaces_a_table_and_both_editions_can_be_read(doors: Doors) -> None:
    made = doors.post(EDITIONS, edition(), "officer")
    assert made.status_code == 201, made.text
    assert made.json["recorded_by"]
    now = doors.get("/v1/tables/residue-limits").json
    assert (now["edition"], now["rows"]) == ("GB 2763-2026 第1号修改单", [limit_row("0.05")])
    assert doors.get(made.headers["Location"]).json == now
    assert doors.get("/v1/tables/residue-limits?on=2025-12-31").json["edition"] == "2026-11"
    former = doors.get("/v1/tables/residue-limits?edition=2026-11").json
    assert former["rows"] == [
        {name: text for name, text in row.items() if text} for row in shipped_rows("residue-limits")
    ]
    assert [one["edition"] for one in doors.get(EDITIONS).json["items"]] == ["2026-11", "GB 2763-2026 第1号修改单"]


def test_a_table_as_it_is_read_can_be_entered_again(doors: Doors) -> None:
    for name in sorted(SHAPES):
        rows = doors.get(f"/v1/tables/{name}").json["rows"]
        assert doors.post(f"/v1/tables/{name}/editions", edition(rows=rows), "operator").status_code == 201


def test_numbers_may_be_numbers(doors: Doors) -> None:
    row = {**limit_row("0"), "mg_per_kg": 0.05, "valid_from": None}
    assert doors.post(EDITIONS, edition(rows=[row]), "officer").status_code == 201
    assert doors.get("/v1/tables/residue-limits").json["rows"][0]["mg_per_kg"] == "0.05"


def test_every_fault_is_told_by_row_and_column_and_nothing_is_entered(doors: Doors) -> None:
    rows = [
        limit_row("0.05"),
        limit_row("少量"),
        limit_row("0.2", analyte="", limit="3"),
        limit_row("0.07"),
        limit_row("0.1", analyte="草甘膦", source="问张三 13800138000"),
    ]
    assert refused(doors.post(EDITIONS, edition(rows=rows), "officer")) == [
        ("rows[1].mg_per_kg", "number-shape"),
        ("rows[2].limit", "unknown-field"),
        ("rows[2].analyte", "missing-field"),
        ("rows[4].source", "personal-number"),
    ]
    assert refused(doors.post(EDITIONS, edition(rows=[rows[0], rows[3]]), "officer")) == [
        ("rows[1].valid_from", "duplicate-value")
    ]
    assert doors.get("/v1/tables/residue-limits").json["edition"] == "2026-11"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"rows": []}, ("rows", "empty")),
        ({"rows": ["0.05"]}, ("rows[0]", "wrong-type")),
        ({"rows": [{"mg_per_kg": True}]}, ("rows[0]", "wrong-type")),
        ({"rows": {}}, ("rows", "wrong-type")),
        ({"edition": "2026-11"}, ("edition", "code-taken")),
        ({"edition": " "}, ("edition", "empty")),
        ({"valid_from": "1.1.2026"}, ("valid_from", "not-a-date")),
        ({"source": None}, ("source", "missing-field")),
        ({"name": "x"}, ("name", "unknown-field")),
    ],
)
def test_an_edition_without_a_name_a_day_a_source_or_rows_is_refused(
    doors: Doors, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    assert refused(doors.post(EDITIONS, edition(**changes), "officer")) == [fault]


@pytest.mark.parametrize("caller", ["coop", "plant", "laboratory", "brand", "auditor"])
def test_nobody_else_replaces_a_table(doors: Doors, caller: str) -> None:
    assert doors.post(EDITIONS, edition(), caller).json["code"] == "role-closed"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/tables/prices", 404),
        ("/v1/tables/prices/editions", 404),
        ("/v1/tables/label-waste?edition=none", 404),
        ("/v1/tables/label-waste?on=1979-01-01", 400),
        ("/v1/tables/label-waste?on=today", 400),
        ("/v1/tables/label-waste?day=2026-01-01", 400),
        ("/v1/tables?after=x", 400),
    ],
)
def test_what_is_not_there_is_not_found_and_a_wrong_question_is_refused(doors: Doors, path: str, status: int) -> None:
    assert doors.get(path).status_code == status


def test_a_repeated_request_enters_one_edition(doors: Doors) -> None:
    first, second = (doors.post(EDITIONS, edition(), "officer", Idempotency_Key="T1") for _ in range(2))
    assert (first.status_code, second.status_code, second.json) == (201, 201, first.json)
    assert len(doors.get(EDITIONS).json["items"]) == 2


# -- what was judged before


def pick(doors: Doors, hour: int) -> str:
    """Pick leaf today, a day after the spray; return its lot."""
    today = clock.today()
    picking = {
        "plot": doors.plots["own"],
        "picked_at": f"{today}T00:00:{hour:02d}+08:00",
        "mass": {"value": "25.5", "unit": "jin"},
        "pluck_standard": "一芽一叶",
        "crop": "茶鲜叶",
    }
    made = doors.post("/v1/pickings", picking)
    assert made.status_code == 201, made.text
    return str(made.json["code"])


def intervals(doors: Doors) -> list[tuple[str, str, Any]]:
    """Return (record, edition, days) of the standing findings above a note."""
    found = doors.get("/v1/findings?severity=reason").json["items"]
    return [
        (one["record"], one["edition"], one["facts"]["interval_days"]) for one in found if one["withdrawn_at"] is None
    ]


def test_a_table_replaced_today_leaves_yesterday_s_judgements_as_they_were(doors: Doors) -> None:
    product = {"code": "IP-9", "kind": "pesticide", "name": "吡虫啉 10% 可湿性粉剂", "active": "吡虫啉"}
    assert doors.post("/v1/input-products", product, "officer").status_code == 201
    sprayed = clock.today() - timedelta(days=8)
    use = {"plot": doors.plots["own"], "product": "IP-9", "used_at": f"{sprayed}T08:00:00+08:00"}
    assert doors.post("/v1/inputs", use).status_code == 201
    before = pick(doors, 1)
    assert intervals(doors) == [(before, "2026-11", 12)]

    [shorter] = [row for row in shipped_rows("intervals") if (row["substance"], row["days"]) == ("吡虫啉", "7")]
    new = edition(edition="新标签", rows=[shorter])
    assert doors.post("/v1/tables/intervals/editions", new, "officer").status_code == 201
    after = pick(doors, 2)
    assert intervals(doors) == [(before, "2026-11", 12)], "eight days are enough by the new table, for what follows it"

    # A spray entered late makes all be judged again, each by its own table.
    fertilizer = {"code": "IP-8", "kind": "fertilizer", "name": "菜籽饼肥"}
    assert doors.post("/v1/input-products", fertilizer, "officer").status_code == 201
    assert doors.post("/v1/inputs", {**use, "product": "IP-8"}).status_code == 201
    assert intervals(doors) == [(before, "2026-11", 12)]
    late = {**use, "used_at": f"{sprayed + timedelta(days=2)}T08:00:00+08:00"}
    assert doors.post("/v1/inputs", late).status_code == 201
    assert intervals(doors) == [(before, "2026-11", 12), (after, "新标签", 7)]
