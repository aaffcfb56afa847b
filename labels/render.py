"""From design to image: dots for a print head (PNG) and outlines for everything else (SVG)."""

import io
from functools import lru_cache
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw

from labels.design import lay_out
from labels.parts import Frame, Label, LabelValues, Press, Text
from labels.stock import DOTS_PER_MM

# Text is drawn in greys and cut here: thin strokes stay whole and counters open at 18 dots (looked at).
_BLACK_BELOW = 140
_WHITE, _BLACK = 255, 0


def png_bytes(values: LabelValues, press: Press) -> bytes:
    """Return one label as a black and white PNG at the resolution of the press."""
    return png(lay_out(values, press))


def svg_text(values: LabelValues, press: Press) -> str:
    """Return one label as an SVG of true size; texts are outlines, so that it looks the same everywhere."""
    return svg(lay_out(values, press))


def draw(label: Label) -> Image.Image:
    """Return one label as an image of mode 1, a dot for each dot of the print head."""
    frame = label.frame
    grey = _frame_image(frame).copy()
    for text in label.serial:
        _draw_text(grey, text, frame)
    image = _threshold(grey)
    place = frame.place
    side = label.symbol.size
    modules = Image.frombytes("L", (side + 1, side), label.symbol.text().translate({48: 255, 49: 0}).encode("latin-1"))
    modules = modules.crop((0, 0, side, side)).resize((place.side, place.side), Image.Resampling.NEAREST)
    image.paste(modules.convert("1", dither=Image.Dither.NONE), (place.x, place.y))
    return image


def png(label: Label) -> bytes:
    """Return one label as a PNG file that knows its resolution."""
    file = io.BytesIO()
    dpi = float(DOTS_PER_MM[label.frame.press.dpi]) * 25.4
    draw(label).save(file, "PNG", dpi=(dpi, dpi), compress_level=3)
    return file.getvalue()


def svg(label: Label) -> str:
    """Return one label as an SVG document."""
    frame = label.frame
    width, height = frame.press.stock.width_mm, frame.press.stock.height_mm
    serial = "".join(_text_path(text, frame) for text in label.serial)
    modules = "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in label.symbol.runs())
    place = frame.place
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm"'
        f' viewBox="0 0 {frame.width} {frame.height}" role="img">{_frame_svg(frame)}{serial}'
        f'<path transform="translate({place.x} {place.y}) scale({place.module})" shape-rendering="crispEdges"'
        f' d="{modules}"/></svg>\n'
    )


@lru_cache(maxsize=16)
def _frame_image(frame: Frame) -> Image.Image:
    image = Image.new("L", (frame.width, frame.height), _WHITE)
    pen = ImageDraw.Draw(image)
    for bar in frame.bars:
        pen.rectangle((bar.x, bar.y, bar.x + bar.width - 1, bar.y + bar.height - 1), fill=_BLACK)
    for leaf in frame.leaves:
        pen.polygon(leaf.points, fill=_BLACK)
    for text in frame.texts:
        _draw_text(image, text, frame)
    return image


def _draw_text(image: Image.Image, text: Text, frame: Frame) -> None:
    """Draw character by character at whole dots: the same places as in the vector forms."""
    face = frame.press.fonts.faces[text.face]
    font = face.image_font(text.size)
    pen = ImageDraw.Draw(image)
    for character, x in face.advances(text.text, text.size):
        place = (text.x + round(x), text.y)
        pen.text(place, character, fill=_WHITE if text.white else _BLACK, font=font, anchor="ls")


def _threshold(grey: Image.Image) -> Image.Image:
    return grey.point([_BLACK] * (_BLACK_BELOW + 1) + [_WHITE] * (255 - _BLACK_BELOW)).convert(
        "1", dither=Image.Dither.NONE
    )


@lru_cache(maxsize=16)
def _frame_svg(frame: Frame) -> str:
    title = " ".join(text.text for text in frame.texts)
    bars = "".join(f'<rect x="{b.x}" y="{b.y}" width="{b.width}" height="{b.height}"/>' for b in frame.bars)
    leaves = "".join(
        f'<polygon points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in leaf.points)}"/>' for leaf in frame.leaves
    )
    texts = "".join(_text_path(text, frame) for text in frame.texts)
    paper = f'<rect width="{frame.width}" height="{frame.height}" fill="#fff"/>'
    return f"<title>{escape(title)}</title>{paper}{bars}{leaves}{texts}"


def _text_path(text: Text, frame: Frame) -> str:
    path = frame.press.fonts.faces[text.face].svg_path(text.text, text.size, (text.x, text.y))
    return f'<path fill="{"#fff" if text.white else "#000"}" d="{path}"/>'
