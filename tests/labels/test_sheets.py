"""Many labels in one file: each page reads back, and nothing is written when one is refused."""

import io
import zipfile
from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageStat

from labels import render, sheets
from labels.errors import MissingGlyphError
from labels.parts import LabelValues, Press

SERIALS = ["A7K2M9QX4TZB6CDEFGH1", "B7K2M9QX4TZB6CDEFGH2", "C7K2M9QX4TZB6CDEFGH3"]


def numbered(values: LabelValues, serials: list[str]) -> list[LabelValues]:
    return [replace(values, serial=serial, link=values.link.replace(SERIALS[0], serial)) for serial in serials]


def pdf(values: list[LabelValues], press: Press) -> bytes:
    file = io.BytesIO()
    assert sheets.write_pdf(file, iter(values), press) == len(values)
    return file.getvalue()


def test_a_page_has_the_size_of_its_label(press: Press, green_tea: LabelValues) -> None:
    document = pypdfium2.PdfDocument(pdf([green_tea], press))
    assert document[0].get_size() == pytest.approx((141.73, 85.04), abs=0.01)


def test_each_page_reads_back_as_its_own_link(press: Press, green_tea: LabelValues) -> None:
    labels = numbered(green_tea, SERIALS)
    document = pypdfium2.PdfDocument(pdf(labels, press))
    pages = [page.render(scale=300 / 72, grayscale=True).to_pil() for page in document]
    links = [[found.text for found in zxingcpp.read_barcodes(page)] for page in pages]
    assert links == [[label.link] for label in labels]


def test_the_text_of_a_page_can_be_read_as_chinese(press: Press, green_tea: LabelValues) -> None:
    text = pypdfium2.PdfDocument(pdf([green_tea], press))[0].get_textpage().get_text_range()
    spoken = "".join(text.split())
    for expected in ("示例·雾峪青", "绿茶", "特级", "净含量50g", "产地下茶沟村等4村", "批号L001", "扫码溯源"):
        assert expected in spoken
    assert "生产日期2026-04-26" in spoken
    assert "保质期至2027-10-26" in spoken
    assert green_tea.serial in spoken


def test_both_weights_are_embedded(press: Press, green_tea: LabelValues) -> None:
    names = {line for line in pdf([green_tea], press).split(b"/") if b"ChasuSansSC-" in line}
    assert any(b"+ChasuSansSC-Regular" in name for name in names)
    assert any(b"+ChasuSansSC-Bold" in name for name in names)


def test_a_page_is_as_black_as_the_picture(press: Press, green_tea: LabelValues) -> None:
    """A bold title that came out thin would show here."""
    page = pypdfium2.PdfDocument(pdf([green_tea], press))[0].render(scale=203.2 / 72, grayscale=True).to_pil()
    picture = Image.open(io.BytesIO(render.png_bytes(green_tea, press))).convert("L")
    for left, top, right, bottom in ((16, 45, 228, 80), (16, 130, 228, 228), (250, 16, 384, 148)):
        darkness = [255 - ImageStat.Stat(image.crop((left, top, right, bottom))).mean[0] for image in (page, picture)]
        assert darkness[0] == pytest.approx(darkness[1], rel=0.15)


def test_the_same_labels_give_the_same_file(press: Press, green_tea: LabelValues) -> None:
    labels = numbered(green_tea, SERIALS)
    assert pdf(labels, press) == pdf(labels, press)


def test_labels_of_two_kinds_share_a_roll(press: Press, green_tea: LabelValues) -> None:
    black_tea = replace(green_tea, name="茶沟一叶 红茶 一级", brand="示例·茶沟一叶", grade="一级")
    document = pypdfium2.PdfDocument(pdf([green_tea, black_tea, green_tea], press))
    texts = [page.get_textpage().get_text_range() for page in document]
    assert ["红茶" in text for text in texts] == [False, True, False]


def test_common_parts_are_stored_once(press: Press, green_tea: LabelValues) -> None:
    one, many = (len(pdf(numbered(green_tea, [f"{n:020d}" for n in range(count)]), press)) for count in (1, 101))
    assert (many - one) / 100 < 2500


def test_a_refused_label_leaves_the_file_empty(press: Press, green_tea: LabelValues) -> None:
    labels = [green_tea, replace(green_tea, village="😀村")]
    file = io.BytesIO()
    with pytest.raises(MissingGlyphError):
        sheets.write_pdf(file, labels, press)
    for kind in sheets.Kind:
        with pytest.raises(MissingGlyphError):
            sheets.write_zip(file, labels, kind, press)
    assert file.getvalue() == b""


@pytest.mark.parametrize("kind", sheets.Kind)
def test_a_zip_holds_the_labels_in_order(press: Press, green_tea: LabelValues, kind: sheets.Kind) -> None:
    file = io.BytesIO()
    assert sheets.write_zip(file, numbered(green_tea, SERIALS[:2]), kind, press) == 2
    archive = zipfile.ZipFile(file)
    assert archive.namelist() == [f"000001.{kind}", f"000002.{kind}"]
    assert archive.testzip() is None


def test_pictures_in_a_zip_read_back(press: Press, green_tea: LabelValues) -> None:
    labels = numbered(green_tea, SERIALS[:2])
    file = io.BytesIO()
    sheets.write_zip(file, labels, sheets.Kind.PNG, press)
    archive = zipfile.ZipFile(file)
    pictures = [Image.open(io.BytesIO(archive.read(name))).convert("L") for name in archive.namelist()]
    assert [zxingcpp.read_barcodes(picture)[0].text for picture in pictures] == [label.link for label in labels]
