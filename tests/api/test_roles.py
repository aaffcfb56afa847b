"""Every route of `/v1`, every method, every role, for records of one's own, of a neighbour and of a stranger.

A new route needs a row in `role_table.py`: its noun's records are prepared in
`three_parties.py`, and a write needs a body below.
"""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from api.app import Api, create_app
from api.auth import PUBLIC
from tests.api import goods_roles, recall_roles
from tests.api.conftest import settings_for
from tests.api.role_table import expected, rows
from tests.api.test_evidence import report_pdf
from tests.api.three_parties import AREAS, LATER, LETTERS, PARTIES, SIDES, ThreeParties, open_three_parties, square
from tests.databases import MakeSessions, url_of
from trace.db import Sessions
from trace.keys import create_first_key

_numbers = itertools.count(500)
_positions = {side: itertools.count(6) for side in SIDES}  # the first five are shipped


def part(town: ThreeParties, column: float, wide: float = 1) -> dict[str, Any]:
    """Return a plot on the ground of the plot last made."""
    outline = square(town.ground, column, wide)
    return {"code": f"Q{next(_numbers)}", "area_mu": str(wide), "crs": "WGS-84", "outline": outline}


def work(town: ThreeParties, side: str) -> dict[str, Any]:
    """Return the body of a run, or of a blend, of tea of that side."""
    return {
        "party": PARTIES[side],
        "done_at": "2026-06-20T18:00:00+08:00",
        "inputs": [{"lot": town.codes["tea"][side], "mass": {"value": 10, "unit": "g"}}],
        "output": {"mass": {"value": 9, "unit": "g"}},
    }


