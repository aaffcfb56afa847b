"""One label as an image: it reads back, it is two-coloured, its quiet zone is quiet."""

import io
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
import zxingcpp
from PIL import Image, ImageOps
from playwright.sync_api import Browser

from labels import render
from labels.design import lay_out
from labels.errors import MissingGlyphError
from labels.fonts import FontSet
from labels.parts import LabelValues, Press
from labels.stock import DEFAULT, STOCKS

SVG = "{http://www.w3.org/2000/svg}"


def open_png(values: LabelValues, press: Press) -> Image.Image:
    return Image.open(io.BytesIO(render.png_bytes(values, press)))


def read(image: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image.convert("L"))]


@pytest.mark.parametrize("stock", STOCKS)
@pytest.mark.parametrize("dpi", [203, 300])
def test_a_png_reads_back_as_its_link(font_set: FontSet, green_tea: LabelValues, stock: str, dpi: int) -> None:
    assert read(open_png(green_tea, Press(STOCKS[stock], font_set, dpi))) == [green_tea.link]


@pytest.mark.parametrize(("dpi", "size"), [(203, (400, 240)), (300, (590, 354))])
def test_a_png_has_one_bit_for_each_dot_of_the_head(
    font_set: FontSet, green_tea: LabelValues, dpi: int, size: tuple[int, int]
) -> None:
    image = open_png(green_tea, Press(DEFAULT, font_set, dpi))
    assert (image.mode, image.size) == ("1", size)
    assert image.info["dpi"][0] == pytest.approx(dpi, abs=0.3)


def test_the_quiet_zone_has_no_black_dot(press: Press, green_tea: LabelValues) -> None:
    image = open_png(green_tea, press).convert("L")
    place = lay_out(green_tea, press).frame.place
    left, top = place.x - place.quiet, place.y - place.quiet
    zone = image.crop((left, top, left + place.side + 2 * place.quiet, top + place.side + 2 * place.quiet))
    inside = place.quiet, place.quiet, place.quiet + place.side, place.quiet + place.side
    assert ImageOps.invert(zone).getbbox() == inside


def test_two_serials_differ_in_nothing_but_symbol_and_serial(press: Press, green_tea: LabelValues) -> None:
    other = replace(green_tea, serial="B" * 20, link=green_tea.link.replace("A7K2M9QX4TZB6CDEFGH1", "B" * 20))
    place = lay_out(green_tea, press).frame.place
    left = (0, 0, place.x - place.quiet, 240)
    assert open_png(green_tea, press).crop(left).tobytes() == open_png(other, press).crop(left).tobytes()
    assert read(open_png(other, press)) == [other.link]


def test_an_svg_holds_outlines_and_attributes_only(press: Press, green_tea: LabelValues) -> None:
    text = render.svg_text(green_tea, press)
    root = ET.fromstring(text)  # noqa: S314 -- our own text
    assert (root.get("width"), root.get("height")) == ("50mm", "30mm")
    assert {element.tag for element in root.iter()} == {
        SVG + tag for tag in ("svg", "title", "rect", "polygon", "path")
    }
    assert not [element for element in root.iter() if "style" in element.attrib]
    assert "绿茶" in (root.findtext(SVG + "title") or "")


def test_an_svg_escapes_what_it_is_given(press: Press, green_tea: LabelValues) -> None:
    root = ET.fromstring(render.svg_text(replace(green_tea, name="<b>&茶"), press))  # noqa: S314 -- our own text
    assert "<b>&茶" in (root.findtext(SVG + "title") or "")


def test_nothing_is_drawn_when_a_character_is_missing(press: Press, green_tea: LabelValues) -> None:
    for draw in (render.png_bytes, render.svg_text):
        with pytest.raises(MissingGlyphError):
            draw(replace(green_tea, village="😀村"), press)


@pytest.mark.browser
def test_a_browser_shows_an_svg_that_reads_back(browser: Browser, press: Press, green_tea: LabelValues) -> None:
    page = browser.new_page(viewport={"width": 220, "height": 140}, device_scale_factor=4)
    page.set_content(render.svg_text(green_tea, press))
    picture = page.screenshot()
    page.close()
    assert read(Image.open(io.BytesIO(picture))) == [green_tea.link]
