"""What bodies and answers of hand-overs and intakes share: what the scale said, the price, and the slip."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, post_load

from api.fields import Body, Mass, Measure, Part, PriceField, Text
from api.filled import FilledBody
from api.shown import measured, shown, shown_mass
from trace.entries.weighing import Deduction
from trace.prices import said_price


class DeductionBody(Body):
    """What is taken off the weight, and why."""

    mass = Mass(required=True)
    reason = Text(120, required=True)

    @post_load
    def part(self, data: dict[str, Any], **_: Any) -> Deduction:
        """Return the typed part."""
        return Deduction(**data)


class WeighingBody(FilledBody):
    """What the scale said and what was agreed; it goes on the weigh slip."""

    gross = Mass()
    tare = Mass(zero=True)
    deduction = Part(DeductionBody)
    price = PriceField(metadata={"description": "每斤或每公斤多少元。Yuan for a jin or a kilogram."})
    price_yuan_per_kg = Measure(0)
    pluck_standard = Text(60)
    grade = Text(60)
    weigher = Text(60, private=True, metadata={"description": "过磅人姓名，单独保存。Who weighed; kept apart."})


def shown_price(row: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the price by the unit it was said in, or by the kilogram."""
    price = said_price(row.get("as_typed"), row["price_yuan_per_kg"])
    return None if price is None else price.as_typed()


class WeighingSchema(Schema):
    """What the scale said, as it is shown, and the number of the slip that says so."""

    gross = shown_mass("gross", "gross_g")
    tare = shown_mass("tare", "tare_g")
    deduction = shown_mass("deduction", "deduction_g")
    deduction_reason = fields.String(allow_none=True)
    price = shown(shown_price, measured(list(PriceField.UNITS)))
    price_yuan_per_kg = Measure(allow_none=True)
    amount_yuan = Measure(allow_none=True)
    pluck_standard = fields.String(allow_none=True)
    grade = fields.String(allow_none=True)
    slip = fields.String(allow_none=True)
