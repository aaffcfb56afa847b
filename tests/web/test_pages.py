"""What a code leads to: status, words, headers and JSON for every verdict, in both languages."""

import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from api.catalogue import LANGUAGES, Catalogue
from api.state import state_of
from tests.between import make_outside
from tests.factories import (
    get_lot_of,
    make_blend,
    make_intake,
    make_leaf,
    make_pack,
    make_party,
    make_plant,
    make_run,
)
from tests.web.town import JSON, Town, make_app, serial_of, verdict_of
from trace.db import Sessions
from trace.digital_link import build_link
from trace.keys import ALPHABET
from trace.lots import Lot
from trace.party_changes import AmendParty, amend_party
from trace.products import TradeItem
from trace.verdicts import Verdict

STATUS = {
    "unknown": 404,
    "forged": 404,
    "recalled": 200,
    "locked": 200,
    "void": 200,
    "inactive": 200,
    "held": 200,
    "genuine": 200,
    "unnumbered": 200,
}
FIELDS = {"verdict", "code", "product", "brand", "packed_on", "best_before", "villages", "steps", "tests", "warnings"}


def test_every_verdict_has_a_case_here() -> None:
    assert set(STATUS) == {verdict.value for verdict in Verdict}


@pytest.mark.parametrize("verdict", STATUS)
def test_a_verdict_has_its_status_as_page_and_as_json(browse: FlaskClient, town: Town, verdict: str) -> None:
    page, told = browse.get(town.codes[verdict]), browse.get(town.codes[verdict], headers=JSON)
    assert (page.status_code, page.content_type) == (STATUS[verdict], "text/html; charset=utf-8")
    assert (told.status_code, verdict_of(told)["verdict"]) == (STATUS[verdict], verdict)
    assert set(verdict_of(told)) == FIELDS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("verdict", STATUS)
def test_a_verdict_has_a_page_of_its_own(browse: FlaskClient, town: Town, verdict: str, language: str) -> None:
    page = browse.get(f"{town.codes[verdict]}?lang={language}").text
    headline = Catalogue().text(f"page.verdict.{verdict}.headline", language).partition("{")[0]
    assert f'<body class="v-{verdict}">' in page
    assert headline in re.sub("<[^>]+>", "", page)
    assert not re.search(r"page\.(?!css)\w", page)  # no key without words
    assert "…" not in page  # no sentence without its facts
    assert "\u2068" not in page


def test_the_genuine_page_says_who_issued_the_code_and_nothing_of_genuine_tea(browse: FlaskClient, town: Town) -> None:
    pages = {language: browse.get(f"{town.codes['genuine']}?lang={language}").text for language in LANGUAGES}
    words = {language: re.sub("<[^>]+>", "", page) for language, page in pages.items()}
    assert "此码由雾海制茶厂（示例）为这一包签发" in words["zh"]
    assert "This code was issued by 雾海制茶厂（示例） for this pack" in words["en"]
    assert not re.search("genuine|authentic", words["en"])
    assert not re.search("正品|真品|保真", words["zh"])


def test_the_json_of_a_genuine_pack(browse: FlaskClient, town: Town) -> None:
    path = town.codes["genuine"]
    told = verdict_of(browse.get(path, headers=JSON))
    assert told["code"] == {"gtin": "09520000010003", "lot": "L001", "serial": serial_of(path)}
    assert told["product"] == {"name": "示例·雾峪青 绿茶 特级 50g", "grade": "特级", "net_content_g": 50}
    assert (told["brand"], told["packed_on"], told["best_before"]) == ("示例·雾峪青", "2026-04-26", "2027-10-26")
    assert told["villages"] == ["东雾峪村", "望海崖村", "西雾峪村"]
    assert told["warnings"] == []
    assert {"step": "packing", "date": "2026-04-26", "party": "雾海制茶厂（示例）"} in told["steps"]
    assert all(set(step) == {"step", "date", "party"} for step in told["steps"])
    assert {"analyte": "水分", "value": "5.13", "limit": "7.0", "unit": "%", "passed": True} in told["tests"]
    assert [step["date"] for step in told["steps"]] == sorted(step["date"] for step in told["steps"])


