"""`/v1/paper-forms`: numbered sheets printed, filled in by hand, typed in later, and declared void when lost."""

from typing import Any

import pypdfium2
import pytest
import zxingcpp

from tests.api.doors import Doors
from tests.api.moving import kg, pick, send
from tests.api.test_pickings import faults
from tests.api.test_slips import text_of
from trace.paper_forms import form_number

PAPER = {"mode": "paper", "written_by": "赵大爷"}


def issue(doors: Doors, kind: str = "pickings", count: int = 3, caller: str = "coop", **more: Any) -> list[str]:
    """Issue forms and return their numbers."""
    answer = doors.post("/v1/paper-forms", {"kind": kind, "count": count, **more}, caller)
    assert answer.status_code == 201, answer.text
    run = answer.json["code"]
    return [form["code"] for form in doors.get(f"/v1/paper-forms?run={run}", caller).json["items"]]


def picking(doors: Doors, number: str, **changes: Any) -> dict[str, Any]:
    """Return a picking from a line of a form."""
    return {
        "plot": doors.plots["own"],
        "picked_at": "2026-04-18T06:30:00+08:00",
        "mass": {"value": "25", "unit": "jin"},
        "pluck_standard": "一芽一叶",
        "form_number": number,
        **PAPER,
        **changes,
    }


def test_a_run_of_forms_is_issued_and_can_be_read(doors: Doors) -> None:
    answer = doors.post("/v1/paper-forms", {"kind": "pickings", "count": 3})
    run = answer.json
    assert answer.headers["Location"] == f"/v1/form-runs/C01/{run['code']}"
    assert doors.get(answer.headers["Location"]).json == run
    assert (run["first"], run["last"]) == (form_number(1), form_number(3))
    forms = doors.get("/v1/paper-forms?state=open").json["items"]
    assert [form["code"] for form in forms] == [form_number(number) for number in (1, 2, 3)]
    assert forms[0]["uses"] == []
    for path in (f"/v1/paper-forms/{run['first']}", answer.headers["Location"]):
        assert doors.get(path, "other coop").status_code == 404


def test_a_line_typed_in_later_names_form_line_and_writer(doors: Doors) -> None:
    [number, *_] = issue(doors)
    answer = doors.post("/v1/pickings", [picking(doors, number), picking(doors, number.lower(), form_line=2)])
    assert answer.status_code == 201, answer.text
    assert [(one["form_number"], one["mode"]) for one in answer.json] == [(number, "paper")] * 2
    form = doors.get(f"/v1/paper-forms/{number}").json
    assert form["state"] == "used"
    told = [(use["line"], use["record"], use["written_by"]) for use in form["uses"]]
    assert told == [(line, one["code"], "赵大爷") for line, one in enumerate(answer.json, start=1)]
    seen = doors.get(f"/v1/paper-forms/{number}", "officer").json["uses"]
    assert [use["written_by"] for use in seen] == [None, None], "a person's name is for the party"
    assert doors.get("/v1/paper-forms?state=used").json["items"] == [form]


def test_sprays_and_intakes_come_from_paper_too(doors: Doors) -> None:
    product = {"code": "IP01", "kind": "pesticide", "name": "示例农药"}
    assert doors.post("/v1/input-products", product, "operator").status_code == 201
    [sprays, *_] = issue(doors, "inputs")
    use = {"plot": doors.plots["own"], "product": "IP01", "used_at": "2026-03-20T08:00:00+08:00"}
    answer = doors.post("/v1/inputs", {**use, "form_number": sprays, **PAPER})
    assert (answer.status_code, answer.json["form_number"]) == (201, sprays), answer.text
    pick(doors)
    send(doors, "HO1")
    [weighed, *_] = issue(doors, "intakes", caller="plant")
    received = {"hand_overs": ["C01/HO1"], "received_at": "2026-04-20T14:00:00+08:00", "mass": kg("4")}
    answer = doors.post("/v1/intakes", {**received, "form_number": weighed, **PAPER}, "plant")
    assert (answer.status_code, answer.json["form_number"]) == (201, weighed), answer.text


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"form_number": form_number(99)}, ("form_number", "form-unknown")),
        ({"form_number": "0000001-X"}, ("form_number", "form-check")),
        ({"form_line": 10}, ("form_line", "out-of-range")),
        ({"mode": "live"}, ("mode", "disagrees")),
        ({"written_by": None}, ("written_by", "missing-field")),
        ({"form_number": None}, ("form_number", "missing-field")),
        ({"form_line": 0}, ("form_line", "out-of-range")),
    ],
)
def test_a_wrong_number_is_a_named_fault(doors: Doors, changes: dict[str, Any], fault: tuple[str, str]) -> None:
    [number, *_] = issue(doors)
    body = {name: value for name, value in picking(doors, number, **changes).items() if value is not None}
    answer = doors.post("/v1/pickings", body)
    assert (answer.status_code, faults(answer)) == (422, {fault})
    assert answer.json["errors"][0]["detail"] != fault[1]
    assert doors.get(f"/v1/paper-forms/{number}").json["state"] == "open"


def test_a_number_of_another_party_or_kind_is_a_named_fault(doors: Doors) -> None:
    [others, *_] = issue(doors, caller="other coop")
    [sprays, *_] = issue(doors, "inputs")
    assert faults(doors.post("/v1/pickings", picking(doors, others))) == {("form_number", "form-not-theirs")}
    assert faults(doors.post("/v1/pickings", picking(doors, sprays))) == {("form_number", "form-kind")}


