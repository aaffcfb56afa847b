"""The part of the table of roles that is about goods once made: `test_roles.py` says how it is read."""

import itertools
from collections.abc import Callable
from typing import Any

from tests.api.three_parties import PARTIES, SIDES, ThreeParties

TABLE = """
GET    /v1/deliveries            | *:200               | *:200               | OA:200 *:-
POST   /v1/deliveries            | OCBPN:201 *:403     | O:201 *:403         | O:201 *:403
GET    /v1/deliveries/{code}     | *:200               | *:200               | OA:200 *:404
POST   /v1/deliveries/{code}/refusals | OCBPN:201 *:403 | O:201 *:403        | O:201 CBPN:404 *:403
POST   /v1/hand-overs/{code}/refusals | OCBPN:201 *:403 | O:201 *:403        | O:201 CBPN:404 *:403
GET    /v1/returns               | *:200               | *:200               | OA:200 *:-
POST   /v1/returns               | OCBPN:201 *:403     | O:201 *:403         | O:201 *:403
GET    /v1/returns/{code}        | *:200               | *:200               | OA:200 *:404
GET    /v1/destructions          | *:200               | *:200               | OA:200 *:-
POST   /v1/destructions          | OCBPN:201 *:403     | O:201 *:403         | O:201 *:403
GET    /v1/destructions/{code}   | *:200               | *:200               | OA:200 *:404
GET    /v1/outside-lots          | *:200               | *:200               | OA:200 *:-
POST   /v1/outside-lots          | OCBPN:201 *:403     | O:201 *:403         | O:201 *:403
GET    /v1/outside-lots/{code}   | *:200               | *:200               | OA:200 *:404
"""
_positions = {side: itertools.count(60) for side in SIDES}  # those before are shipped and marked

BODIES: dict[str, Callable[[ThreeParties, str], Any]] = {
    "/v1/deliveries": lambda town, side: {
        "party": PARTIES[side],
        "receiver": PARTIES["foreign" if side == "neighbour" else "neighbour"],
        "sent_at": "2026-06-25T12:00:00+08:00",
        "lots": [{"lot": town.codes["tea"][side], "mass": {"value": 1, "unit": "g"}}],
        "mode": "history",
    },
    **dict.fromkeys(
        (f"/v1/{noun}/{{code}}/refusals" for noun in ("deliveries", "hand-overs")),
        lambda *_: {"returned_at": "2026-06-26T12:00:00+08:00", "reason": "含水过高"},
    ),
    "/v1/returns": lambda town, side: {
        "party": PARTIES[side],
        "returned_at": "2026-06-26T12:00:00+08:00",
        "reason": "外包装破损",
        **town.sell(side, next(_positions[side])),
    },
    "/v1/destructions": lambda town, side: {
        "party": PARTIES[side],
        "lot": town.codes["tea"][side],
        "mass": {"value": 1, "unit": "g"},
        "destroyed_at": "2026-06-26T12:00:00+08:00",
        "reason": "霉变",
        "method": "焚烧",
    },
    "/v1/outside-lots": lambda _, side: {
        "party": PARTIES[side],
        "supplier_name": "外省茶行",
        "declared_origin": "外省某县",
        "received_at": "2026-05-06T14:00:00+08:00",
        "mass": {"value": 1, "unit": "kg"},
    },
}