def test_the_json_of_a_recalled_pack_says_why(browse: FlaskClient, town: Town) -> None:
    told = verdict_of(browse.get(town.codes["recalled"], headers=JSON))
    assert "召回" in told["warnings"][0]
    assert len(told["warnings"]) == 2
    assert {"step": "recall", "date": "2026-07-02", "party": "双松茶叶加工厂（示例）"} in told["steps"]
    assert [test["analyte"] for test in told["tests"] if not test["passed"]] == ["吡虫啉"]


@pytest.mark.parametrize("verdict", ["forged", "unknown"])
def test_what_is_not_ours_is_told_nothing_of_ours(browse: FlaskClient, town: Town, verdict: str) -> None:
    told = verdict_of(browse.get(town.codes[verdict], headers=JSON))
    assert [told[name] for name in ("product", "brand", "packed_on", "villages", "steps", "tests")] == [
        *(None, None, None),
        *([], [], []),
    ]
    assert "雾峪" not in browse.get(town.codes[verdict]).text


def test_a_product_link_tells_of_the_product_alone(browse: FlaskClient, town: Town) -> None:
    told = verdict_of(browse.get(town.codes["product"], headers=JSON))
    assert (told["verdict"], told["code"]["lot"], told["packed_on"]) == ("unnumbered", None, None)
    assert told["product"]["net_content_g"] == 50


def test_every_altered_serial_is_forged(browse: FlaskClient, town: Town) -> None:
    path = town.codes["genuine"]
    serial = serial_of(path)
    for place, symbol in enumerate(serial):
        other = ALPHABET[(ALPHABET.index(symbol) + 1) % 32]
        altered = path.removesuffix(serial) + serial[:place] + other + serial[place + 1 :]
        assert verdict_of(browse.get(altered, headers=JSON))["verdict"] == "forged"


def test_a_serial_in_small_letters_was_never_printed(browse: FlaskClient, town: Town) -> None:
    path = town.codes["genuine"]
    lowered = path.removesuffix(serial_of(path)) + serial_of(path).lower()
    assert browse.get(lowered).status_code == 404


def test_a_link_cut_short_is_malformed_or_forged(browse: FlaskClient, town: Town) -> None:
    path = town.codes["genuine"]
    assert browse.get(path[:-1]).status_code == 404
    assert browse.get(path.removesuffix(serial_of(path))).status_code == 400
    assert browse.get(path[:10]).status_code == 400


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/01/9520000010003", "value-too-short"),  # 13 digits
        ("/01/09520000010004", "wrong-check-digit"),
        ("/01/09520000010003/10/", "empty-value"),
        ("/01/09520000010003/99", "no-key"),
        ("/01/", "empty-value"),
        ("/01", "no-key"),
        ("/t", "wrong-characters"),
        ("/01/09520000010003/21/A%00B", "null-character"),
        ("/t/NOT%20A%20SERIAL", "wrong-characters"),
        ("/t/123456789012345678901", "wrong-characters"),
    ],
)
def test_a_malformed_link_is_answered_400(browse: FlaskClient, path: str, reason: str) -> None:
    page, problem = browse.get(path), browse.get(path, headers=JSON)
    assert (page.status_code, problem.status_code) == (400, 400)
    assert '<body class="v-malformed">' in page.text
    assert problem.content_type == "application/problem+json"
    assert problem.json is not None
    assert (problem.json["code"], problem.json["facts"]["reason"]) == ("bad-link", reason)
    words = Catalogue().reason(reason, "zh")
    assert words in page.text
    assert words in problem.json["detail"]
    assert reason not in page.text + problem.json["detail"]  # a code is for programs


def test_without_its_keys_a_page_says_only_that_it_must_wait(town: Town, tmp_path: Path) -> None:
    settings = state_of(town.app)
    keyless = make_app(settings.sessions, tmp_path / "none", tmp_path / "spool").test_client()
    page = keyless.get(town.codes["genuine"])
    assert page.status_code == 503
    assert "暂时无法服务" in page.text
    assert "密钥" not in page.text
    problem = keyless.get(town.codes["genuine"], headers=JSON).json or {}
    assert problem["code"] == "keys-missing"


