"""A dossier on paper: its parts in order, long ones cut with a word, the graph drawn, every page numbered."""

import pypdfium2 as pdfium
import pytest

from labels.documents.dossier import MOST_ROWS, DossierValues, Part, draw_dossier
from labels.documents.paper import A4, Paper
from labels.fonts import FontSet
from labels.graphs.folding import fold
from labels.graphs.values import Graph
from tests.labels.graphs.chains import Chain, blend_of


def pages_of(font_set: FontSet, **values: object) -> list[str]:
    """Return the text of each page."""
    given = {"title": "批次档案 L008", "below": "Lot dossier", "facts": [("批次代码", "PL3/L008")], **values}
    pdf = pdfium.PdfDocument(draw_dossier(Paper(font_set, A4), DossierValues(**given)))  # type: ignore[arg-type]
    texts = [pdf[number].get_textpage().get_text_range() for number in range(len(pdf))]
    pdf.close()
    return texts


def a_part(rows: int) -> Part:
    return Part(
        heading="采摘", head=["批次代码", "数量"], rows=[[f"H{one:04}", "1 kg"] for one in range(rows)], widths=[1, 1]
    )


def test_a_dossier_names_its_lot_its_parts_and_what_stands_in_its_way(font_set: FontSet) -> None:
    [text] = pages_of(font_set, warning="召回 · 暂停", parts=[a_part(2), Part(heading="样品", note="没有记录")])
    for words in ("批次档案 L008", "召回", "PL3/L008", "1. 采摘", "H0001", "2. 样品", "没有记录", "第 1 页 共 1 页"):
        assert words in text


def test_a_part_too_long_for_paper_says_how_many_rows_it_leaves_out(font_set: FontSet) -> None:
    text = "".join(pages_of(font_set, parts=[a_part(MOST_ROWS + 7)], more="还有 {count} 行"))
    assert f"H{MOST_ROWS - 1:04}" in text
    assert f"H{MOST_ROWS:04}" not in text
    assert "还有 7 行" in text


@pytest.mark.parametrize("graph", [blend_of(3, 2), fold(blend_of(30, 3), "{count} 批", 45)], ids=["small", "folded"])
def test_the_graph_stands_on_one_page_with_its_heading(font_set: FontSet, graph: Graph) -> None:
    pages = pages_of(font_set, parts=[a_part(30)], graph_heading="追溯图", graph=graph)
    [page] = [text for text in pages if "追溯图" in text]
    assert "2. 追溯图" in page
    for box in graph.boxes.values():
        assert box.name in page


def test_a_rare_character_in_the_graph_is_named_at_the_foot(font_set: FontSet) -> None:
    chain = Chain()
    chain.add("leaf", where="\U0002a6d6村")
    text = "".join(pages_of(font_set, graph_heading="图", graph=chain.graph))
    assert "〓" in text
    assert "U+2A6D6" in text
