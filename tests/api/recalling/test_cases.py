"""A recall case from start to end: what came back, what is open, reports."""

from typing import Any

import pytest
from sqlalchemy import select

from api.state import state_of
from tests.api.doors import Doors
from tests.api.test_packs import pack, ship
from tests.api.test_pickings import faults
from tests.factories import make_brand, make_pack, make_tea, make_trade_item
from tests.packing import make_shipment
from trace.keys import create_first_key
from trace.lots import Lot
from trace.parties import Party

pytestmark = pytest.mark.usefixtures("goods")


def start(doors: Doors, **changes: Any) -> dict[str, Any]:
    moments = {"known_at": "2026-05-01T08:00:00+08:00", "started_at": "2026-05-01T10:00:00+08:00"}
    body = {"code": "RC1", "lots": ["PK1"], "level": 2, "person": "王芳", **moments, **changes}
    answer = doors.post("/v1/recalls", body, "plant")
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def give_back(doors: Doors, first: int, last: int) -> None:
    body = {"buyer": "BUY-A", "pack": "PK1", "first": first, "last": last, "reason": "召回"}
    assert doors.post("/v1/returns", {**body, "returned_at": "2026-05-03T10:00:00+08:00"}, "plant").status_code == 201


def destroy(doors: Doors, first: int, last: int) -> None:
    body = {"pack": "PK1", "first": first, "last": last, "reason": "召回", "method": "焚烧"}
    answer = doors.post("/v1/destructions", {**body, "destroyed_at": "2026-05-04T10:00:00+08:00"}, "plant")
    assert answer.status_code == 201, answer.text


def progress(doors: Doors) -> dict[str, Any]:
    return dict(doors.get("/v1/recalls/RC1/progress", "plant").json)


def report(doors: Doors, **changes: Any) -> Any:
    body = {"kind": "final", "person": "王芳", "cause": "吡虫啉超标", "measures": "全部焚烧", **changes}
    return doors.post("/v1/recalls/RC1/reports", body, "plant")


def items(answer: Any) -> list[str]:
    return [one["item"] for one in answer.json["facts"]["items"]]


def test_progress_counts_what_came_back_since_and_what_became_of_it(doors: Doors) -> None:
    start(doors)
    give_back(doors, 1, 3)
    destroy(doors, 1, 2)
    told = progress(doors)
    assert told["recovered_share"] == 0.75
    [buyer] = told["buyers"]
    names = ("shipped", "recovered", "out", "destroyed", "reworked", "kept")
    assert [buyer[name] for name in names] == [4, 3, 1, 2, 0, 1]
    [product] = told["products"]
    assert [product[name] for name in ("produced", "out", "back", "destroyed", "in_stock")] == [10, 1, 1, 2, 7]
    assert [step["person"] for step in told["steps"]] == ["王芳"]


def test_what_came_back_before_the_recall_is_no_recovery(doors: Doors) -> None:
    give_back(doors, 1, 1)
    start(doors, started_at="2026-05-05T10:00:00+08:00")
    assert progress(doors)["totals"]["recovered"] == 0


def test_a_case_is_closed_by_a_final_report_once_nothing_is_open(doors: Doors) -> None:
    start(doors)
    refused = report(doors)
    assert (refused.status_code, refused.json["code"]) == (409, "recall-open-items")
    assert items(refused) == ["buyer-not-told", "units-out", "stock-left"]
    words = "买方 BUY-A 还没有通知，涉及 4 件；还有 4 件没有追回，也没有说明原因；库存还有 6 件、散茶 0 克没有处置"
    assert refused.json["detail"].endswith(words)
    [notice] = doors.post("/v1/recalls/RC1/notices", {}, "plant").json["notices"]
    give_back(doors, 1, 3)
    assert items(report(doors, unrecovered="已饮用一件")) == ["notice-open", "stock-left"]
    doors.post(f"/v1/recall-notices/{notice['code']}/outcomes", {"reached": True, "person": "王芳"}, "plant")
    destroy(doors, 1, 3)
    destroy(doors, 5, 10)
    closed = report(doors, unrecovered="已饮用一件")
    assert closed.status_code == 201, closed.text
    assert closed.headers["Location"] == "/v1/recall-reports/PL1/RC1%3A1"
    assert closed.json["figures"]["totals"]["recovered"] == 3
    assert doors.get("/v1/recalls/RC1", "plant").json["state"] == "closed"
    assert report(doors, kind="progress").json["code"] == "recall-closed"
    assert doors.post("/v1/recalls/RC1/notices", {}, "plant").json["code"] == "recall-closed"