# What is sent: a record for the party of that side, of that party's own things.
BODIES: dict[str, Callable[[ThreeParties, str], Any]] = {
    "/v1/pickings": lambda town, side: {
        "party": PARTIES[side],
        "plot": town.codes["plots"][side],
        "picked_at": "2026-04-18T06:30:00+08:00",
        "mass": {"value": "25.5", "unit": "jin"},
        "pluck_standard": "一芽一叶",
    },
    "/v1/parties": lambda _, side: {
        "code": f"G{next(_numbers)}",
        "name": "茶农",
        "kind": "grower",
        "member_of": PARTIES[side],
        "area_code": AREAS[side],
    },
    "/v1/villages": lambda _, side: {"code": f"{AREAS[side]}{next(_numbers)}", "name": "茶沟村"},
    "/v1/plots": lambda town, side: {
        "code": f"P{next(_numbers)}",
        "village": town.codes["areas"][side],
        "cooperative": PARTIES[side],
        "cultivar": "群体种",
        "area_mu": 1,
        "crs": "WGS-84",
        "outline": square(next(_numbers)),
    },
    "/v1/parties/{code}/merges": lambda town, side: {
        "into": town.code("parties", side, "", "POST"),
        "reason": "同一户",
    },
    "/v1/plots/{code}/surveys": lambda *_: {"certification": "绿色食品"},
    "/v1/plots/{code}/holders": lambda _, side: {"holder": PARTIES[side]},
    "/v1/plots/{code}/splits": lambda town, _: {"parts": [part(town, 0, 0.5), part(town, 0.5, 0.5)]},
    "/v1/plots/{code}/joins": lambda town, side: {"with": [town.fresh_plot(side, 1)], "plot": part(town, 0, 2)},
    "/v1/plots/{code}/merges": lambda town, side: {"into": town.fresh_plot(side, 1), "reason": "同一块地"},
    "/v1/facilities": lambda _, side: {"code": f"S{next(_numbers)}", "name": "仓库", "party": PARTIES[side]},
    "/v1/licences": lambda _, side: {
        "number": f"登记 {next(_numbers)}",
        "party": PARTIES[side],
        "valid_to": LATER.isoformat(),
        "product_kinds": ["绿茶"],
    },
    "/v1/brands": lambda _, side: {"code": f"B{next(_numbers)}", "name": "雾峪青", "owner": PARTIES[side]},
    "/v1/products": lambda town, side: {
        "code": f"I{next(_numbers)}",
        "brand": town.codes["brands"][side],
        "name": "雾峪青 100g",
        "net": {"value": 100, "unit": "g"},
    },
    "/v1/input-products": lambda *_: {"code": f"IP{next(_numbers)}", "kind": "pesticide", "name": "示例农药"},
    "/v1/packs": lambda town, side: {
        "party": PARTIES[side],
        "product": town.codes["products"][side],
        "inputs": [{"lot": town.codes["tea"][side], "mass": {"value": 100, "unit": "g"}}],
        "packed_at": "2026-06-21T18:00:00+08:00",
        "best_before": "2028-01-01",
        "units": 1,
        "mode": "history",
    },
    "/v1/shipments": lambda town, side: {
        "party": PARTIES[side],
        "buyer": PARTIES["own" if side == "neighbour" else "neighbour"],
        "shipped_at": "2026-06-22T18:00:00+08:00",
        "packs": [{"pack": town.codes["packs"][side], **dict.fromkeys(("first", "last"), next(_positions[side]))}],
        "mode": "history",
    },
    **dict.fromkeys(
        (f"/v1/packs/{{code}}/{name}" for name in ("activations", "spoilings", "locks")),
        lambda _, side: {
            "party": PARTIES[side],
            "marked_at": "2026-06-22T18:00:00+08:00",
            **dict.fromkeys(("first", "last"), next(_positions[side])),
            "mode": "history",
        },
    ),
    "/v1/runs": work,
    "/v1/blends": work,
    "/v1/hand-overs": lambda town, side: {
        "party": PARTIES[side],
        "receiver": PARTIES["foreign" if side == "neighbour" else "neighbour"],
        "sent_at": "2026-04-25T12:00:00+08:00",
        "lots": [{"lot": town.codes["leaf"][side], "mass": {"value": 1, "unit": "g"}}],
    },
    "/v1/intakes": lambda town, side: {
        "party": PARTIES[side],
        "hand_overs": [town.send_to(side)],
        "received_at": "2026-04-25T14:00:00+08:00",
        "mass": {"value": 1, "unit": "g"},
    },
    "/v1/inputs": lambda town, side: {
        "party": PARTIES[side],
        "plot": town.codes["plots"][side],
        "product": town.codes["input-products"][side],
        "used_at": "2026-03-20T08:00:00+08:00",
    },
    "/v1/purchases": lambda town, side: {
        "party": PARTIES[side],
        "product": town.codes["input-products"][side],
        "supplier": "城关农资店",
        "quantity": 2,
        "unit": "瓶",
        "bought_at": "2026-03-10T08:00:00+08:00",
    },
    "/v1/field-work": lambda town, side: {
        "party": PARTIES[side],
        "plot": town.codes["plots"][side],
        "kind": "修剪",
        "done_at": "2026-03-20T08:00:00+08:00",
    },
    "/v1/plots/{code}/openings": lambda *_: {"opened_on": "2026-04-10"},
    "/v1/certificates": lambda town, side: {
        "party": PARTIES[side],
        "lots": [town.codes["leaf"][side]],
        "product": "茶鲜叶",
        "origin": "茶沟村",
        "issued_at": "2026-04-21T08:00:00+08:00",
        "basis": ["质量安全控制符合要求"],
        "mass": {"value": 1, "unit": "g"},
    },
    "/v1/corrections": lambda town, side: {
        "event": f"certificates/{PARTIES[side]}/{town.code('certificates', side, '')}",
        "reason": "填错了重量",
    },
    "/v1/certificates/{code}/void": lambda *_: {"reason": "填错了重量"},
    "/v1/certificates/{code}/revocation": lambda *_: {"reason": "抽检不合格"},
    "/v1/results": lambda town, side: {
        "party": PARTIES[side],
        "lot": f"{PARTIES[side]}/{town.codes['lots'][side]}",
        "sampled_at": "2026-04-21T08:00:00+08:00",
        "purpose": "factory",
        "reported_at": "2026-04-22T08:00:00+08:00",
        "items": [{"analyte": "水分", "value": "5.2", "unit": "%"}],
    },
    "/v1/results/{code}/files": lambda *_: report_pdf(),
    "/v1/samples": lambda town, side: {
        "party": PARTIES[side],
        "lot": f"{PARTIES[side]}/{town.codes['lots'][side]}",
        "sampled_at": "2026-04-21T08:00:00+08:00",
        "purpose": "factory",
    },
    "/v1/findings/{code}/answers": lambda *_: {"answer": "已复测，结果合格"},
    "/v1/recalls": lambda town, side: {
        "party": PARTIES[side],
        "lots": [f"{PARTIES[side]}/{town.codes['lots'][side]}"],
        "level": 2,
        "known_at": "2026-05-01T08:00:00+08:00",
        "started_at": "2026-05-01T10:00:00+08:00",
    },
    "/v1/tables/{code}/editions": lambda *_: {
        "edition": f"E{next(_numbers)}",
        "valid_from": "2026-01-01",
        "source": "损耗统计",
        "rows": [{"stock": "*", "percent": "2", "confidence": "judgement", "source": "损耗统计"}],
    },
    "/v1/accounts": lambda _, side: {"name": "王芳", "role": "plant", "party": PARTIES[side]},
    "/v1/keys": lambda town, side: {"account": town.accounts["foreign" if side == "foreign" else "O"]},
    "/v1/mandates": lambda _, side: {
        "principal": PARTIES[side],
        "agent": PARTIES["own" if side == "neighbour" else "neighbour"],
        "from_on": LATER.isoformat(),
    },
    **goods_roles.BODIES,
    **recall_roles.BODIES,
}


# What is changed: the name, but of a licence, which has none.
PATCHES = {"licences": {"valid_to": "2101-01-01"}}


@pytest.fixture(scope="module")
def three_parties(make_sessions: MakeSessions, tmp_path_factory: pytest.TempPathFactory) -> ThreeParties:
    """The prepared town, in a database of this file's own."""
    return prepare_town(make_sessions(), tmp_path_factory.mktemp("roles"))


