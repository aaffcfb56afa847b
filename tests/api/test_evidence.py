"""A file is what its bytes are: reports and photographs pass, and nothing that is also something else."""

import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from api.evidence import (
    MOST_PIXELS,
    FileKindError,
    FileTwoFacedError,
    FileUnreadableError,
    PictureTooLargeError,
    kind_of,
)
from trace.errors import TraceError
from trace.report_files import safe_name


def report_pdf() -> bytes:
    """Return a report of one page."""
    page = io.BytesIO()
    canvas = Canvas(page, invariant=True)
    canvas.drawString(72, 720, "bifenthrin 0.010 mg/kg")
    canvas.save()
    return page.getvalue()


def picture(form: str = "JPEG", size: tuple[int, int] = (64, 48)) -> bytes:
    """Return a photograph, taken somewhere."""
    drawn = io.BytesIO()
    exif = Image.Exif()
    exif[0x0110] = "telephone"
    exif.get_ifd(0x8825)[1] = "N"
    Image.effect_noise(size, 40).convert("RGB").save(drawn, form, exif=exif)
    return drawn.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_bomb(side: int) -> bytes:
    """Return a PNG of a few hundred bytes that says it is `side` pixels square."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (report_pdf(), "application/pdf"),
        (picture("JPEG"), "image/jpeg"),
        (picture("PNG"), "image/png"),
        (picture("WEBP"), "image/webp"),
        (picture("JPEG") + b"\x00\x01 what a camera appends", "image/jpeg"),
    ],
)
def test_a_report_is_known_by_its_content(content: bytes, media_type: str) -> None:
    assert kind_of(content).media_type == media_type


def archive(before: bytes) -> bytes:
    """Return a zip file that begins as something else."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as zipped:
        zipped.writestr("run.js", "alert(1)")
    return before + whole.getvalue()


HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", FileKindError),
        (HTML, FileKindError),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', FileKindError),
        (b"\n" + report_pdf(), FileKindError),
        (HTML + report_pdf(), FileKindError),
        (archive(b""), FileKindError),
        (b"GIF89a" + bytes(40), FileKindError),
        (picture("JPEG")[:-300], FileUnreadableError),
        (picture("PNG")[:-200], FileUnreadableError),
        (report_pdf()[:-40], FileUnreadableError),
        (b"%PDF-1.7\n%%EOF", FileUnreadableError),
        (report_pdf() + HTML, FileTwoFacedError),
        (report_pdf().replace(b"\n", b"\n%<html><script>\n", 1), FileTwoFacedError),
        (archive(report_pdf()), FileTwoFacedError),
        (archive(picture("JPEG")), FileTwoFacedError),
        (picture("JPEG") + HTML, FileTwoFacedError),
        (picture("PNG") + HTML, FileTwoFacedError),
        (png_bomb(7_100), PictureTooLargeError),
        (png_bomb(60_000), PictureTooLargeError),
    ],
)
def test_what_is_no_report_or_more_than_one_is_refused(content: bytes, refusal: type[TraceError]) -> None:
    with pytest.raises(refusal):
        kind_of(content)


def test_the_bomb_is_just_beyond_what_is_taken() -> None:
    assert 7_100**2 > MOST_PIXELS > 7_000**2


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("检验报告 3 号.PDF", "检验报告 3 号.pdf"),
        (r"C:\桌面\报告.html", "报告.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ('a"\r\nSet-Cookie: x.pdf', "aSet-Cookie x.pdf"),
        ("\u202efdp.exe", "fdp.pdf"),
        ("", "report.pdf"),
        ("…" * 300, "…" * 116 + ".pdf"),
    ],
)
def test_a_name_keeps_its_words_and_gets_the_ending_of_what_it_is(given: str, kept: str) -> None:
    assert safe_name(given, "pdf") == kept
