"""Label stock: the sizes of label that we print, a table, and the resolutions of the printers."""

from dataclasses import dataclass
from decimal import Decimal

from trace.errors import NotFoundError

# A "203 dpi" head has 8 dots in a millimetre. A "300 dpi" head has 11.8; the numbers are those of the head makers.
DOTS_PER_MM = {203: Decimal(8), 300: Decimal(300) / Decimal("25.4")}
POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True)
class Stock:
    """One size of label on a roll. `text_mm` is the size of the small print, `qr_mm` the room for the symbol."""

    code: str
    width_mm: int
    height_mm: int
    margin_mm: int
    text_mm: Decimal  # GB 7718-2011, 3.9: characters of 1.8 mm or more; a Han character fills 0.92 of its size
    qr_mm: Decimal  # with the quiet zone, which may lie in the margin because nothing is printed there

    def dots(self, dpi: int) -> tuple[int, int]:
        """Return width and height in whole dots, never more than the label has."""
        return int(self.width_mm * DOTS_PER_MM[dpi]), int(self.height_mm * DOTS_PER_MM[dpi])

    @property
    def points(self) -> tuple[float, float]:
        """Return width and height in points of 1/72 inch."""
        return self.width_mm * POINTS_PER_MM, self.height_mm * POINTS_PER_MM


STOCKS = {
    stock.code: stock
    for stock in (
        Stock("roll-50x30", 50, 30, 2, Decimal("2.25"), Decimal("22.5")),
        Stock("roll-40x30", 40, 30, 2, Decimal("2"), Decimal("19.1")),
        Stock("roll-60x40", 60, 40, 2, Decimal("2.75"), Decimal("27.5")),
    )
}
DEFAULT = STOCKS["roll-50x30"]


def get_stock(code: str) -> Stock:
    """Return a size by its code, refusing one that we do not know."""
    if code not in STOCKS:
        raise NotFoundError(what="stock", code=code, known=list(STOCKS))
    return STOCKS[code]