def prepare_town(sessions: Sessions, directory: Path) -> ThreeParties:
    """Return the prepared town, its keys and cases of recall with it."""
    settings = settings_for(url_of(sessions), directory)
    create_first_key(settings.keys_dir)
    town = open_three_parties(create_app(settings, sessions), sessions)
    recall_roles.open_cases(town)
    return town


_UNOWNED = {"me": "", "exchange": "label-waste"}  # nobody's record
Asked = tuple[str, str]  # the letter of a role, and whose record it asks for


def outcomes(town: ThreeParties, method: str, route: str) -> dict[Asked, str]:
    """Return what each role gets for the record of each side."""
    every = [(letter, side) for side in SIDES for letter in LETTERS]
    if method == "GET" and "{code}" not in route:
        return asked_once(town, route, every)
    return {asked: outcome(town, method, route, asked) for asked in every}


def question(town: ThreeParties, method: str, route: str, asked: Asked) -> tuple[str, Any]:
    """Return the code and the body with which a role asks for the record of one side, or writes for it."""
    letter, side = asked
    noun = route.split("/")[2]
    if route in goods_roles.FRESH:
        code = goods_roles.FRESH[route](town, side)
    elif "{code}" in route:
        code = _UNOWNED[noun] if noun in _UNOWNED else town.code(noun, side, letter, method)
    else:
        code = ""
    body = BODIES[route](town, side) if method == "POST" and route in BODIES else None
    if method == "PATCH":
        body = PATCHES.get(noun, {"name": f"改名 {next(_numbers)}"})
    return code, body


def outcome(town: ThreeParties, method: str, route: str, asked: Asked) -> str:
    """Return the status that a role gets for the record of one side."""
    code, body = question(town, method, route, asked)
    path = route.replace("{code}", quote(code, safe="/:"))
    letter, _ = asked
    answer = town.ask(method, path, letter, body)
    if method == "GET":
        assert town.ask("HEAD", path, letter).status_code == answer.status_code
    return str(answer.status_code)


def asked_once(town: ThreeParties, path: str, every: list[Asked]) -> dict[Asked, str]:
    """Ask what names no record once as each role: the status, or `-` for a list without the record of that side."""
    noun = path.removeprefix("/v1/")
    lists = noun != "me" and "/" not in noun
    codes = {(letter, side): town.code(noun, side, letter) for letter, side in every} if lists else {}
    found: dict[Asked, str] = {}
    for letter in LETTERS:
        status = town.ask("HEAD", path, letter).status_code
        assert town.ask("GET", path, letter).status_code == status
        seen = listed(town, path, letter, noun) if lists and status == 200 else set(codes.values())
        found |= {(letter, side): str(status) if not lists or codes[letter, side] in seen else "-" for side in SIDES}
    return found


def listed(town: ThreeParties, path: str, letter: str, noun: str) -> set[str]:
    """Return the codes in a list, over all its pages."""
    found: set[str] = set()
    token = ""
    while token is not None:
        page = town.ask("GET", f"{path}?limit=200{token and f'&after={token}'}", letter).json
        found |= {str(item["position" if noun == "events" else "code"]) for item in page["items"]}
        found |= {f"{item['party']}/{item['code']}" for item in page["items"] if {"party", "code"} <= item.keys()}
        token = page["next"]
    return found


@pytest.mark.parametrize(
    ("method", "route", "cells"), list(rows()), ids=lambda part: part if isinstance(part, str) else ""
)
def test_each_role_gets_what_the_table_says(
    three_parties: ThreeParties, method: str, route: str, cells: tuple[str, ...]
) -> None:
    found = outcomes(three_parties, method, route)
    wrong = [
        f"{letter} ({LETTERS[letter]}) {side}: {got}, not {status}"
        for side, cell in zip(SIDES, cells, strict=True)
        for letter, status in expected(cell).items()
        if (got := found[letter, side]) != status
    ]
    assert not wrong, "\n".join(wrong)


def routes_of(app: Api) -> set[tuple[str, str]]:
    """Return every (method, route) below `/v1` that wants a key."""
    return {
        (method, rule.rule.replace("<path:code>", "{code}"))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/v1/") and rule.endpoint not in PUBLIC
    }


def test_every_route_has_a_row(three_parties: ThreeParties) -> None:
    told = {(method, route) for method, route, _ in rows()}
    assert sorted(routes_of(three_parties.doors.app) - told) == []
    assert sorted(told - routes_of(three_parties.doors.app)) == []


def test_every_cell_names_every_role_once() -> None:
    for _, route, cells in rows():
        for cell in cells:
            letters = "".join(part.split(":")[0] for part in cell.split())
            assert len(set(letters)) == len(letters), route
            assert "no status" not in expected(cell).values(), route


def test_any_key_may_ask_what_a_route_takes(three_parties: ThreeParties) -> None:
    for method, route in sorted(routes_of(three_parties.doors.app)):
        answer = three_parties.ask("OPTIONS", route.replace("{code}", "X"), "A")
        assert (answer.status_code, method in answer.headers["Allow"]) == (200, True), route
