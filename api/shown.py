"""Fields of answers that a function makes of a row; each says of what kind it is (`metadata`, for the description)."""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import fields

from trace.mass import GRAMS_PER, kilograms

TEXT = {"type": "string"}
TEXT_OR_NONE = {"type": ["string", "null"]}
OBJECT = {"type": "object"}


def shown(show: Callable[[Any], Any], kind: Mapping[str, Any] = TEXT) -> fields.Field[Any]:
    """Return the field that shows what a function makes of a row."""
    return fields.Function(show, metadata=dict(kind))


def measured(units: list[str]) -> dict[str, Any]:
    """Return the description of a value, always as text, with its unit; null where there is none."""
    return {
        "type": ["object", "null"],
        "properties": {"value": {"type": "string"}, "unit": {"type": "string", "enum": units}},
        "required": ["value", "unit"],
    }


def shown_mass(name: str = "mass", grams: str = "mass_g") -> fields.Field[Any]:
    """Return the field that shows a mass as it was typed, or in kilograms where nobody typed it."""

    def show(row: Mapping[str, Any]) -> dict[str, str] | None:
        typed = (row.get("as_typed") or {}).get(name)
        if typed:
            return dict(typed)
        return None if row[grams] is None else {"value": str(kilograms(row[grams])), "unit": "kg"}

    return shown(show, measured(list(GRAMS_PER)))
