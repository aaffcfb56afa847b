"""What stands behind the question mark: numbers in plain digits; nothing twice, nothing that a route does not know."""

import re
from typing import Any

from flask import Request
from marshmallow import validate

from api.auth import view_for
from api.fields import Whole, refusal
from api.problems import bad_request

_PLAIN = re.compile(r"(?P<sign>-?)0*(?P<digits>[0-9]+)")
_MOST_DIGITS = 20  # a number that has more is beyond every bound with these alone


class OneOf(validate.OneOf):
    """One of a few words; who types another is told them."""

    def __call__(self, value: Any) -> Any:
        """Return the value, or refuse it."""
        if value not in self.choices:
            raise refusal("not-allowed", value=str(value)[:40], allowed=list(self.choices))
        return value


class Count(Whole):
    """A number from `least` to `most`, in plain digits: no sign but a minus, no space, no digits of other scripts."""

    def _deserialize(self, value: Any, *parts: Any, **more: Any) -> int:
        typed = _PLAIN.fullmatch(value) if isinstance(value, str) else None
        if typed is None:
            raise refusal("wrong-type", expected="integer")
        return super()._deserialize(int(typed["sign"] + typed["digits"][:_MOST_DIGITS]), *parts, **more)


def refuse_strange_parameters(asked: Request) -> None:
    """Refuse a parameter that is given twice, and any on a route that has none. Raises `BadRequest`."""
    if not asked.args:
        return
    found = {name: ["repeated-parameter"] for name, values in asked.args.lists() if len(values) > 1}
    if not getattr(view_for(asked.endpoint or "", asked.method), "takes_parameters", False):
        found = {name: ["unknown-parameter"] for name in asked.args}
    if found:
        raise bad_request("query", found)
