"""Closings of the day on paper: one line for each grower or buyer and standard, the sums large."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from labels.documents.paper import Paper


@dataclass(frozen=True, kw_only=True)
class TotalValues:
    """What some slips add up to, as text."""

    name: str
    standard: str
    slips: str
    jin: str
    kilograms: str
    yuan: str


@dataclass(frozen=True, kw_only=True)
class SideValues:
    """What was bought, or sold."""

    title: str
    other: str  # what those on the other side are called
    rows: Sequence[TotalValues]
    total: TotalValues


@dataclass(frozen=True, kw_only=True)
class DayCloseValues:
    """What stands on a closing, as text."""

    number: str
    party: str
    day: str
    supplement: bool
    closed_at: str
    sides: Sequence[SideValues]
    open_hand_overs: Sequence[str]


def draw_day_close(paper: Paper, values: DayCloseValues) -> bytes:
    """Return a closing as PDF."""
    title, english = ("日结补充单", "Day close, supplement") if values.supplement else ("日结单", "Day close")
    flow = [
        *paper.title(title, english),
        paper.text(values.day, size=1.8, bold=True, align="center"),
        paper.text(values.party, align="center"),
        paper.text(f"{values.number} · {values.closed_at}", size=0.85, align="center", grey=True),
    ]
    for side in values.sides:
        flow += _side(paper, side)
    if not values.sides:
        flow += [paper.space(1), paper.text("当日没有过磅", align="center")]
    if values.open_hand_overs:
        flow += [*paper.heading("已交出、对方尚未验收"), paper.text("、".join(values.open_hand_overs))]
    return paper.typeset(f"{title} {values.number}", flow, foot=f"{title} {values.number} {values.party}")


def _side(paper: Paper, side: SideValues) -> list[Any]:
    total = side.total
    said = [
        *paper.heading(f"{side.title} {'Bought' if side.title == '收购' else 'Sold'}"),
        paper.text(f"{total.jin} 斤", size=2.2, bold=True),
        paper.text(f"{total.yuan} 元", size=2.2, bold=True),
        paper.text(f"= {total.kilograms} kg，{total.slips} 张磅单"),
        paper.space(0.5),
    ]
    return [*said, _wide(paper, side)] if paper.sheet.numbered else [*said, *_narrow(paper, side)]


def _wide(paper: Paper, side: SideValues) -> Any:
    rows = [(row.name, row.standard, row.slips, row.jin, row.kilograms, row.yuan) for row in (*side.rows, side.total)]
    head = (side.other, "标准等级", "磅单", "斤", "kg", "元")
    return paper.table(head, rows, widths=(36, 22, 16, 13, 13, 16), right=(2, 3, 4, 5))


def _narrow(paper: Paper, side: SideValues) -> list[Any]:
    """Return the lines of a roll: who on one line, how much below."""
    flow: list[Any] = []
    for row in side.rows:
        flow += [
            paper.text(" ".join(part for part in (row.name, row.standard) if part), size=0.9),
            paper.beside(
                (0.2, [paper.text(f"{row.slips} 张", size=0.9)]),
                (0.35, [paper.text(f"{row.jin} 斤", align="right", bold=True)]),
                (0.45, [paper.text(f"{row.yuan} 元", align="right", bold=True)]),
            ),
            paper.line(),
        ]
    return flow
