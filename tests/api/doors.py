"""A small town whose parties write through the doors: a co-op and its farmer, a plant, a laboratory, and strangers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from api.app import Api
from tests.factories import make_party, make_plot, make_village
from trace.accounts import USUAL, Role, Scope, create_key
from trace.db import Sessions
from trace.parties import Party
from trace.places import Plot

ALL = (*USUAL, Scope.HISTORY)


@dataclass
class Doors:
    """A client with a token for each party, and the plots there are."""

    app: Api
    client: FlaskClient
    tokens: Mapping[str, str]
    sessions: Sessions
    plots: Mapping[str, str] = field(default_factory=dict)

    def post(self, path: str, body: Any, caller: str = "coop", **headers: str) -> TestResponse:
        """Write as one of the callers."""
        return self.client.post(path, json=body, headers=self._headers(caller, headers))

    def send(self, path: str, data: bytes, caller: str = "coop", **headers: str) -> TestResponse:
        """Write bytes as they are."""
        given = {"Content-Type": "application/json", **self._headers(caller, headers)}
        return self.client.post(path, data=data, headers=given)

    def get(self, path: str, caller: str = "coop") -> TestResponse:
        """Read as one of the callers."""
        return self.client.get(path, headers=self._headers(caller, {}))

    def _headers(self, caller: str, more: Mapping[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {self.tokens[caller]}", **named}


HOLDERS = {
    "coop": (Role.COOP, "C01"),
    "other coop": (Role.COOP, "C02"),
    "broker": (Role.BROKER, "B01"),
    "plant": (Role.PLANT, "PL1"),
    "other plant": (Role.PLANT, "PL2"),
    "brand": (Role.BRAND, "BR1"),
    "laboratory": (Role.LABORATORY, "LAB1"),
    "officer": (Role.OFFICER, "379901101"),
    "auditor": (Role.AUDITOR, "379901101"),
    "operator": (Role.OPERATOR, None),
}
_KINDS = {"C": "cooperative", "B": "broker", "P": "plant", "L": "laboratory", "3": "town"}


@dataclass(frozen=True)
class Settled:
    """The codes of plots by what they are called in tests, and a token for each holder."""

    plots: Mapping[str, str]
    tokens: Mapping[str, str]


def _settle(session: Session) -> dict[str, str]:
    """Write the parties and plots; return the codes of plots by what they are called in tests."""
    parties: dict[str, Party] = {}
    for _, code in HOLDERS.values():
        if code and code not in parties:
            parties[code] = make_party(session, code=code, kind="brand" if code == "BR1" else _KINDS[code[0]])
    farmer = make_party(session, code="F001", kind="grower", member_of_id=parties["C01"].id)
    village = make_village(session)
    plots: dict[str, Plot] = {
        "own": make_plot(session, village=village, cooperative_id=parties["C01"].id, holder_id=farmer.id),
        "other": make_plot(session, village=village, cooperative_id=parties["C02"].id),
    }
    return {name: plot.code for name, plot in plots.items()}


def settle(sessions: Sessions) -> Settled:
    """Write the small town, with a key for each holder."""
    with sessions.write.begin() as session:
        plots = _settle(session)
        tokens = {name: create_key(session, party, role, ALL) for name, (role, party) in HOLDERS.items()}
        tokens["no history"] = create_key(session, "C01", Role.COOP)
        tokens["reader"] = create_key(session, "C01", Role.COOP, (Scope.READ,))
    return Settled(plots, tokens)


def open_doors(app: Api, sessions: Sessions, town: Settled) -> Doors:
    """Return a client with a key for each holder of a town that stands in the database."""
    return Doors(app, app.test_client(), town.tokens, sessions, town.plots)


@contextmanager
def statements(doors: Doors) -> Iterator[list[str]]:
    """Note the statements that a database is asked."""
    asked: list[str] = []
    engine = doors.sessions.write.kw["bind"]

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)
