"""What a label says, what it is printed with, and the parts that a design is made of, in printer dots."""

from dataclasses import dataclass
from datetime import date

from labels.fonts import FontSet
from labels.qr import QUIET_MODULES, Symbol
from labels.stock import DOTS_PER_MM, Stock


@dataclass(frozen=True, kw_only=True)
class LabelValues:
    """What one label says."""

    link: str
    name: str
    grade: str
    net_content: str
    lot: str
    packed_on: date
    best_before: date
    brand: str
    village: str
    serial: str


@dataclass(frozen=True)
class Press:
    """What a label is printed with: the stock, the fonts, the resolution."""

    stock: Stock
    fonts: FontSet
    dpi: int = 203

    def dots(self, mm: float) -> int:
        """Return a length in whole dots."""
        return round(mm * float(DOTS_PER_MM[self.dpi]))

    @property
    def text(self) -> int:
        """Return the size of the small print in dots."""
        return self.dots(float(self.stock.text_mm))


@dataclass(frozen=True)
class Text:
    """A line of text: `x` is the pen's start, `y` the baseline."""

    field: str
    text: str
    face: str
    size: int
    x: int
    y: int
    white: bool = False


@dataclass(frozen=True)
class Bar:
    """A black rectangle: a hairline, or what a white text stands on."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Leaf:
    """A black polygon, a part of the tea-leaf mark."""

    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class SymbolPlace:
    """Where the symbol stands: the corner of its first module, the dots of a module, modules to a side."""

    x: int
    y: int
    module: int
    modules: int

    @property
    def side(self) -> int:
        """Return the side without the quiet zone."""
        return self.module * self.modules

    @property
    def quiet(self) -> int:
        """Return the width of the quiet zone."""
        return self.module * QUIET_MODULES


@dataclass(frozen=True)
class SerialRoom:
    """Where the serial stands: under the invitation to scan, as wide as the symbol, down to the last baseline."""

    left: int
    top: int
    width: int
    baseline: int


@dataclass(frozen=True, eq=False)
class Frame:
    """All that labels of one kind share: one object for all of them, so what is drawn from it can be kept."""

    press: Press
    width: int
    height: int
    bars: tuple[Bar, ...]
    leaves: tuple[Leaf, ...]
    texts: tuple[Text, ...]
    place: SymbolPlace
    serial: SerialRoom


@dataclass(frozen=True)
class Label:
    """One label: the shared frame, its own serial and symbol."""

    frame: Frame
    serial: tuple[Text, ...]
    symbol: Symbol
