"""Moments in answers have one rule: the offset of the clock by which they are told, in the demo town's case +08:00."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from marshmallow import class_registry, fields

from api.moments import Happened, Noted
from tests.api.conftest import Asking

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?")


def _moments(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name != "document":  # EPCIS has a rule of its own, and an offset beside
                yield from _moments(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from _moments(inner, path)
    elif isinstance(value, str) and _MOMENT.fullmatch(value):
        yield path, value


def _is_list(item: dict[str, Any]) -> bool:
    content = item.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
    return "Page" in str(content.get("application/json"))


def test_every_moment_of_every_list_is_told_with_the_offset_of_its_clock(ask: Asking) -> None:
    paths = ask("/v1/openapi.json").json["paths"]
    lists = [path for path, item in paths.items() if _is_list(item) and "{" not in path]
    told = [found for path in lists for found in _moments(ask(f"{path}?limit=3").json, path)]
    assert len({path for path, _ in told}) > 10
    assert [one for one in told if not one[1].endswith("+08:00")] == []


def test_what_happened_keeps_its_offset_and_what_was_noted_has_the_country_s() -> None:
    row = {"at": datetime(2026, 4, 17, 22, 30, tzinfo=UTC), "utc_offset": "+06:00"}
    assert Happened().serialize("at", row) == "2026-04-18T04:30:00+06:00"
    assert Noted().serialize("at", row) == "2026-04-18T06:30:00+08:00"
    assert Happened().serialize("at", {"at": None, "utc_offset": None}) is None


def test_no_answer_has_a_moment_of_another_kind() -> None:
    schemas = [
        kind for kinds in class_registry._registry.values() for kind in kinds if kind.__module__.startswith("api")
    ]
    moments = {
        f"{schema.__name__}.{name}": type(field)
        for schema in schemas
        for name, field in schema._declared_fields.items()
        if isinstance(field, fields.DateTime)
    }
    assert len(moments) > 60
    assert {name for name, kind in moments.items() if kind not in (Happened, Noted)} == set()
