"""Files of reports over HTTP: added by who reports or whose lot it is, read as the report is, never shown in place."""

import hashlib
import io
import json
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.api.doors import Doors
from tests.api.test_evidence import HTML, picture, png_bomb, report_pdf
from tests.api.test_pickings import picking
from tests.api.test_results import report
from trace.events.tables import Event
from trace.files import StoredFile
from trace.report_files import ReportFile


@pytest.fixture(autouse=True)
def tested(doors: Doors) -> None:
    """A picking of the co-operative, with a laboratory's report on it."""
    assert doors.post("/v1/pickings", picking(doors, code="H1")).status_code == 201
    assert doors.post("/v1/results", report(), "laboratory").status_code == 201


def send(doors: Doors, content: bytes, holder: str = "laboratory", name: str = "报告.pdf", **more: Any) -> TestResponse:
    """Send a file to the report."""
    form = {"file": (io.BytesIO(content), name, "text/html"), **more}
    headers = {"Authorization": f"Bearer {doors.tokens[holder]}"}
    return doors.client.post("/v1/results/LAB1/T1/files", data=form, headers=headers)


@pytest.mark.parametrize("holder", ["laboratory", "coop"])
def test_a_report_is_kept_as_it_was_sent_and_given_out_to_be_saved(doors: Doors, holder: str) -> None:
    content = report_pdf()
    answer = send(doors, content, holder)
    assert answer.status_code == 201, answer.text
    told = doors.get(answer.headers["Location"]).json
    assert told == answer.json
    assert (told["name"], told["media_type"], told["size"]) == ("报告.pdf", "application/pdf", len(content))
    assert told["sha256"] == hashlib.sha256(content).hexdigest()
    assert [one["code"] for one in doors.get("/v1/report-files?result=T1").json["items"]] == [told["code"]]
    file = doors.get(f"{answer.headers['Location']}/content")
    assert file.data == content
    assert file.headers["Content-Type"] == "application/pdf"
    assert file.headers["Content-Disposition"].startswith("attachment;")
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert file.headers["Cache-Control"] == "no-store"


def test_the_hash_of_a_file_stands_in_an_event_of_its_own(doors: Doors) -> None:
    told = send(doors, picture(), name="手机照片.png").json
    assert told["name"] == "手机照片.jpg"
    with doors.sessions.read() as session:
        event = session.scalars(select(Event).where(Event.event_id == told["event"])).one()
        said = json.loads(event.document)
    assert (said["bizStep"], said["chasu:result"]) == ("inspecting", "LAB1/T1")
    assert said["chasu:file"]["chasu:sha256"] == told["sha256"]


def test_the_same_file_sent_again_is_the_same_file(doors: Doors) -> None:
    first, second = send(doors, report_pdf()), send(doors, report_pdf(), name="又一次.pdf")
    assert second.json == first.json
    with doors.sessions.read() as session:
        assert len(session.scalars(select(ReportFile)).all()) == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (HTML, "file-kind"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "file-kind"),
        (report_pdf() + HTML, "file-two-faced"),
        (report_pdf()[:-60], "file-unreadable"),
        (png_bomb(60_000), "picture-too-large"),
    ],
)
def test_what_only_its_name_calls_a_report_is_refused(doors: Doors, content: bytes, code: str) -> None:
    answer = send(doors, content)
    assert (answer.status_code, answer.json["code"]) == (422, code)
    with doors.sessions.read() as session:
        assert session.scalars(select(StoredFile.sha256)).all() == []


def test_who_may_not_read_the_report_learns_of_no_file(doors: Doors) -> None:
    code = send(doors, report_pdf()).json["code"]
    assert send(doors, report_pdf(), "other plant").status_code == 404
    for address in (f"/v1/report-files/{code}", f"/v1/report-files/{code}/content"):
        assert doors.get(address, "other plant").status_code == 404
        assert doors.get(address, "officer").status_code == 200
    assert send(doors, report_pdf(), "officer").status_code == 403


def test_a_form_holds_one_file_and_nothing_else(doors: Doors) -> None:
    headers = {"Authorization": f"Bearer {doors.tokens['laboratory']}"}
    address = "/v1/results/LAB1/T1/files"
    assert doors.client.post(address, json={"file": "x"}, headers=headers).status_code == 415
    nothing = doors.client.post(address, data={"other": (io.BytesIO(b"x"), "x.pdf")}, headers=headers)
    assert [fault["code"] for fault in nothing.json["errors"]] == ["missing-field"]
    more = send(doors, report_pdf(), note="并附说明")
    assert [(fault["field"], fault["code"]) for fault in more.json["errors"]] == [("note", "unknown-field")]


def test_a_file_may_be_larger_than_a_record_up_to_the_setting(doors: Doors) -> None:
    large = report_pdf().replace(b"%%EOF", b"%" + bytes(6_000_000) + b"\n%%EOF")
    assert send(doors, large).status_code == 201
    too_large = send(doors, report_pdf().replace(b"%%EOF", b"%" + bytes(10_100_000) + b"\n%%EOF"))
    assert (too_large.status_code, too_large.json["code"]) == (413, "too-large")
    assert too_large.json["facts"] == {"most": "10 MB"}
    body = b'{"code": "' + bytes(5_000_001) + b'"}'
    headers = {"Authorization": f"Bearer {doors.tokens['laboratory']}", "Content-Type": "application/json"}
    refused = doors.client.post("/v1/results", data=body, headers=headers)
    assert (refused.status_code, refused.json["facts"]) == (413, {"most": "5 MB"})


def test_a_file_that_was_altered_is_not_given_out(doors: Doors) -> None:
    code = send(doors, report_pdf()).json["code"]
    with doors.sessions.write.begin() as session:
        row = session.scalars(select(ReportFile)).one()
        known = session.get_one(StoredFile, row.sha256)
        session.add(
            StoredFile(
                sha256="0" * 64, media_type="application/pdf", size=4, content=b"else", stored_at=known.stored_at
            )
        )
        session.flush()
        row.sha256 = "0" * 64
    answer = doors.get(f"/v1/report-files/{code}/content")
    assert (answer.status_code, answer.json["code"]) == (500, "file-altered")


def test_a_retry_under_its_key_adds_nothing(doors: Doors) -> None:
    boundary = "multipart/form-data; boundary=tea"
    body = (
        b'--tea\r\nContent-Disposition: form-data; name="file"; filename="r.pdf"\r\n\r\n'
        + report_pdf()
        + b"\r\n--tea--\r\n"
    )
    headers = {"Authorization": f"Bearer {doors.tokens['laboratory']}", "Idempotency-Key": "r1"}
    answers = [
        doors.client.post("/v1/results/LAB1/T1/files", data=body, content_type=boundary, headers=headers)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert answers[0].json == answers[1].json
