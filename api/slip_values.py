"""What stands on a slip, for paper and for the page: numbers as people read them."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from trace.books import standard_of
from trace.clock import COUNTRY
from trace.mass import jin_and_kilograms
from trace.nouns.slips import REVERSED
from trace.prices import plain_digits, said_price
from trace.records import Record

if TYPE_CHECKING:
    from labels.documents.slip import SlipValues

_KINDS = {"hand-over": "交付", "intake": "收购"}
_UNITS = {"kg": "kg", "jin": "斤", "g": "g"}


def link_of(public_url: str, token: str) -> str:
    """Return the link that shows a slip to whoever has it."""
    return f"{public_url}/s/{token}"


def price_text(row: Mapping[str, Any]) -> str:
    """Return the price by the unit it was said in, and by the kilogram."""
    price = said_price(row["as_typed"], row["price_yuan_per_kg"])
    if price is None:
        return ""
    by_kg = f"{plain_digits(price.yuan_per_kg)} 元/kg"
    return by_kg if price.unit == "kg" else f"{plain_digits(price.value)} 元/{_UNITS[price.unit]}（{by_kg}）"


def money(yuan: Decimal) -> str:
    """Return a sum with its two digits."""
    return f"{yuan:.2f}"


def local_time(moment: datetime) -> str:
    """Return a moment as the clock on the wall said it."""
    return f"{moment.astimezone(COUNTRY):%Y-%m-%d %H:%M}"


def slip_values(row: Record, public_url: str) -> "SlipValues":
    """Return what stands on the paper of a slip."""
    from labels.documents.slip import SlipValues  # noqa: PLC0415 -- drawing is heavy

    return SlipValues(
        number=row["code"],
        kind=_KINDS[row["kind"]],
        weighed_at=local_time(row["weighed_at"]),
        giver=named(row["giver_name"], row["giver"], row["giver_person"]),
        receiver=named(row["receiver_name"], row["receiver"], None),
        weigher=named(row["owner_name"], row["owner"], row["weigher_person"]),
        net=jin_and_kilograms(row["net_g"]),
        parts=_parts(row),
        price=price_text(row),
        amount="" if row["amount_yuan"] is None else money(row["amount_yuan"]),
        standard=standard_of(row),
        link=link_of(public_url, row["token"]),
        remarks=_remarks(row),
        void=_void(row) if row["state"] == REVERSED else "",
    )


def named(name: str, code: str, person: str | None) -> str:
    """Return a party by label and code, after the person where one may be told."""
    label = name if name == code else f"{name}（{code}）"
    return label if person is None else f"{person}，{label}"


def _parts(row: Record) -> list[tuple[str, tuple[str, str]]]:
    reason = f"（{row['deduction_reason']}）" if row["deduction_reason"] else ""
    named = (("毛重", "gross_g"), ("皮重", "tare_g"), (f"扣重{reason}", "deduction_g"))
    return [(name, jin_and_kilograms(row[column])) for name, column in named if row[column] is not None]


def _remarks(row: Record) -> list[str]:
    entered = f"由 {row['entered_by']} 代录" if row["entered_by"] else ""
    replaces = f"代替作废的 {row['replaces']}" if row["replaces"] else ""
    returned = "收购方在门口退回" if row["hand_over_state"] == "returned" else ""
    return [remark for remark in (entered, replaces, returned) if remark]


def _void(row: Record) -> str:
    instead = f"以 {row['replaced_by']} 为准" if row["replaced_by"] else "本次过磅不成立"
    return f"{instead}。{row['reversal_reason']}" if row["reversal_reason"] else instead
