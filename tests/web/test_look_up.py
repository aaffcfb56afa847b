"""What a look-up costs and leaves behind: statements, scans, and codes typed by hand."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from api.catalogue import LANGUAGES, Catalogue
from api.state import state_of
from tests.conftest import ROOT
from tests.databases import prepare
from tests.replication import Pair
from tests.tea import make_tea, recall
from tests.web.town import FOREIGN_GTIN, JSON, Town, make_app, serial_of, verdict_of
from trace.db import Asker, Question, Sessions
from trace.keys import load_keys
from trace.scans import Scan, post_spool
from web.look_up import LookUp


class Counted(Asker):
    """An asker that gathers its questions: one word for each."""

    def __init__(self, sessions: Sessions, sent: list[str]) -> None:
        super().__init__(sessions.read.kw["bind"])
        self.sent = sent

    def ask(self, question: Question, values: Mapping[str, object]) -> Sequence[Any] | None:
        """Note the question, and ask it."""
        self.sent.append("question")
        return super().ask(question, values)


@contextmanager
def statements(sessions: Sessions, sent: list[str]) -> Iterator[None]:
    """Gather what sessions do meanwhile: `session` for each connection taken, and the first word of each statement."""

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement.split(maxsplit=1)[0])

    def take(*_: Any) -> None:
        sent.append("session")

    bind = sessions.read.kw["bind"]
    event.listen(bind, "before_cursor_execute", note)
    event.listen(bind, "checkout", take)
    yield
    event.remove(bind, "before_cursor_execute", note)
    event.remove(bind, "checkout", take)


def test_a_warm_look_up_takes_one_statement_and_a_cold_one_two(town: Town) -> None:
    sessions, sent = state_of(town.app).sessions, list[str]()
    counted = Counted(sessions, sent)
    browse = make_app(replace(sessions, asker=counted), *folders(town)).test_client()
    browse.get(town.codes["product"])  # reads the name of the installation, and opens the asker's connection
    asked = []
    for _ in range(2):
        sent.clear()
        with statements(sessions, sent):
            browse.get(town.codes["genuine"])
        asked.append(tuple(sent))
    counted.close()
    assert asked == [("question", "session", "WITH"), ("question",)]


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("name", ["genuine", "recalled", "product"])
def test_a_kept_answer_is_the_one_that_was_drawn(town: Town, name: str, accept: str) -> None:
    browse = make_app(state_of(town.app).sessions, *folders(town)).test_client()
    told = [browse.get(town.codes[name], headers={"Accept": accept, "Accept-Language": "en"}) for _ in range(2)]
    first, second = ({key: value for key, value in one.headers if key != "X-Request-Id"} for one in told)
    assert first == second
    assert told[0].data == told[1].data


def folders(town: Town) -> tuple[Path, Path]:
    """Return the folders of keys and spool."""
    settings = town.app.extensions["chasu"].settings
    return settings.keys_dir, settings.spool_dir


def test_a_look_is_a_scan_and_nothing_of_the_reader_is_kept(
    fresh_sessions: Sessions, keys_dir: Path, tmp_path: Path
) -> None:
    with fresh_sessions.write.begin() as session:
        tea = make_tea(session, load_keys(keys_dir))
        pack, serial = tea.pack.id, tea.printed[0]
    app = make_app(fresh_sessions, keys_dir, tmp_path / "spool")
    browse, path = app.test_client(), f"/01/09520000010003/10/T001/21/{serial}"
    reader = {"User-Agent": "Telephone/1.0", "X-Forwarded-For": "203.0.113.9", "Accept-Language": "en"}
    mark = browse.get(path, headers=reader, environ_base={"REMOTE_ADDR": "198.51.100.7"}).headers["ETag"]
    browse.get(path, headers={"If-None-Match": mark, "Accept-Language": "en"})
    browse.head(path)
    browse.get(f"/01/{FOREIGN_GTIN}")
    browse.get("/01/nonsense")
    spooled = b"".join(file.read_bytes() for file in (tmp_path / "spool").iterdir())
    assert not [trait for trait in (b"Telephone", b"203.0", b"198.51", b"127.0") if trait in spooled]
    assert post_spool(fresh_sessions.write, tmp_path / "spool") == 3
    with fresh_sessions.read.begin() as session:
        columns = (Scan.verdict, Scan.gtin, Scan.serial, Scan.pack_id, Scan.position, Scan.language)
        rows = session.execute(select(*columns).order_by(Scan.id)).all()
    genuine = ("genuine", "09520000010003", serial, pack, 1, "en")
    assert rows == [genuine, genuine, ("unknown", FOREIGN_GTIN, None, None, None, "zh")]


def test_a_page_is_shown_though_its_scan_cannot_be_kept(town: Town, tmp_path: Path) -> None:
    keys, _ = folders(town)
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    app = make_app(town.app.extensions["chasu"].sessions, keys, blocked)
    assert app.test_client().get(town.codes["genuine"]).status_code == 200


def test_a_new_finding_shows_at_once(fresh_sessions: Sessions, keys_dir: Path, tmp_path: Path) -> None:
    with fresh_sessions.write.begin() as session:
        tea = make_tea(session, load_keys(keys_dir))
    browse = make_app(fresh_sessions, keys_dir, tmp_path).test_client()
    path = f"/01/09520000010003/21/{tea.printed[0]}"
    mark = browse.get(path).headers["ETag"]
    with fresh_sessions.write.begin() as session:
        session.add_all([tea.finished, tea.plant])
        recall(session, tea)
    after = browse.get(path, headers={"If-None-Match": mark})
    assert after.status_code == 200
    assert "召回" in after.text


def test_a_page_kept_for_a_new_revision_tells_no_older_story(
    pair: Pair, beside_late: Sessions, keys_dir: Path, tmp_path: Path
) -> None:
    with beside_late.write.begin() as session:
        tea = make_tea(session, load_keys(keys_dir))
    pair.mend()
    pair.pause()
    with beside_late.write.begin() as session:
        session.add_all([tea.finished, tea.plant])
        recall(session, tea)
    now = Asker(beside_late.latest.kw["bind"])  # the replica left this question to the primary, and answers again
    browse = make_app(replace(beside_late, asker=now), keys_dir, tmp_path).test_client()
    told = verdict_of(browse.get(f"/01/09520000010003/21/{tea.printed[0]}", headers=JSON))
    now.close()
    assert (told["verdict"], told["steps"][-1]["step"]) == ("recalled", "recall")


def test_a_party_without_gtin_has_pages_at_t(fresh_sessions: Sessions, keys_dir: Path, tmp_path: Path) -> None:
    with fresh_sessions.write.begin() as session:
        serial = make_tea(session, load_keys(keys_dir), gtin=None).printed[0]
    browse = make_app(fresh_sessions, keys_dir, tmp_path).test_client()
    told = verdict_of(browse.get(f"/t/{serial}", headers=JSON))
    assert (told["verdict"], told["code"]) == ("genuine", {"gtin": None, "lot": "T001", "serial": serial})
    assert browse.get(f"/?code={serial}").location == f"/t/{serial}"


def test_a_typed_code_leads_to_its_page(browse: FlaskClient, town: Town) -> None:
    path = town.codes["genuine"]
    serial = serial_of(path)
    bare = f"/01/09520000010003/21/{serial}"
    slipped = "-".join(re.findall("....", serial.replace("0", "o").replace("1", "l").lower()))
    typed = {
        f"https://elsewhere.example{path}": path,
        f"elsewhere.example{path}": path,
        f"(01)09520000010003(10)L001(21){serial}": path,
        f"9520000010003 {serial}": bare,
        serial: bare,
        slipped: bare,
        "9520000010003": "/01/09520000010003",
        "0" * 20: "/t/" + "0" * 20,
    }
    for code, wanted in typed.items():
        answer = browse.get("/", query_string={"code": code})
        assert (answer.status_code, answer.location) == (303, wanted)


@pytest.mark.parametrize(
    "code", ["茶", "123", "<b>", "/01/123", "(01)1", "A" * 300, "http://[", "http://[/t/A B", "//"]
)
def test_what_cannot_be_read_is_said_so(browse: FlaskClient, code: str) -> None:
    answer = browse.get("/", query_string={"code": code})
    assert answer.status_code == 400
    assert 'id="unreadable"' in answer.text
    assert "<b>" not in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_start_page_explains_itself(browse: FlaskClient, language: str) -> None:
    page = browse.get(f"/?lang={language}")
    assert page.status_code == 200
    assert Catalogue().text("page.start.lead", language) in page.text
    assert f'name="lang" value="{language}"' in page.text


def test_a_new_template_makes_new_marks(town: Town) -> None:
    assert re.fullmatch("[0-9a-f]{12}", LookUp(state_of(town.app), town.app.logger).edition)
    assert (ROOT / "web" / "static" / "page.css").is_file()


def test_the_demo_town_needs_no_more_than_its_tables(tmp_path: Path, keys_dir: Path) -> None:
    sessions = prepare(f"sqlite:///{tmp_path / 'empty.db'}")
    browse = make_app(sessions, keys_dir, tmp_path / "spool").test_client()
    assert browse.get("/").status_code == 200
    assert verdict_of(browse.get("/01/09520000010003", headers=JSON))["verdict"] == "unknown"
    sessions.dispose()
