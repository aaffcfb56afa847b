"""What stands behind the question mark: numbers in plain digits; nothing twice, nothing that a route does not know."""

from collections.abc import Mapping
from typing import Any

from flask import Request
from marshmallow import fields, validate
from werkzeug.exceptions import BadRequest

from api.auth import view_for
from api.fields import refusal

_MOST_DIGITS = 18


class OneOf(validate.OneOf):
    """One of a few words; who types another is told them."""

    def __call__(self, value: Any) -> Any:
        """Return the value, or refuse it."""
        if value not in self.choices:
            raise refusal("not-allowed", value=str(value)[:40], allowed=list(self.choices))
        return value


class Range(validate.Range):
    """A number within bounds; who types another is told them."""

    def __call__(self, value: Any) -> Any:
        """Return the value, or refuse it."""
        if not self.min <= value <= self.max:
            raise refusal("out-of-range", least=self.min, most=self.max)
        return value


class Count(fields.Integer):
    """A number from `least` to `most`, in plain digits: no sign but a minus, no space, no digits of other scripts."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        super().__init__(validate=Range(least, most), **options)

    def _deserialize(self, value: Any, *parts: Any, **more: Any) -> int:
        digits = value.removeprefix("-") if isinstance(value, str) else ""
        if not (digits.isascii() and digits.isdecimal()):
            raise refusal("wrong-type", expected="integer")
        return super()._deserialize(value if len(digits) <= _MOST_DIGITS else "9" * _MOST_DIGITS, *parts, **more)


def refuse_strange_parameters(asked: Request) -> None:
    """Refuse a parameter that is given twice, and any on a route that has none. Raises `BadRequest`."""
    if not asked.args:
        return
    found = {name: ["repeated-parameter"] for name, values in asked.args.lists() if len(values) > 1}
    if not getattr(view_for(asked.endpoint or "", asked.method), "takes_parameters", False):
        found = {name: ["unknown-parameter"] for name in asked.args}
    if found:
        raise bad_request("query", found)


def bad_request(place: str, found: Mapping[str, list[str]]) -> BadRequest:
    """Return the refusal of what a place (query, headers) of a request holds: codes by name."""
    refused = BadRequest()
    refused.data = {"messages": {place: found}}  # type: ignore[attr-defined]  # as webargs tells what it found
    return refused
