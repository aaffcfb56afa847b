"""What is drawn of a trace: lots, the draws between them, and the words around them. All words are the caller's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sign:
    """Something that stands in the way of a lot: told by a shape and a word, and only then by a colour."""

    code: str  # recalled, failed or held
    word: str


@dataclass(frozen=True, kw_only=True)
class Box:
    """A lot, or several of a kind that are drawn as one."""

    key: int
    kind: str  # a word of the domain: names the colour
    name: str  # the lot's code
    kind_word: str
    day: str  # ISO 8601
    until: str = ""  # the last day, of several
    who: str = ""  # as far as the reader may know
    where: str = ""  # its village
    mass_g: int = 0
    signs: Sequence[Sign] = ()
    chosen: bool = False  # the lot traced
    lots: int = 1


@dataclass(frozen=True)
class Draw:
    """So many grams of one lot that went into another."""

    parent: int
    child: int
    mass_g: int


@dataclass(frozen=True)
class Words:
    """The words of a drawing."""

    title: str
    description: str = ""
    several: str = "{count}"  # the name of a box that stands for several lots
    folded: str = ""  # said when boxes stand for several: how many of how many
    fonts: str = "'Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif"


@dataclass(frozen=True)
class Graph:
    """Boxes by key, and the draws between them; no lot is made of itself."""

    boxes: Mapping[int, Box]
    draws: Sequence[Draw] = field(default=())

    @property
    def lots(self) -> int:
        """Return how many lots the boxes stand for."""
        return sum(box.lots for box in self.boxes.values())


def kilograms_of(mass_g: int) -> str:
    """Return grams as kilograms, without zeros that say nothing."""
    text = f"{mass_g // 1000:,}.{mass_g % 1000:03}".rstrip("0").rstrip(".")
    return f"{text} kg"
