"""A certificate on paper: plainly headed, its code reads back, and long names have room."""

from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp

from labels.documents.certificate import CertificateValues, draw_certificate
from labels.documents.paper import A4, LABEL, RECEIPT, Paper, Sheet
from labels.fonts import FontSet

VALUES = CertificateValues(
    name="承诺达标合格证",
    number="CQ-260418-7K3M2P",
    lead="我承诺对所生产销售的食用农产品：",
    promises=["不使用禁用的农药和其他禁止使用的物质", "农药残留等符合食品安全国家标准，不超标", "对承诺的真实性负责"],
    basis=[("质量安全控制符合要求", True), ("自检合格", False), ("委托检测合格", False)],
    facts=[("产品名称", "茶鲜叶"), ("数量（重量）", "25 斤（12.5 kg）"), ("产地", "上茶沟村")],
    signed=[("承诺者", "云溪岭镇雾峪茶叶种植专业合作社"), ("联系方式", "0633-5550123"), ("开具日期", "2026年4月18日")],
    lots=["H0004", "H0005"],
    collected=[],
    tested=[],
    link="https://trace.example.org/c/7K2M9QX4TZB6CDEFGH1JKMNPQR",
)
LONG = replace(
    VALUES,
    number="CQ-260418-" + "7K3M2P" * 5,
    facts=[*VALUES.facts[:2], ("产地", "山东省示例市望岚区云溪岭镇上茶沟村、" * 6)],
    signed=[("承诺者", "云溪岭镇雾峪茶叶种植专业合作社联合社" * 6), *VALUES.signed[1:]],
    lots=[f"PK-260418-{number:06d}" for number in range(200)],
    collected=[f"云溪岭镇第{number}茶叶种植专业合作社 CQ{number:04d}" for number in range(40)],
    tested=["联苯菊酯", "虫螨腈", "茚虫威"] * 8,
    ended="已撤销",
)


def open_pdf(fonts: FontSet, sheet: Sheet, values: CertificateValues) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(draw_certificate(Paper(fonts, sheet), values))


def said(document: pypdfium2.PdfDocument) -> str:
    return "".join("".join(page.get_textpage().get_text_range().split()) for page in document)


@pytest.mark.parametrize("values", [VALUES, LONG], ids=["usual", "long names, many lots"])
@pytest.mark.parametrize("sheet", [A4, RECEIPT, LABEL], ids=lambda sheet: sheet.code)
def test_its_code_reads_back_and_everything_is_on_it(
    font_set: FontSet, sheet: Sheet, values: CertificateValues
) -> None:
    document = open_pdf(font_set, sheet, values)
    picture = document[0].render(scale=300 / 72, grayscale=True).to_pil()
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [values.link]
    text = said(document)
    assert text.startswith("承诺达标合格证")
    for words in [*(value for _, value in (*values.facts, *values.signed)), *values.promises, values.number]:
        assert words.replace(" ", "") in text, words
    assert "■质量安全控制符合要求" in text
    assert "□自检合格" in text
    assert values.ended in text
    assert "〓" not in text


@pytest.mark.parametrize(("sheet", "pages"), [(RECEIPT, 1), (LABEL, 1)], ids=["receipt", "label"])
def test_long_names_stay_on_one_piece_of_paper(font_set: FontSet, sheet: Sheet, pages: int) -> None:
    assert len(open_pdf(font_set, sheet, LONG)) == pages


def test_lots_for_which_a_roll_has_no_room_are_counted(font_set: FontSet) -> None:
    assert "等200批，扫码查看全部" in said(open_pdf(font_set, RECEIPT, LONG))
    assert "PK-260418-000199" in said(open_pdf(font_set, A4, LONG))


def test_there_is_room_to_sign_above_the_code_of_a_receipt(font_set: FontSet) -> None:
    assert "签名或盖章" in said(open_pdf(font_set, RECEIPT, VALUES))