def test_a_line_is_used_once(doors: Doors) -> None:
    [number, *_] = issue(doors)
    twice = doors.post("/v1/pickings", [picking(doors, number), picking(doors, number)])
    assert faults(twice) == {("[1].form_line", "form-used")}
    assert doors.post("/v1/pickings", picking(doors, number)).status_code == 201
    assert faults(doors.post("/v1/pickings", picking(doors, number))) == {("form_line", "form-used")}
    repeated = [doors.post("/v1/pickings", picking(doors, number, form_line=2), Idempotency_Key="p-2") for _ in "ab"]
    assert repeated[1].json == repeated[0].json
    assert len(doors.get(f"/v1/paper-forms/{number}").json["uses"]) == 2


def test_a_lost_form_is_void_with_its_reason_and_is_not_typed_in(doors: Doors) -> None:
    [lost, used, _] = issue(doors)
    doors.post("/v1/pickings", picking(doors, used))
    answer = doors.post(f"/v1/paper-forms/{lost}/voids", {"reason": "淋湿"})
    assert (answer.status_code, answer.json["state"], answer.json["void_reason"]) == (201, "void", "淋湿")
    assert faults(doors.post("/v1/pickings", picking(doors, lost))) == {("form_number", "form-void")}
    for number, code in ((lost, "form-void"), (used, "form-used")):
        again = doors.post(f"/v1/paper-forms/{number}/voids", {"reason": "丢失"})
        assert (again.status_code, again.json["code"]) == (409, code)
    assert doors.post(f"/v1/paper-forms/{used}/voids", {"reason": "丢失"}, "other coop").status_code == 404
    assert [form["code"] for form in doors.get("/v1/paper-forms?state=void").json["items"]] == [lost]


def undo(doors: Doors, number: str) -> None:
    """Type a picking in from the first line of a form, and undo it."""
    code = doors.post("/v1/pickings", picking(doors, number)).json["code"]
    answer = doors.post("/v1/corrections", {"event": f"pickings/C01/{code}", "reason": "看错了行"})
    assert answer.status_code == 201, answer.text


def test_a_line_is_free_again_once_what_was_typed_in_from_it_is_undone(doors: Doors) -> None:
    [number] = issue(doors, count=1)
    undo(doors, number)
    form = doors.get(f"/v1/paper-forms/{number}").json
    assert (form["state"], form["uses"]) == ("open", [])
    again = doors.post("/v1/pickings", picking(doors, number))
    assert again.status_code == 201, again.text
    assert faults(doors.post("/v1/pickings", picking(doors, number))) == {("form_line", "form-used")}
    uses = doors.get(f"/v1/paper-forms/{number}").json["uses"]
    assert [use["record"] for use in uses] == [again.json["code"]]


def test_a_form_on_which_nothing_stands_any_more_may_be_declared_void(doors: Doors) -> None:
    [number] = issue(doors, count=1)
    undo(doors, number)
    answer = doors.post(f"/v1/paper-forms/{number}/voids", {"reason": "淋湿"})
    assert (answer.status_code, answer.json["state"]) == (201, "void")


def test_a_corrected_record_stays_on_its_form(doors: Doors) -> None:
    [number, *_] = issue(doors)
    code = doors.post("/v1/pickings", picking(doors, number)).json["code"]
    right = {name: value for name, value in picking(doors, number).items() if name not in {"form_number", "written_by"}}
    right["mass"] = {"value": "20", "unit": "jin"}
    fixed = {"event": f"pickings/C01/{code}", "reason": "抄错了", "instead": right}
    again = {**fixed, "instead": {**right, "form_number": number, "written_by": "赵大爷"}}
    assert faults(doors.post("/v1/corrections", again)) == {("instead.form_number", "form-stays")}
    assert doors.post("/v1/corrections", fixed).status_code == 201
    assert doors.get(f"/v1/pickings/{code}").json["form_number"] == number


@pytest.mark.parametrize(("kind", "title"), [("pickings", "采摘"), ("inputs", "农药肥料"), ("intakes", "收购")])
def test_a_run_prints_a_page_for_each_number(doors: Doors, kind: str, title: str) -> None:
    run = doors.post("/v1/paper-forms", {"kind": kind, "count": 3}).json
    answer = doors.get(f"/v1/form-runs/{run['code']}/print")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    document = pypdfium2.PdfDocument(answer.data)
    found = [zxingcpp.read_barcodes(page.render(scale=3).to_pil())[0].text for page in document]
    assert found == [form_number(number) for number in (1, 2, 3)]
    words = text_of(answer.data)
    assert title in words
    assert "填表人" in words
    assert (doors.plots["own"] in words) == (kind != "intakes")
    assert doors.get(f"/v1/form-runs/{run['code']}/print", "other coop").status_code == 404


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"kind": "runs"}, ("kind", "not-allowed")),
        ({"count": 0}, ("count", "out-of-range")),
        ({"count": 501}, ("count", "out-of-range")),
    ],
)
def test_a_fault_of_a_run_names_its_field(doors: Doors, changes: dict[str, Any], fault: tuple[str, str]) -> None:
    assert faults(doors.post("/v1/paper-forms", {"kind": "inputs", "count": 1, **changes})) == {fault}


def test_a_co_op_prints_forms_for_its_grower(doors: Doors) -> None:
    [number, *_] = issue(doors, party="F001")
    assert doors.get(f"/v1/paper-forms/{number}").json["party"] == "F001"
    assert doors.post("/v1/paper-forms", {"kind": "inputs", "count": 1, "party": "C02"}).json["code"] == "not-for-them"
    answer = doors.post("/v1/pickings", picking(doors, number, party="F001"))
    assert answer.status_code == 201, answer.text
