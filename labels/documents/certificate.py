"""Conformity certificates on paper: plainly headed 承诺达标合格证, on A4, on a receipt, or on a label for a basket."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from labels.documents.paper import Paper

_SIDE_MM = {"a4": 42, "receipt": 36, "label": 26}
_MOST_LOTS = {"a4": 400, "receipt": 60, "label": 4}  # a label holds no more
_TICKED, _OPEN = "■", "□"
_SMALLER = (1, 0.9, 0.8, 0.7, 0.6, 0.5)  # sizes at which a label is tried


@dataclass(frozen=True, kw_only=True)
class CertificateValues:
    """What stands on a certificate, as text; `basis` is every basis there is, and whether it is the promise's."""

    name: str
    number: str
    lead: str
    promises: Sequence[str]
    basis: Sequence[tuple[str, bool]]
    facts: Sequence[tuple[str, str]]  # product, quantity, origin
    signed: Sequence[tuple[str, str]]  # who promises, contact, date
    lots: Sequence[str]
    collected: Sequence[str]
    tested: Sequence[str]
    link: str
    ended: str = ""  # taken back, revoked


def draw_certificate(paper: Paper, values: CertificateValues) -> bytes:
    """Return a certificate as PDF."""
    if paper.sheet.code == "label":
        paper, flow = _fitted(paper, values)
    else:
        flow = (_on_a4 if paper.sheet.code == "a4" else _on_receipt)(paper, values)
    return paper.typeset(f"{values.name} {values.number}", flow, foot=f"{values.name} {values.number}")


def _fitted(paper: Paper, values: CertificateValues) -> tuple[Paper, list[Any]]:
    """Return a label so set that long names have room: the largest size at which all of it fits."""
    for share in _SMALLER:
        smaller = Paper(paper.fonts, replace(paper.sheet, text_mm=paper.sheet.text_mm * share))
        flow = _on_label(smaller, values)
        if smaller.fits(flow):
            break
    return smaller, flow


def _head(paper: Paper, values: CertificateValues) -> list[Any]:
    flow = [paper.text(values.name, size=2.2, bold=True, align="center")]
    if values.ended:
        flow += [paper.space(0.3), paper.text(values.ended, size=1.4, bold=True, align="center")]
    return [*flow, paper.space(0.8)]


def _promise(paper: Paper, values: CertificateValues) -> list[Any]:
    said = [paper.text(values.lead, bold=True)]
    said += [paper.text(f"{number}．{words}") for number, words in enumerate(values.promises, start=1)]
    return [*said, paper.space(0.4), *_basis(paper, values)]


def _basis(paper: Paper, values: CertificateValues) -> list[Any]:
    """Return every basis there is, each ticked or not; on a roll one below the other."""
    marks = [f"{_TICKED if does else _OPEN} {words}" for words, does in values.basis]
    if paper.sheet.code == "receipt":
        return [paper.text("承诺依据："), *map(paper.text, marks)]
    return [paper.text(f"承诺依据：{'　'.join(marks)}")]


def _rests_on(paper: Paper, values: CertificateValues) -> list[tuple[str, str]]:
    """Return the leaf it is of, and what it rests on."""
    pairs = [("对应批次", _listed(values.lots, _MOST_LOTS[paper.sheet.code]))]
    if values.tested:
        pairs.append(("检测项目", "、".join(values.tested)))
    if values.collected:
        pairs.append(("收取的合格证", "\n".join(values.collected)))
    return pairs


def _listed(lots: Sequence[str], most: int) -> str:
    """Return lots as one line; those for which there is no room are counted, and stand on the page of the code."""
    shown = "、".join(lots[:most])
    return shown if len(lots) <= most else f"{shown} 等 {len(lots)} 批，扫码查看全部"


def _signature(paper: Paper, values: CertificateValues) -> list[Any]:
    return [paper.facts(values.signed), paper.space(0.3), paper.text("签名或盖章：", grey=True), paper.space(3)]


def _on_a4(paper: Paper, values: CertificateValues) -> list[Any]:
    symbol = [
        paper.symbol(values.link, _SIDE_MM["a4"], align="CENTER"),
        paper.text("扫码核验", size=0.8, align="center"),
    ]
    goods = [paper.facts([*values.facts, ("编号", values.number)], share=0.76)]
    return [
        *_head(paper, values),
        *_promise(paper, values),
        paper.line(),
        paper.beside((0.76, goods), (0.24, symbol)),
        *(paper.text(f"{name}：{words}") for name, words in _rests_on(paper, values)),  # may go on over pages
        paper.line(),
        *_signature(paper, values),
    ]


def _on_receipt(paper: Paper, values: CertificateValues) -> list[Any]:
    return [
        *_head(paper, values),
        *_promise(paper, values),
        paper.line(),
        paper.facts([*values.facts, ("编号", values.number), *_rests_on(paper, values)]),
        paper.line(),
        *_signature(paper, values),
        paper.space(0.5),
        paper.symbol(values.link, _SIDE_MM["receipt"], align="CENTER"),
        paper.text("扫码核验", size=0.85, align="center"),
    ]


def _on_label(paper: Paper, values: CertificateValues) -> list[Any]:
    """Return a basket's label: no room for the reports and papers behind it, which its code leads to."""
    told = [paper.facts([*values.facts, *values.signed, ("编号", values.number)], share=0.72)]
    symbol = [
        paper.symbol(values.link, _SIDE_MM["label"], align="CENTER"),
        paper.text("扫码核验", size=0.9, align="center"),
    ]
    sentences = "；".join(values.promises)
    return [
        paper.text(values.name, size=1.9, bold=True, align="center"),
        *([paper.text(values.ended, size=1.2, bold=True, align="center")] if values.ended else []),
        paper.space(0.3),
        paper.beside((0.72, told), (0.28, symbol)),
        paper.text(f"{values.lead}{sentences}。", size=0.85),
        *_basis(paper, values),
        paper.text("签名或盖章：", size=0.9),
    ]
