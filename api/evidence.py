"""Evidence as bytes: what a file really is, told by its content alone. Its name and what its sender says count nothing.

A report is a PDF (ISO 32000) or a photograph: JPEG, PNG or WebP. Nothing in it is ever run, and no part of it is drawn.
"""

import io
import re
import struct
import zlib

from PIL import Image, UnidentifiedImageError

from trace.errors import TraceError
from trace.report_files import KINDS, PDF, PICTURES, Kind

MOST_PIXELS = 50_000_000  # what a telephone of 2026 takes; unpacked some 150 MB
_HEADER, _END = re.compile(rb"%PDF-[12]\.[0-9]"), b"%%EOF"
_NEAR_END = 1024  # readers look there for the mark
# What Pillow's decoders raise of bytes that are no picture.
_UNREADABLE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
)
# How a page, a script or a drawing that runs scripts begins. Five characters: packed pixels hold none by chance.
_PAGE = re.compile(rb"<(?:!doctype|html|head|body|script|svg\s|iframe)", re.IGNORECASE)
_ARCHIVE, _ARCHIVE_END = b"PK\x05\x06", 65_557  # a zip file is read from its end: this mark, and a remark behind it


class FileKindError(TraceError):
    """The content is neither a PDF nor a JPEG, PNG or WebP picture."""

    code = "file-kind"


class FileUnreadableError(TraceError):
    """It begins as what it should be, and cannot be read to its end."""

    code = "file-unreadable"


class FileTwoFacedError(TraceError):
    """It is what it should be and something else as well, such as a web page or an archive."""

    code = "file-two-faced"


class PictureTooLargeError(TraceError):
    """A picture would unpack to more than anybody photographs."""

    code = "picture-too-large"


def kind_of(content: bytes) -> Kind:
    """Return what a file is.

    Raises `FileKindError`, `FileUnreadableError`, `FileTwoFacedError`, `PictureTooLargeError`.
    """
    if _HEADER.match(content):
        _check_document(content)
        return PDF
    return _picture(content)


def _check_document(content: bytes) -> None:
    """Check that a PDF has an end, and that nothing else stands before or after it."""
    end = content.rfind(_END)
    if end < max(0, len(content) - _NEAR_END) or b"startxref" not in content:
        raise FileUnreadableError(kind=PDF.media_type)
    _check_alone(PDF, content[:_NEAR_END] + content[end:], content)


def _check_alone(kind: Kind, seen: bytes, content: bytes) -> None:
    """Check that there is no page in what a reader may take for one, and that no archive ends with the file."""
    if _PAGE.search(seen) or _ARCHIVE in content[-_ARCHIVE_END:]:
        raise FileTwoFacedError(kind=kind.media_type)


def _picture(content: bytes) -> Kind:
    try:
        opened = Image.open(io.BytesIO(content), formats=tuple(PICTURES))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureTooLargeError(most=MOST_PIXELS) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise FileKindError(allowed=[kind.media_type for kind in KINDS]) from None
    with opened as picture:
        kind = PICTURES[str(picture.format)]
        if picture.width * picture.height > MOST_PIXELS:
            raise PictureTooLargeError(most=MOST_PIXELS)
        _unpack(picture, kind)
    _check_alone(kind, content, content)
    return kind


def _unpack(picture: Image.Image, kind: Kind) -> None:
    """Read a picture to its end; a JPEG at an eighth of its size, which reads all of it in little memory."""
    try:
        picture.draft("L", (1, 1))
        picture.load()
    except _UNREADABLE as error:
        raise FileUnreadableError(kind=kind.media_type) from error
