"""Pages by key: `?limit=1…200&after=TOKEN`. A token is good for the route and the filters it was given for."""

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import g, request
from marshmallow import Schema, ValidationError, fields, post_load, validate

from api.parameters import Count, OneOf
from api.state import current_state
from trace.records import MOST, Noun, Page, Record, list_records

_DAY = len("2026-04-18")
_KEY_BYTES, _PROOF_BYTES = 8, 12  # a register's key, of a day, an event and a lot, is longer


def _seal(route: str, filters: Mapping[str, str], key: int) -> str:
    body = key.to_bytes(max(_KEY_BYTES, (key.bit_length() + 7) // 8), "big")
    return base64.urlsafe_b64encode(body + _prove(route, filters, body)).rstrip(b"=").decode()


def _open(route: str, filters: Mapping[str, str], token: str) -> int:
    """Return the key in a token, refusing one made for another list."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValidationError("bad-token", "after") from None
    body, proof = raw[:-_PROOF_BYTES], raw[-_PROOF_BYTES:]
    if not hmac.compare_digest(proof, _prove(route, filters, body)):
        raise ValidationError("bad-token", "after")
    return int.from_bytes(body, "big")


def _prove(route: str, filters: Mapping[str, str], body: bytes) -> bytes:
    bound = json.dumps([route, sorted(filters.items())]).encode() + body
    return hmac.digest(current_state().secret, bound, "sha256")[:_PROOF_BYTES]


def _route() -> str:
    """Return which list is read: where its address names a record, that record's."""
    return request.path if request.view_args else request.endpoint or ""


def refuse_unstorable(text: str) -> None:
    """Refuse what no column can hold."""
    if "\0" in text:
        raise ValidationError("nul-character")


def refuse_no_day(text: str) -> None:
    """Refuse what is no day, such as `2026-04-18`: a list of nothing would say that there is nothing."""
    try:
        date.fromisoformat(text if len(text) == _DAY else "")
    except ValueError:
        raise ValidationError("not-a-day") from None


class PageQuery(Schema):
    """Which part of a list."""

    error_messages = {"unknown": "unknown-parameter"}  # noqa: RUF012 -- declared by marshmallow

    limit = Count(1, MOST, load_default=50)
    after = fields.String(load_default=None, validate=validate.Length(1, 100, error="bad-token"))

    @post_load
    def page(self, data: dict[str, Any], **_: Any) -> Page:
        """Return the typed question."""
        limit, after = data.pop("limit"), data.pop("after")
        key = 0 if after is None else _open(_route(), data, after)
        return Page(limit=limit, after=key, filters=data)


def query_for(noun: Noun) -> type[Schema]:
    """Return the query parameters of a noun's list."""
    schema: type[Schema] = type(f"{_camel(noun)}Query", (PageQuery,), filters_of(noun))
    return schema


def filters_of(noun: Noun) -> dict[str, fields.Field[Any]]:
    """Return the parameters by which a noun's records are told apart."""
    return {
        name: fields.String(
            validate=[
                refuse_unstorable,
                *([OneOf(one.allowed)] if one.allowed else []),
                *([refuse_no_day] if one.day else []),
            ],
            metadata={"format": "date"} if one.day else {},
        )
        for name, one in noun.filters.items()
    }


def page_of(noun: Noun, item: type[Schema]) -> type[Schema]:
    """Return the schema of a page of a noun's list."""
    parts = {
        "items": fields.List(fields.Nested(item), required=True),
        "next": fields.String(required=True, allow_none=True),
    }
    schema: type[Schema] = type(f"{_camel(noun)}Page", (Schema,), parts)
    return schema


Answer = tuple[dict[str, Any], int, dict[str, str]]


def answer(noun: Noun, page: Page) -> Answer:
    """Return a page of what the caller may read, and the way to the next."""
    return present(*list_records(g.session, g.caller, noun, page), page)


def present(rows: list[Record], key: int | None, page: Page) -> Answer:
    """Return records as a page, with the way on after a key, where there is one."""
    if key is None:
        return {"items": rows, "next": None}, 200, {}
    token = _seal(_route(), page.filters, key)
    address = f"{request.path}?{urlencode({**page.filters, 'limit': page.limit, 'after': token})}"
    return {"items": rows, "next": token}, 200, {"Link": f'<{address}>; rel="next"'}


def _camel(noun: Noun) -> str:
    return "".join(word.capitalize() for word in noun.name.split("-"))
