"""`/s/{token}`: who has the link of a slip reads it, in both languages, and learns of nothing else."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.between import make_delivery
from tests.factories import make_leaf, make_party
from tests.web.town import Town, make_app
from trace.db import Sessions
from trace.persons import Person
from trace.slips import SlipKind, find_standing_slip


def test_the_link_shows_weights_price_who_weighed_and_that_it_stands(browse: FlaskClient, town: Town) -> None:
    page = browse.get(f"{town.slips['slip']}?lang=zh")
    assert page.status_code == 200
    for said in ("磅单 WS-", "有效", "净重", "斤", "kg", "元", "单价", "过磅", "交售人"):
        assert said in page.text, said
    english = browse.get(f"{town.slips['slip']}?lang=en").text
    for said in ("Weigh slip WS-", "Valid", "Net weight", "yuan a kg", "Weighed by"):
        assert said in english, said


def test_a_reversed_slip_says_that_it_is_void(browse: FlaskClient, town: Town) -> None:
    page = browse.get(f"{town.slips['reversed slip']}?lang=zh").text
    assert "已作废" in page
    assert "这次过磅不成立" in page
    assert "Void" in browse.get(f"{town.slips['reversed slip']}?lang=en").text


def test_nobody_lists_or_keeps_the_page(browse: FlaskClient, town: Town) -> None:
    answer = browse.get(town.slips["slip"])
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert '<meta name="robots" content="noindex">' in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("token", ["AAAAAAAAAAAAAAAAAAAAAA", "%00", "茶", "x" * 500])
def test_a_link_that_leads_to_no_slip_is_a_page_not_found(browse: FlaskClient, token: str) -> None:
    answer = browse.get(f"/s/{token}", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "<h1>" in answer.text


def test_a_page_of_a_slip_is_only_read(town: Town, browse: FlaskClient) -> None:
    assert browse.post(town.slips["slip"]).status_code == 405


def test_a_link_shows_no_person(fresh_sessions: Sessions, keys_dir: Path, tmp_path: Path) -> None:
    with fresh_sessions.write.begin() as session:
        grower = make_party(session, kind="grower", name="示例农户9")
        session.add(Person(party_id=grower.id, name="李秀英"))
        leaf = make_leaf(session, party=grower)
        delivery = make_delivery(session, items=[(leaf, 1_000)], weigher="王芳")
        slip = find_standing_slip(session, SlipKind.HAND_OVER, delivery.id)
        assert slip is not None
        path = f"/s/{slip.token}"
    page = make_app(fresh_sessions, keys_dir, tmp_path / "spool").test_client().get(path).text
    assert "示例农户9" in page
    assert "李秀英" not in page
    assert "王芳" not in page
