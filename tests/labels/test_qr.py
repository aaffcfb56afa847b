"""QR symbols against the library that draws one at a time."""

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import QRData, lost_point

from labels import qr
from labels.errors import LinkTooLongError

LINK = "http://127.0.0.1:8000/01/09520000010003/10/L001/21/"
serials = st.text("23456789ABCDEFGHJKLMNPQRSTUVWXYZ", min_size=1, max_size=20)
hosts = st.sampled_from(["http://127.0.0.1:8000", "https://t.example.cn", "HTTPS://TEA.EXAMPLE", "https://茶.example"])


def reference(link: str, mask: int) -> QRCode:
    head, tail = qr.split(link)
    symbol = QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=mask)
    for segment in filter(None, (head, tail.encode())):
        symbol.add_data(QRData(segment))
    symbol.make()
    return symbol


@settings(max_examples=25, deadline=None)
@given(hosts, serials, st.integers(0, 7))
def test_a_symbol_is_that_of_the_reference(host: str, serial: str, mask: int) -> None:
    link = f"{host}/01/09520000010003/10/L001/21/{serial}"
    assert qr.encode(link, mask).matrix() == reference(link, mask).modules


@settings(max_examples=10, deadline=None)
@given(serials, st.integers(0, 7))
def test_the_penalty_is_that_of_the_standard(serial: str, mask: int) -> None:
    symbol = qr.encode(LINK + serial, mask)
    assert qr.penalty(symbol.size, symbol.bits) == lost_point(reference(LINK + serial, mask).modules)


@settings(max_examples=25, deadline=None)
@given(hosts, serials)
def test_a_symbol_reads_back_as_its_link(host: str, serial: str) -> None:
    link = f"{host}/01/09520000010003/21/{serial}"
    rows = qr.encode(link).matrix()
    image = Image.new("L", (len(rows) + 8, len(rows) + 8), 255)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            image.putpixel((x + 4, y + 4), 0 if dark else 255)
    image = image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST)
    assert [found.text for found in zxingcpp.read_barcodes(image)] == [link]


def test_a_full_link_of_ours_stays_in_version_four() -> None:
    assert qr.encode(LINK + "A7K2M9QX4TZB6CDEFGH1").size == 33


def test_runs_cover_the_dark_modules_and_no_others() -> None:
    symbol = qr.encode(LINK + "A7K2M9QX4TZB6CDEFGH1")
    dark = {(x + step, y) for x, y, length in symbol.runs() for step in range(length)}
    assert dark == {(x, y) for y, row in enumerate(symbol.matrix()) for x, is_dark in enumerate(row) if is_dark}


def test_a_link_beyond_all_reason_is_refused() -> None:
    with pytest.raises(LinkTooLongError):
        qr.encode("https://" + "a" * 300)
