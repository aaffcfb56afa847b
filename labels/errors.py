"""Refusals of the printer's desk. Each is raised before the first byte is written."""

from trace.errors import TraceError


class FontUnusableError(TraceError):
    """A font file is missing or has no TrueType outlines; facts: `file`, `reason`."""

    code = "label-font-unusable"


class MissingGlyphError(TraceError):
    """The font lacks characters, which would print as empty boxes; facts: `field`, `characters`."""

    code = "label-missing-glyph"


class TextTooLongError(TraceError):
    """A text that may not be cut does not fit at its smallest size; facts: `field`, `text`."""

    code = "label-text-too-long"


class LinkTooLongError(TraceError):
    """The symbol for this link has more modules than the label can show; facts: `length` or `modules`, `stock`."""

    code = "label-link-too-long"
