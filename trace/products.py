"""Trade items: what stands in the shop, with grade, net content and, where the firm has one, a GTIN."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from trace.db import Base, Grams


class TradeItem(Base):
    """A retail item."""

    __tablename__ = "trade_item"
    __table_args__ = (CheckConstraint("net_g > 0", name="net_positive"),)
    id: Mapped[int] = mapped_column(primary_key=True)
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
