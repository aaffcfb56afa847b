"""Weigh slips on paper: net weight and sum so large that they are read at arm's length, in jin and kilograms."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from labels.documents.paper import Paper

_SYMBOL_MM = 34


@dataclass(frozen=True, kw_only=True)
class SlipValues:
    """What stands on a slip, as text; masses are (jin, kilograms)."""

    number: str
    kind: str  # 交付 or 收购
    weighed_at: str
    giver: str
    receiver: str
    weigher: str
    net: tuple[str, str]
    parts: Sequence[tuple[str, tuple[str, str]]]  # gross, tare, what is taken off
    price: str
    amount: str
    standard: str
    link: str
    remarks: Sequence[str] = ()  # entered by whom, on which form, in place of which slip
    void: str = ""  # why it is void and which slip stands instead


def draw_slip(paper: Paper, values: SlipValues) -> bytes:
    """Return a slip as PDF."""
    flow = [*paper.title("磅单", "Weigh slip"), paper.text(values.number, size=1.5, bold=True, align="center")]
    if values.void:
        flow += [
            paper.space(0.4),
            paper.text("作 废 VOID", size=2.2, bold=True, align="center"),
            paper.text(values.void, align="center"),
        ]
    flow += [paper.line(), *_said(paper, values), paper.line()]
    flow += _wide(paper, values) if paper.sheet.numbered else _narrow(paper, values)
    return paper.typeset(f"磅单 {values.number}", flow, foot=f"磅单 {values.number}")


def _said(paper: Paper, values: SlipValues) -> list[Any]:
    """Return what counts: the net weight and the sum."""
    jin, kilograms = values.net
    net = [
        paper.text("净重 Net", grey=True),
        paper.text(f"{jin} 斤", size=2.6, bold=True),
        paper.text(f"= {kilograms} kg", size=1.2),
    ]
    amount = [
        paper.text("金额 Amount", grey=True),
        paper.text(f"{values.amount} 元", size=2.6, bold=True),
        paper.text(f"单价 {values.price}", size=1.2),
    ]
    if not values.amount:
        return net
    return [paper.beside((0.5, net), (0.5, amount))] if paper.sheet.numbered else [*net, paper.space(0.5), *amount]


def _narrow(paper: Paper, values: SlipValues) -> list[Any]:
    return [
        paper.facts(_facts(values)),
        paper.line(),
        paper.symbol(values.link, _SYMBOL_MM, align="CENTER"),
        paper.text("扫码查看本单 Scan to read", size=0.85, align="center", grey=True),
        *(paper.text(remark, size=0.85) for remark in values.remarks),
    ]


def _wide(paper: Paper, values: SlipValues) -> list[Any]:
    symbol = [
        paper.symbol(values.link, _SYMBOL_MM),  # as wide as its column, so that the words stand below its middle
        paper.text("扫码查看本单", size=0.85, align="center", grey=True),
    ]
    signed = [("交售人签字 Giver", "________________"), ("过磅人签字 Weigher", "________________")]
    return [
        paper.beside((0.8, [paper.facts(_facts(values), share=0.8)]), (0.2, symbol)),
        *(paper.text(remark, size=0.85) for remark in values.remarks),
        paper.space(2),
        paper.beside(*((0.5, [paper.facts([pair], share=0.5)]) for pair in signed)),
    ]


def _facts(values: SlipValues) -> list[tuple[str, str]]:
    weights = [(name, f"{jin} 斤 = {kilograms} kg") for name, (jin, kilograms) in values.parts]
    told = [
        *weights,
        ("标准等级", values.standard),
        ("交售人", values.giver),
        ("收购方", values.receiver),
        ("过磅", values.weigher),
        ("时间", values.weighed_at),
        ("类别", values.kind),
    ]
    return [(name, value) for name, value in told if value]