def test_a_lot_with_a_slash_arrives_whole(browse: FlaskClient) -> None:
    told = verdict_of(browse.get("/01/09520000010003/10/A%2FB%2F%2FC/21/X%25Y", headers=JSON))
    assert told["code"] == {"gtin": "09520000010003", "lot": "A/B//C", "serial": "X%Y"}
    assert told["verdict"] == "unknown"


def test_text_in_a_link_is_never_markup(browse: FlaskClient) -> None:
    page = browse.get("/01/09520000010003/21/%3Cb%3EX%3C%2Fb%3E").text
    assert "<b>" not in page
    assert "&lt;b&gt;X&lt;/b&gt;" in page


@pytest.mark.parametrize("verdict", STATUS)
def test_a_page_is_kept_by_its_reader_alone(browse: FlaskClient, town: Town, verdict: str) -> None:
    headers = browse.get(town.codes[verdict]).headers
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Vary"] == "Accept, Accept-Language"
    assert headers["Referrer-Policy"] == "no-referrer"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("kind", ["text/html", "application/json"])
def test_an_unchanged_page_is_answered_304(browse: FlaskClient, town: Town, kind: str) -> None:
    first = browse.get(town.codes["genuine"], headers={"Accept": kind})
    again = browse.get(town.codes["genuine"], headers={"Accept": kind, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert again.headers["Cache-Control"] == "private, no-cache"


def test_a_mark_names_language_kind_serial_and_verdict(browse: FlaskClient, town: Town) -> None:
    asked = [
        *((town.codes[verdict], {}) for verdict in ("genuine", "void", "inactive", "unnumbered", "product")),
        (town.codes["genuine"] + "?lang=en", {}),
        (town.codes["genuine"], JSON),
    ]
    marks = {browse.get(path, headers=headers).headers["ETag"] for path, headers in asked}
    assert len(marks) == len(asked)


def test_what_is_not_ours_has_no_mark(browse: FlaskClient, town: Town) -> None:
    assert "ETag" not in browse.get(town.codes["forged"]).headers


@pytest.mark.parametrize(
    ("accept_language", "query", "tag"),
    [
        ("", "", "zh-CN"),
        ("en-GB,en;q=0.9,zh;q=0.5", "", "en"),
        ("zh-TW,en;q=0.5", "", "zh-CN"),
        ("zh-CN,en-US;q=0.8,en;q=0.7", "", "zh-CN"),
        ("fr-FR", "", "zh-CN"),
        ("en", "?lang=zh", "zh-CN"),
        ("zh", "?lang=en", "en"),
        ("en", "?lang=xx", "en"),
    ],
)
def test_the_reader_chooses_the_language(
    browse: FlaskClient, town: Town, accept_language: str, query: str, tag: str
) -> None:
    page = browse.get(town.codes["genuine"] + query, headers={"Accept-Language": accept_language})
    assert (page.headers["Content-Language"], f'<html lang="{tag}">' in page.text) == (tag, True)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "text/html"),
        ("*/*", "text/html"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("application/json", "application/json"),
        ("application/json, */*;q=0.1", "application/json"),
        ("image/png", "text/html"),
    ],
)
def test_the_reader_chooses_the_kind(browse: FlaskClient, town: Town, accept: str | None, kind: str) -> None:
    headers = {"Accept": accept} if accept else {}
    assert browse.get(town.codes["genuine"], headers=headers).content_type.startswith(kind)


def test_both_languages_have_every_sentence() -> None:
    catalogue = Catalogue()
    zh, en = (
        {key: catalogue.text(key, language) for key in catalogue.codes(language) if key.startswith("page.")}
        for language in LANGUAGES
    )
    assert zh.keys() == en.keys()
    facts = {key: set(re.findall(r"\{(\w+)\}", words)) for key, words in zh.items()}
    assert {key: set(re.findall(r"\{(\w+)\}", words)) for key, words in en.items()} == facts


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_and_no_json_names_a_person_a_plot_or_a_price(
    browse: FlaskClient, town: Town, demo_town: bytes, language: str
) -> None:
    season = json.loads(demo_town)
    farmers, plots = season["farmers"], season["plots"]
    secrets = {farmer["private"][name] for farmer in farmers for name in ("name", "phone")}
    secrets |= {farmer["public_label"] for farmer in farmers} | {plot["code"] for plot in plots}
    secrets |= {shipment["buyer"] for shipment in season["shipments"]}
    for path in town.codes.values():
        for kind in ("text/html", "application/json"):
            told = browse.get(f"{path}?lang={language}", headers={"Accept": kind}).text
            assert not [secret for secret in secrets if secret in told]
            assert "yuan" not in told


