"""A grower's yearly book on A4: the sums first and large, then those by buyer, standard and month, then each slip."""

from collections.abc import Sequence
from dataclasses import dataclass

from labels.documents.paper import Paper

Sums = tuple[str, str, str, str]  # of what, slips, jin, yuan


@dataclass(frozen=True, kw_only=True)
class BookValues:
    """What stands in a book, as text."""

    grower: str
    year: str
    total: Sums
    totals: Sequence[tuple[str, Sequence[Sums]]]
    slips: Sequence[tuple[str, ...]]  # day, number, buyer, standard, jin, price, yuan


def draw_book(paper: Paper, values: BookValues) -> bytes:
    """Return a book as PDF."""
    _, slips, jin, yuan = values.total
    flow = [
        *paper.title(f"{values.year} 年茶农交售账本", "Grower's yearly book"),
        paper.text(values.grower, size=1.3, align="center"),
        paper.space(0.6),
        paper.beside(
            (0.4, [paper.text("全年鲜叶", grey=True), paper.text(f"{jin} 斤", size=2.2, bold=True)]),
            (0.4, [paper.text("全年金额", grey=True), paper.text(f"{yuan} 元", size=2.2, bold=True)]),
            (0.2, [paper.text("磅单", grey=True), paper.text(f"{slips} 张", size=2.2, bold=True)]),
        ),
    ]
    for title, rows in values.totals:
        flow += [
            *paper.heading(title),
            paper.table(("", "磅单", "斤", "元"), rows, widths=(5, 1, 2, 2), right=(1, 2, 3)),
        ]
    head = ("日期", "磅单号", "收购方", "标准等级", "斤", "单价", "元")
    flow += [
        *paper.heading("逐笔明细"),
        paper.table(head, values.slips, widths=(12, 27, 33, 24, 14, 30, 20), right=(4, 6)),
    ]
    return paper.typeset(f"{values.year} {values.grower}", flow, foot=f"{values.year} 年 {values.grower}")