def test_the_moments_of_a_case_are_told_in_the_time_of_the_town(doors: Doors) -> None:
    start(doors)
    made = [report(doors, kind="progress").json["made_at"], progress(doors)["steps"][0]["taken_at"]]
    [notice] = doors.post("/v1/recalls/RC1/notices", {}, "plant").json["notices"]
    settled = {"reached": True, "person": "王芳"}
    told = doors.post(f"/v1/recall-notices/{notice['code']}/outcomes", settled, "plant").json
    contact = {"of": "BUY-A", "channel": "print", "address": "镇上茶叶店"}
    made += [told["created_at"], told["settled_at"]]
    made.append(doors.post("/v1/recall-contacts", contact, "plant").json["created_at"])
    assert [moment for moment in made if not moment.endswith("+08:00")] == []


@pytest.mark.parametrize("level", [1, 2])
def test_recalled_goods_are_neither_shipped_nor_packed_nor_labelled(doors: Doors, level: int) -> None:
    with doors.sessions.write.begin() as session:
        plant = session.scalars(select(Party).where(Party.code == "PL1")).one()
        tea = make_tea(session, plant=plant)
        make_trade_item(session, brand=make_brand(session, owner=plant), code="S1")
    start(doors, lots=["PK1", tea.code], level=level)
    create_first_key(state_of(doors.app).settings.keys_dir)
    when = {"marked_at": "2026-05-21T08:00:00+08:00"}
    refused = [
        doors.post("/v1/shipments", ship("PK1", 5, 6, buyer="BUY-A"), "plant"),
        doors.post("/v1/packs", pack(tea.code), "plant"),
        doors.post("/v1/label-jobs", {"pack": "PK1", "count": 2}, "plant"),
        doors.post("/v1/packs/PK1/activations", {"first": 5, "last": 6, **when}, "plant"),
    ]
    assert [(answer.status_code, answer.json.get("code")) for answer in refused] == [(409, "lot-recalled")] * 4


def test_goods_recalled_for_a_wrong_label_may_be_shipped_once_it_is_right(doors: Doors) -> None:
    start(doors, level=3)
    assert doors.post("/v1/shipments", ship("PK1", 5, 6, buyer="BUY-A"), "plant").status_code == 201


def test_goods_with_a_wrong_label_alone_may_stay_in_stock(doors: Doors) -> None:
    start(doors, level=3)
    assert items(report(doors)) == ["buyer-not-told", "units-out"]


def test_a_report_keeps_its_figures(doors: Doors) -> None:
    start(doors)
    first = report(doors, kind="progress").json
    give_back(doors, 1, 3)
    assert doors.get(f"/v1/recall-reports/{first['code']}", "plant").json["figures"]["totals"]["recovered"] == 0
    assert report(doors, kind="progress").json["number"] == 2


def test_a_final_report_says_cause_and_measures(doors: Doors) -> None:
    start(doors)
    body = {"kind": "final", "person": "王芳"}
    answer = doors.post("/v1/recalls/RC1/reports", body, "plant")
    assert faults(answer) == {("cause", "missing-field"), ("measures", "missing-field")}


def test_a_case_goes_forward_only(doors: Doors) -> None:
    start(doors)
    step = {"state": "recovering", "person": "李强", "note": "已通知"}
    assert doors.post("/v1/recalls/RC1/steps", step, "plant").json["state"] == "recovering"
    back = doors.post("/v1/recalls/RC1/steps", {**step, "state": "planned"}, "plant")
    assert (back.status_code, back.json["code"]) == (409, "recall-backward")
    assert doors.post("/v1/recalls/RC1/steps", {**step, "state": "closed"}, "plant").json["code"] == "recall-backward"
    assert [one["person"] for one in progress(doors)["steps"]] == ["王芳", "李强"]


def test_what_is_packed_and_shipped_during_a_recall_is_in_it_and_its_buyer_wants_a_notice(doors: Doors) -> None:
    with doors.sessions.write.begin() as session:
        plant = session.scalars(select(Party).where(Party.code == "PL1")).one()
        tea = make_tea(session, plant=plant)
    start(doors, lots=[tea.code], level=3)
    assert doors.get("/v1/recalls/RC1/scope", "plant").json["totals"]["units"] == 0
    with doors.sessions.write.begin() as session:
        parties = {party.code: party for party in session.scalars(select(Party))}
        late = make_pack(session, packer=parties["PL1"], lot=session.get_one(Lot, tea.id), units=5)
        make_shipment(session, pack=late, buyer=parties["BUY-A"], positions=(1, 2))
    totals = doors.get("/v1/recalls/RC1/scope", "plant").json["totals"]
    assert (totals["units"], totals["shipped"], totals["in_stock"]) == (5, 2, 3)
    assert [notice["units"] for notice in doors.post("/v1/recalls/RC1/notices", {}, "plant").json["notices"]] == [2]
