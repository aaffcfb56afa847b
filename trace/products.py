"""Trade items: what stands in the shop, with grade, net content and, where the firm has one, a GTIN."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import ids
from trace.db import Base, Grams
from trace.errors import ConflictError
from trace.faults import Faults
from trace.instance import lock_instance
from trace.packs import Pack
from trace.revisions import KEPT, Kept, Revised, change, given, lock_row
from trace.vocabulary import Scheme, ensure_terms


class ItemPackedError(ConflictError):
    """The item was packed: labels in the world say what it holds and under which number, so neither changes."""

    code = "item-packed"


class Claim(StrEnum):
    """What a label claims about where the tea grew; `gi` also stands for a brand that carries the origin's mark."""

    GI = "gi"
    LOCAL = "local"


class TradeItem(Revised, Base):
    """A retail item."""

    __tablename__ = "trade_item"
    __table_args__ = (CheckConstraint("net_g > 0", name="net_positive"),)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    gtin: Mapped[str | None] = mapped_column(String(14), unique=True)  # always as GTIN-14
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"))
    name: Mapped[str] = mapped_column(String(120))
    grade: Mapped[str | None] = mapped_column(String(60))
    net_g: Mapped[Grams]
    packaging: Mapped[str | None] = mapped_column(String(60))
    shelf_life_months: Mapped[int | None]
    standard: Mapped[str | None] = mapped_column(String(60))
    ingredients: Mapped[str | None] = mapped_column(String(200))
    storage: Mapped[str | None] = mapped_column(String(200))
    price_yuan: Mapped[Decimal | None]
    packaging_cost_yuan: Mapped[Decimal | None]
    packaging_layers: Mapped[int | None]
    gross_g: Mapped[int | None]
    volume_ml: Mapped[Decimal | None]  # of the retail pack, measured outside
    packaging_form: Mapped[str | None] = mapped_column(String(60))  # a row of the packaging table: loose, pressed …
    claims: Mapped[list[str] | None]


@dataclass(frozen=True, kw_only=True)
class RegisterProduct:
    """Ask for a trade item. A GTIN may have 8, 12, 13 or 14 digits."""

    code: str
    brand_id: int
    name: str
    net_g: int
    gtin: str | None = None
    grade: str | None = None
    packaging: str | None = None
    shelf_life_months: int | None = None
    standard: str | None = None
    ingredients: str | None = None
    storage: str | None = None
    price_yuan: Decimal | None = None
    packaging_cost_yuan: Decimal | None = None
    packaging_layers: int | None = None
    gross_g: int | None = None
    volume_ml: Decimal | None = None
    packaging_form: str | None = None
    claims: Sequence[str] | None = None


@dataclass(frozen=True, kw_only=True)
class AmendProduct:
    """Ask for other facts of a trade item."""

    product_id: int
    name: str | Kept = KEPT
    net_g: int | Kept = KEPT
    gtin: str | Kept | None = KEPT
    grade: str | Kept | None = KEPT
    packaging: str | Kept | None = KEPT
    shelf_life_months: int | Kept | None = KEPT
    standard: str | Kept | None = KEPT
    ingredients: str | Kept | None = KEPT
    storage: str | Kept | None = KEPT
    price_yuan: Decimal | Kept | None = KEPT
    packaging_cost_yuan: Decimal | Kept | None = KEPT
    packaging_layers: int | Kept | None = KEPT
    gross_g: int | Kept | None = KEPT
    volume_ml: Decimal | Kept | None = KEPT
    packaging_form: str | Kept | None = KEPT
    claims: Sequence[str] | Kept | None = KEPT


_SHOWN = ("name", "packaging", "standard", "ingredients", "storage")
_POSITIVE = ("net_g", "shelf_life_months", "gross_g")
_NOT_NEGATIVE = ("price_yuan", "packaging_cost_yuan", "packaging_layers", "volume_ml")


def register_products(session: Session, commands: Sequence[RegisterProduct]) -> list[TradeItem]:
    """Write new trade items, each GTIN as fourteen digits. Raises `InvalidError`."""
    lock_instance(session)
    faults, rows = Faults(), [vars(command) for command in commands]
    for place, row in enumerate(rows):
        faults.judge_code(f"[{place}].code", row["code"])
        _judge_product(faults, f"[{place}].", row)
    faults.judge_free(session, TradeItem.code, [(f"[{place}].code", row["code"]) for place, row in enumerate(rows)])
    gtins = [(f"[{place}].gtin", _fourteen(row["gtin"])) for place, row in enumerate(rows)]
    faults.judge_free(session, TradeItem.gtin, gtins)
    faults.refuse()
    ensure_terms(session, Scheme.GRADE, [row["grade"] for row in rows if row["grade"]])
    items = [TradeItem(**{**row, "gtin": gtin}) for row, (_, gtin) in zip(rows, gtins, strict=True)]
    session.add_all(items)
    session.flush()
    return items


def _fourteen(gtin: str | None) -> str | None:
    return gtin and gtin.zfill(14)


def _judge_product(faults: Faults, at: str, row: dict[str, Any]) -> None:
    """Add what is impossible about the columns given."""
    faults.judge(f"{at}gtin", ids.gtin14, row.get("gtin"))
    if not row.get("name", "-").strip():
        faults.fault(f"{at}name", "empty")
    for name in _SHOWN:
        faults.judge_shown(f"{at}{name}", row.get(name))
    for name in (*_POSITIVE, *_NOT_NEGATIVE):
        if row.get(name) is not None and row[name] < (name in _POSITIVE):
            faults.fault(f"{at}{name}", "out-of-range")


def amend_product(session: Session, command: AmendProduct) -> TradeItem:
    """Change a trade item; its pages, and those of its packs, are made anew by its revision.

    Raises `InvalidError`, and `ItemPackedError` for another net content or number of an item that was packed.
    """
    item = lock_row(session, TradeItem, command.product_id)
    values, faults = given(command, but=["product_id"]), Faults()
    _judge_product(faults, "", values)
    if "gtin" in values:
        values["gtin"] = _fourteen(values["gtin"])
        if values["gtin"] != item.gtin:
            faults.judge_free(session, TradeItem.gtin, [("gtin", values["gtin"])])
    faults.refuse()
    fixed = [name for name in ("net_g", "gtin") if values.get(name, getattr(item, name)) != getattr(item, name)]
    if fixed and session.scalar(select(Pack.id).where(Pack.trade_item_id == item.id).limit(1)):
        raise ItemPackedError(product=item.code, fields=fixed)
    ensure_terms(session, Scheme.GRADE, [values["grade"]] if values.get("grade") else [])
    change(item, values)
    session.flush()
    return item
