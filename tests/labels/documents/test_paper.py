"""Paper: what is set on it can be read back, whole and in Chinese."""

import re

import pypdfium2
import pytest
import zxingcpp

from labels.documents.paper import A4, LABEL, RECEIPT, Paper, Sheet
from labels.fonts import FontSet

LINK = "http://127.0.0.1:8000/c/7K2M9QX4TZB6CDEFGH1"


def said(pdf: bytes) -> str:
    return "".join("".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(pdf))


@pytest.mark.parametrize("sheet", [A4, RECEIPT, LABEL])
def test_every_sheet_carries_text_and_a_symbol_that_reads_back(font_set: FontSet, sheet: Sheet) -> None:
    paper = Paper(font_set, sheet)
    flow = [
        *paper.title("承诺达标合格证", "Conformity certificate"),
        paper.facts([("产地", "上茶沟村")]),
        paper.symbol(LINK, 25),
    ]
    pdf = paper.typeset("合格证", flow)
    document = pypdfium2.PdfDocument(pdf)
    picture = document[0].render(scale=300 / 72, grayscale=True).to_pil()
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [LINK]
    assert "承诺达标合格证" in said(pdf)
    assert "产地上茶沟村" in said(pdf)
    assert document[0].get_width() == pytest.approx(sheet.width_mm * 72 / 25.4, abs=0.01)


def test_a_receipt_is_as_long_as_what_stands_on_it(font_set: FontSet) -> None:
    paper = Paper(font_set, RECEIPT)
    printed = (paper.typeset("单", [paper.text(f"第{line}行") for line in range(lines)]) for lines in (3, 60))
    short, long = map(pypdfium2.PdfDocument, printed)
    assert len(short) == len(long) == 1
    assert long[0].get_height() > 10 * short[0].get_height() > 0


@pytest.mark.parametrize("mark", "，；：！？。、）”》（“《")
def test_a_mark_that_closes_begins_no_line_and_one_that_opens_ends_none(font_set: FontSet, mark: str) -> None:
    paper = Paper(font_set, RECEIPT)
    for broken in ("", "\n案号 RC01"):
        for length in range(15, 30):
            text = paper.text("茶" * length + mark + "叶" * 20 + broken)
            pdf = pypdfium2.PdfDocument(paper.typeset("单", [text]))
            page = pdf[0].get_textpage()
            lines = page.get_text_range().split()
            assert len(lines) > 1
            assert [line for line in lines if line[0] in "，；：！？。、）”》" or line[-1] in "（“《"] == []
            assert max(page.get_charbox(at)[2] for at in range(page.count_chars())) <= 76 * 72 / 25.4


def test_a_long_table_goes_over_pages_with_its_head_and_their_numbers(font_set: FontSet) -> None:
    paper = Paper(font_set, A4)
    rows = [[str(number), "青", "1.5"] for number in range(120)]
    table = paper.table(["序号", "等级", "千克"], rows, widths=[1, 2, 1], right={2})
    document = pypdfium2.PdfDocument(paper.typeset("登记簿", [table], foot="云溪岭镇"))
    pages = ["".join(page.get_textpage().get_text_range().split()) for page in document]
    assert len(pages) > 1
    for number, page in enumerate(pages, start=1):
        assert "序号等级千克" in page
        assert f"云溪岭镇第{number}页共{len(pages)}页" in page


def test_a_text_longer_than_a_page_goes_on_over_pages(font_set: FontSet) -> None:
    paper = Paper(font_set, A4)
    words = "".join(f"第{number}批，" for number in range(1, 1200))
    pdf = paper.typeset("单", [paper.text(words)])
    assert len(pypdfium2.PdfDocument(pdf)) > 1
    assert re.sub(r"第\d+页共\d+页", "", said(pdf)) == words


def test_what_looks_like_markup_is_text(font_set: FontSet) -> None:
    paper = Paper(font_set, A4)
    assert "<b>&amp;</b>" in said(paper.typeset("单", [paper.text("<b>&amp;</b>")]))


def test_a_character_that_no_font_has_is_named_at_the_end(font_set: FontSet) -> None:
    paper = Paper(font_set, A4)
    text = said(paper.typeset("单", [paper.text("张\U0001f375")]))
    assert "张〓" in text
    assert "〓:U+1F375" in text
