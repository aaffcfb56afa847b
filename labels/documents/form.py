"""Blank forms on A4: few columns, boxes high enough for a wet hand and a pen, the number large with its symbol."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reportlab.platypus import PageBreak, Table

from labels.documents.paper import Paper
from labels.stock import POINTS_PER_MM

_BOXES_MM, _FIRST_MM = 162, 9  # the height of all lines, the width of their numbers
_SYMBOL_MM = 26


@dataclass(frozen=True)
class Column:
    """What is written in a column, in both languages, and how wide it is beside the others."""

    name: str
    english: str
    width: int


@dataclass(frozen=True, kw_only=True)
class FormValues:
    """What stands on the sheets of a run before anybody writes, as text."""

    title: str
    english: str
    party: str
    numbers: Sequence[str]
    columns: Sequence[Column]
    lines: int
    plots: Sequence[str]
    more_plots: bool


def draw_forms(paper: Paper, values: FormValues) -> bytes:
    """Return the sheets of a run as PDF, a page each."""
    flow: list[Any] = []
    for place, number in enumerate(values.numbers):
        flow += [*([PageBreak()] if place else []), *_sheet(paper, values, number)]
    return paper.typeset(f"{values.title} {values.numbers[0]}", flow, foot=f"{values.title} {values.party}")


def _sheet(paper: Paper, values: FormValues, number: str) -> list[Any]:
    head = [
        paper.text(values.title, size=1.9, bold=True),
        paper.text(values.english, size=0.8, grey=True),
        paper.text(values.party, size=1.1),
        paper.text(f"编号 {number}", size=1.7, bold=True),
    ]
    plots = "地块：" + "；".join(values.plots) + ("；其余见地块册" if values.more_plots else "")
    return [
        paper.beside((0.82, head), (0.18, [paper.symbol(number, _SYMBOL_MM, align="RIGHT")])),
        *([paper.text(plots, size=0.85)] if values.plots else []),
        paper.space(0.4),
        _grid(paper, values),
        paper.space(0.8),
        paper.beside(
            (0.5, [paper.text("填表人（写姓名）________________")]),
            (0.5, [paper.text("填表日期________年____月____日")]),
        ),
        paper.text("一行一笔。写错请整行划掉，另起一行。表丢了、坏了，请告诉录入员登记作废。", size=0.85, grey=True),
    ]


def _grid(paper: Paper, values: FormValues) -> Any:
    """Return the empty boxes, numbered line by line."""
    inner = paper.sheet.inner_mm - _FIRST_MM
    whole = sum(column.width for column in values.columns)
    widths = [_FIRST_MM * POINTS_PER_MM, *(inner * POINTS_PER_MM * one.width / whole for one in values.columns)]
    height = _BOXES_MM / values.lines * POINTS_PER_MM
    head = [
        [paper.text(one.name, size=0.9, bold=True), paper.text(one.english, size=0.65, grey=True)]
        for one in values.columns
    ]
    rows = [["", *head], *([paper.text(str(line)), *[""] * len(head)] for line in range(1, values.lines + 1))]
    table = Table(rows, colWidths=widths, rowHeights=[None, *[height] * values.lines], hAlign="LEFT")
    table.setStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.7, "#333333"),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("BACKGROUND", (0, 0), (-1, 0), "#eeeeee"),
            *((side, (0, 0), (-1, -1), 2) for side in ("LEFTPADDING", "RIGHTPADDING", "TOPPADDING", "BOTTOMPADDING")),
        ]
    )
    return table