def test_a_page_and_its_style_are_small(browse: FlaskClient, town: Town) -> None:
    page = browse.get(town.codes["recalled"])
    links = re.findall(r'<link [^>]*href="([^"]+)"', page.text)
    sizes = [len(browse.get(link).data) for link in links]
    assert all(sizes)
    assert len(page.data) + sum(sizes) < 50_000


def test_a_page_needs_no_script_and_no_inline_style(browse: FlaskClient, town: Town) -> None:
    for path in (*town.codes.values(), "/"):
        page = browse.get(path).text
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|https?://", page)


def test_style_may_be_kept_for_a_year(browse: FlaskClient, town: Town) -> None:
    link = re.search(r'rel="stylesheet" href="([^"]+)"', browse.get(town.codes["genuine"]).text)
    assert link
    style = browse.get(link[1])
    assert style.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert style.content_type == "text/css; charset=utf-8"


def test_tea_from_outside_never_reads_as_local(fresh_sessions: Sessions, keys_dir: Path, tmp_path: Path) -> None:
    with fresh_sessions.write.begin() as session:
        plant = make_plant(session)
        outside = session.get_one(Lot, make_outside(session, plant).lot_id)
        leaf = make_leaf(session, 15_000)
        made = get_lot_of(session, make_run(session, plant=plant, taken=[(outside, 5_000), (leaf, 15_000)]))
        lot = get_lot_of(session, make_blend(session, plant=plant, taken=[(made, made.mass_g)]))
        pack = make_pack(session, packer=plant, lot=lot)
        item = session.get_one(TradeItem, pack.trade_item_id)
        link = build_link("", item.gtin or "", pack.label_lot)
    client = make_app(fresh_sessions, keys_dir, tmp_path / "spool").test_client()
    page = re.sub("<[^>]+>", "", client.get(f"{link}?lang=zh").text)
    for words in ("平台以外的来源", "25%", "产地由供货方申报", "外来茶收货"):
        assert words in page
    told = verdict_of(client.get(link, headers=JSON))
    assert len(told["villages"]) == 1
    assert any("平台以外" in warning for warning in told["warnings"])


def test_a_broker_is_named_where_it_is_a_firm(fresh_sessions: Sessions, keys_dir: Path, tmp_path: Path) -> None:
    with fresh_sessions.write.begin() as session:
        plant, broker = make_plant(session), make_party(session, kind="broker", name="王某某")
        bought = get_lot_of(session, make_intake(session, plant=broker))
        received = make_intake(session, plant=plant, supplier=broker, taken=[(bought, bought.mass_g)])
        leaf = get_lot_of(session, received)
        made = get_lot_of(session, make_run(session, plant=plant, taken=[(leaf, leaf.mass_g)]))
        pack = make_pack(
            session, packer=plant, lot=get_lot_of(session, make_blend(session, taken=[(made, made.mass_g)]))
        )
        link = build_link("", session.get_one(TradeItem, pack.trade_item_id).gtin or "", pack.label_lot)
        row = broker.id
    client = make_app(fresh_sessions, keys_dir, tmp_path / "spool").test_client()
    told = client.get(link, headers=JSON)
    assert [step["party"] for step in verdict_of(told)["steps"] if step["step"] == "intake"].count(None) == 1
    assert "王某某" not in told.text + client.get(link).text
    with fresh_sessions.write.begin() as session:
        amend_party(session, AmendParty(party_id=row, uscc="91371100MA3C0T5X7B"))
    assert "王某某" in client.get(link).text
