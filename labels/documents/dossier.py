"""A dossier on paper: what a lot is, its story part by part, and its graph. What stands in it is the caller's words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from reportlab.platypus import CondPageBreak, KeepTogether

from labels.documents.graphs import Drawing
from labels.documents.paper import Paper
from labels.graphs.values import Graph

MOST_ROWS = 400  # of a part; a longer one says how many more there are
_SYMBOL_MM = 32


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part: a table, or words that say why there is none."""

    heading: str
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    widths: Sequence[float] = ()
    right: Collection[int] = ()  # columns of numbers
    note: str = ""  # said above the table, or in its place


@dataclass(frozen=True, kw_only=True)
class DossierValues:
    """What stands in a dossier, as text."""

    title: str
    below: str
    warning: str = ""  # what stands in the way of the lot, said large
    facts: Sequence[tuple[str, str]]
    link: str | None = None  # of the lot's own page
    link_words: str = ""
    parts: Sequence[Part] = field(default=())
    graph_heading: str = ""
    graph: Graph | None = None
    more: str = "{count}"  # how many rows a part does not show
    foot: str = ""


def draw_dossier(paper: Paper, values: DossierValues) -> bytes:
    """Return a dossier as PDF."""
    flow = [*paper.title(values.title, values.below)]
    if values.warning:
        flow += [paper.text(values.warning, size=1.3, bold=True, align="center"), paper.space(0.5)]
    flow.append(_head(paper, values))
    for number, part in enumerate(values.parts, start=1):
        flow += _part(paper, f"{number}. {part.heading}", part, values.more)
    if values.graph is not None:
        heading = paper.heading(f"{len(values.parts) + 1}. {values.graph_heading}")
        flow.append(KeepTogether([*heading, Drawing(paper, values.graph)]))
    return paper.typeset(values.title, flow, foot=values.foot)


def _head(paper: Paper, values: DossierValues) -> Any:
    """Return what the lot is, beside the symbol of its page where it has one."""
    if values.link is None:
        return paper.facts(values.facts)
    symbol = [
        paper.symbol(values.link, _SYMBOL_MM),
        paper.text(values.link_words, size=0.8, align="center", grey=True),
    ]
    share = _SYMBOL_MM / paper.sheet.inner_mm
    return paper.beside((1 - share, [paper.facts(values.facts, share=1 - share)]), (share, symbol))


def _part(paper: Paper, heading: str, part: Part, more: str) -> list[Any]:
    flow = [CondPageBreak(paper.points(8)), *paper.heading(heading)]  # no heading alone at the foot of a page
    if part.note:
        flow.append(paper.text(part.note, size=0.9, grey=True))
    if part.rows:
        flow.append(paper.table(part.head, part.rows[:MOST_ROWS], widths=part.widths, right=part.right))
    if len(part.rows) > MOST_ROWS:
        flow.append(paper.text(more.format(count=len(part.rows) - MOST_ROWS), size=0.85, grey=True))
    return flow
