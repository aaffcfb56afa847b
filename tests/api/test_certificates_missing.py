"""`GET /v1/certificates/missing`: what the leaf of a day lacks, as the officer asks each evening; and prints."""

from typing import Any

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import update

from tests.api.doors import Doors
from tests.api.moving import certify, kg, party_of, pick, send
from tests.api.test_certificates import certificate
from tests.api.test_intakes import intake
from tests.api.test_pickings import picking
from trace import clock
from trace.parties import Party


def missing(doors: Doors, on: str, caller: str = "officer", **filters: str) -> list[tuple[str, str]]:
    asked = "".join(f"&{name}={value}" for name, value in filters.items())
    answer = doors.get(f"/v1/certificates/missing?on={on}{asked}", caller)
    assert answer.status_code == 200, answer.text
    return sorted((one["kind"], one["code"]) for one in answer.json["items"])


@pytest.fixture(autouse=True)
def delivered(doors: Doors) -> None:
    """A picking of the 18th, handed over and received on the 20th, without a certificate."""
    doors.post("/v1/pickings", picking(doors, code="H1"))
    send(doors, "HO1")
    doors.post("/v1/intakes", intake(code="IT1"), "plant")


def test_what_a_day_lacks_is_listed_until_it_has_come(doors: Doors) -> None:
    assert missing(doors, "2026-04-18") == [("picking", "H1")]
    assert missing(doors, "2026-04-20") == [("hand-over", "HO1"), ("intake", "IT1")]
    assert missing(doors, "2026-04-19") == []
    doors.post("/v1/certificates", certificate(mass=kg("4")))
    assert missing(doors, "2026-04-18") == []
    assert missing(doors, "2026-04-20") == [("intake", "IT1")]
    doors.post("/v1/intakes/PL1/IT1/certificate", {"certificate": "C01/CQ1"}, "plant")
    assert missing(doors, "2026-04-20") == []
    doors.post("/v1/certificates/CQ1/void", {"reason": "填错了产地"})
    assert missing(doors, "2026-04-20") == [("hand-over", "HO1"), ("intake", "IT1")]


def test_each_sees_its_own_and_what_it_was_given(doors: Doors) -> None:
    assert missing(doors, "2026-04-18", "coop") == [("picking", "H1")]
    assert missing(doors, "2026-04-18", "plant") == missing(doors, "2026-04-18", "other coop") == []
    assert missing(doors, "2026-04-20", "plant") == [("hand-over", "HO1"), ("intake", "IT1")]
    assert missing(doors, "2026-04-20", "officer", kind="intake") == [("intake", "IT1")]
    assert missing(doors, "2026-04-20", "officer", party="C01") == [("hand-over", "HO1")]
    with doors.sessions.write.begin() as session:
        elsewhere = update(Party).where(Party.code.in_(["C01", "PL1"])).values(area_code="379902")
        session.execute(elsewhere)
    assert missing(doors, "2026-04-20", "officer") == []


def test_a_household_need_give_none(doors: Doors) -> None:
    pick(doors, "H9", "F001")
    with doors.sessions.read() as session:
        assert party_of(session, "F001").kind == "grower"
    assert ("picking", "H9") not in missing(doors, "2026-04-20", "operator")


def test_rice_needs_none(doors: Doors) -> None:
    doors.post("/v1/pickings", picking(doors, code="H8", crop="稻谷"))
    assert missing(doors, "2026-04-18") == [("picking", "H1")]


def test_the_day_is_today_unless_one_is_named_and_the_list_goes_on(doors: Doors) -> None:
    now = clock.now().astimezone(clock.COUNTRY).replace(microsecond=0).isoformat()
    for code in ("N1", "N2", "N3"):
        doors.post("/v1/pickings", picking(doors, code=code, picked_at=now))
    first = doors.get("/v1/certificates/missing?limit=2").json
    rest = doors.get(f"/v1/certificates/missing?limit=2&after={first['next']}").json
    assert [one["code"] for one in (*first["items"], *rest["items"])] == ["N1", "N2", "N3"]
    assert rest["next"] is None
    one = first["items"][0]
    assert (one["kind"], one["party"], one["other"], one["mass_g"]) == ("picking", "C01", None, 12_750)


def test_it_is_exported_for_a_spreadsheet(doors: Doors) -> None:
    answer = doors.get("/v1/exports/missing-certificates?format=csv&on=2026-04-20", "officer")
    assert answer.status_code == 200
    assert answer.text.splitlines()[1:] == [
        "hand-over,HO1,C01,PL1,2026-04-20,4000",
        "intake,IT1,PL1,C01,2026-04-20,3900",
    ]


@pytest.mark.parametrize("paper", ["a4", "receipt", "label"])
def test_a_certificate_is_printed_and_its_code_leads_to_its_page(doors: Doors, paper: str) -> None:
    issued = doors.post("/v1/certificates", certificate(mass=kg("4"), contact="13800138000"))
    answer = doors.get(f"/v1/certificates/C01/CQ1/print?format={paper}")
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    [page] = pypdfium2.PdfDocument(answer.data)
    picture = page.render(scale=300 / 72, grayscale=True).to_pil()
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [issued.json["link"]]
    text = "".join(page.get_textpage().get_text_range().split())
    assert text.startswith("承诺达标合格证")
    assert "13800138000" in text


def test_who_may_read_a_certificate_and_is_not_its_issuer_prints_it_without_the_contact(doors: Doors) -> None:
    doors.post("/v1/certificates", certificate(mass=kg("4"), contact="13800138000"))
    answer = doors.get("/v1/certificates/C01/CQ1/print", "plant")
    assert answer.status_code == 200
    assert "13800138000" not in pypdfium2.PdfDocument(answer.data)[0].get_textpage().get_text_range()
    assert doors.get("/v1/certificates/C01/CQ1/print", "other plant").status_code == 404
    assert doors.get("/v1/certificates/C01/CQ1/print?format=a3").status_code == 400


def test_an_older_certificate_has_its_own_basis_on_paper(doors: Doors) -> None:
    certify(doors, "H1", "Q1", basis=["自我承诺"])
    answer: Any = doors.get("/v1/certificates/C01/Q1/print")
    text = "".join(pypdfium2.PdfDocument(answer.data)[0].get_textpage().get_text_range().split())
    assert "□委托检测合格■自我承诺" in text
