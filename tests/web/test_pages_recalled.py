"""A recall over HTTP: the page behind every affected code says so with the answer to its start."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.tea import make_tea
from tests.web.town import make_app
from trace.accounts import Role, create_key
from trace.db import Sessions
from trace.keys import load_keys

JSON = {"Accept": "application/json"}


@pytest.fixture
def browse(fresh_sessions: Sessions, keys_dir: Path, tmp_path: Path) -> FlaskClient:
    """A client of an installation with pages."""
    return make_app(fresh_sessions, keys_dir, tmp_path).test_client()


def test_every_affected_page_changes_in_the_transaction_that_starts_a_recall(
    browse: FlaskClient, fresh_sessions: Sessions, keys_dir: Path
) -> None:
    with fresh_sessions.write.begin() as session:
        tea = make_tea(session, load_keys(keys_dir))
        token = create_key(session, tea.plant.code, Role.PLANT)
        lot = tea.finished.code
    paths = [f"/01/09520000010003/21/{serial}" for serial in tea.printed]
    marks = {path: browse.get(path, headers=JSON).headers["ETag"] for path in paths}
    moments = {"known_at": "2026-07-02T10:20:00+08:00", "started_at": "2026-07-02T16:05:00+08:00"}
    key = {"Authorization": f"Bearer {token}"}
    answer = browse.post("/v1/recalls", json={"lots": [lot], "level": 2, **moments}, headers=key)
    assert answer.status_code == 201, answer.text
    for path, mark in marks.items():
        told = browse.get(path, headers={**JSON, "If-None-Match": mark})
        assert told.status_code == 200, "the page kept before is no longer true"
        assert told.json["verdict"] == "recalled"
    codes = browse.get(f"/v1/recalls/{answer.json['code']}/codes", headers=key).text
    assert [serial for serial in tea.printed if serial not in codes] == []
