"""Papers of a recall on A4: the notice to one buyer, the report to the regulator, the sheet of a drill."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from labels.documents.paper import Paper


@dataclass(frozen=True, kw_only=True)
class NoticeValues:
    """What stands on a notice, as text."""

    number: str
    owner: str
    recipient: str
    case: str
    level: str
    written_at: str
    chinese: str
    english: str
    reach: str  # address and contact of the owner, as far as they are recorded
    is_holder: bool  # else somebody told who has none of it
    ranges: Sequence[tuple[str, str, str, str, str]]  # product, lot, first–last, shipment and its day, units


@dataclass(frozen=True, kw_only=True)
class ReportValues:
    """What stands on a report, as text."""

    title: str
    below: str
    number: str
    facts: Sequence[tuple[str, str]]
    products: Sequence[Sequence[str]]
    buyers: Sequence[Sequence[str]]
    texts: Sequence[tuple[str, str]]  # cause, measures, why units stay out
    open_items: Sequence[str]
    person: str


@dataclass(frozen=True, kw_only=True)
class DrillValues:
    """What stands on the sheet of a drill, as text."""

    number: str
    score: str
    facts: Sequence[tuple[str, str]]
    times: Sequence[Sequence[str]]
    shares: Sequence[Sequence[str]]
    figures: Sequence[tuple[str, str]]
    person: str


def draw_notice(paper: Paper, values: NoticeValues) -> bytes:
    """Return a notice as PDF: what to do first, then which goods, then a part to tear off and send back."""
    flow = [
        *paper.title("产品召回通知", "Recall notice"),
        paper.text(f"致：{values.recipient}", size=1.2, bold=True),
        paper.space(0.5),
        paper.text(values.chinese, size=1.15),
        paper.space(0.5),
        paper.text(values.english, size=0.85, grey=True),
        *_goods(paper, values),
        paper.space(1),
        paper.facts(
            [
                ("召回方 Recalled by", values.owner),
                *([("联系 Contact", values.reach)] if values.reach else []),
                ("案号 Case", values.case),
                ("召回等级 Level", values.level),
                ("通知时间 Written", values.written_at),
            ]
        ),
        *paper.heading("回执 Receipt：请填写后拍照或寄回 please fill in and send back"),
        *([paper.facts([(name, "______________________________") for name in _RECEIPT])] if values.is_holder else []),
        paper.space(0.6),
        _signed(paper, "收到人签字 Signed", "日期 Date"),
    ]
    return paper.typeset(f"召回通知 {values.number}", flow, foot=f"召回通知 {values.case} · {values.number}")


def _goods(paper: Paper, values: NoticeValues) -> list[Any]:
    """Return what is with the holder; of who is told without having any, nothing."""
    if not values.ranges:
        return []
    return [
        *paper.heading("尚在贵方的产品 Goods that are with you"),
        paper.table(
            ["产品\nProduct", "批号\nLot", "码段\nPositions", "发货单\nShipment", "件数\nUnits"],
            [list(row) for row in values.ranges],
            widths=(30, 22, 20, 26, 12),
            right={4},
        ),
    ]


_RECEIPT = (
    "现有库存（件）In stock, units",
    "已售出（件）Sold, units",
    "已通知下家（是/否）Onward buyers told",
    "退回数量与日期 Returned, and when",
)


def _signed(paper: Paper, *names: str) -> Any:
    share = 1 / len(names)
    return paper.beside(*((share, [paper.facts([(name, "______________")], share=share)]) for name in names))


def draw_report(paper: Paper, values: ReportValues) -> bytes:
    """Return a report as PDF, in the columns that a regulator asks for."""
    flow = [
        *paper.title(values.title, values.below),
        paper.facts(values.facts),
        *paper.heading("产品 Products（件 units）"),
        paper.table(
            [
                "产品\nProduct",
                "批号\nLots",
                "生产\nMade",
                "未追回\nOut",
                "追回未处置\nKept",
                "销毁\nDestroyed",
                "返工\nReworked",
                "库存\nStock",
            ],
            values.products,
            widths=(26, 20, 11, 12, 14, 13, 13, 11),
            right=set(range(2, 8)),
        ),
        *paper.heading("买方 Buyers（件 units）"),
        paper.table(
            [
                "买方\nBuyer",
                "通知\nNotices",
                "售出\nSold",
                "追回\nRecovered",
                "未追回\nOut",
                "销毁\nDestroyed",
                "返工\nReworked",
            ],
            values.buyers,
            widths=(34, 23, 11, 14, 12, 13, 13),
            right=set(range(2, 7)),
        ),
    ]
    for name, words in values.texts:
        flow += [*paper.heading(name), paper.text(words)]
    if values.open_items:
        flow += [*paper.heading("未了事项 Still open"), *(paper.text(f"· {one}") for one in values.open_items)]
    flow += [
        paper.space(2),
        paper.text(f"报告人：{values.person}"),
        paper.space(0.6),
        _signed(paper, "签字", "单位盖章", "日期"),
    ]
    return paper.typeset(f"{values.title} {values.number}", flow, foot=f"{values.title} {values.number}")


def draw_drill(paper: Paper, values: DrillValues) -> bytes:
    """Return the sheet of a drill as PDF: the score, what it is made of, and how long each step took."""
    flow = [
        *paper.title("召回演练记录", "Recall drill"),
        paper.text(values.score, size=3, bold=True, align="center"),
        paper.text("满分 100 of 100", size=0.9, align="center", grey=True),
        paper.facts(values.facts),
        *paper.heading("用时 Time"),
        paper.table(["步骤\nStep", "自开始起\nFrom the beginning"], values.times, widths=(60, 40), right={1}),
        *paper.heading("得分 Points"),
        paper.table(["项目\nItem", "结果\nResult", "得分\nPoints"], values.shares, widths=(50, 30, 20), right={1, 2}),
        *paper.heading("范围 Scope"),
        paper.facts(values.figures),
        paper.space(2),
        paper.text(f"演练人 Held by：{values.person}"),
        paper.space(0.6),
        _signed(paper, "签字 Signed", "日期 Date"),
    ]
    return paper.typeset(f"召回演练 {values.number}", flow, foot=f"召回演练 {values.number}")
