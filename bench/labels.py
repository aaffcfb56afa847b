"""Labels a second: PNG and SVG one by one, a PDF of a thousand. Reported, without a bar.

python -m bench.labels [--labels N] [--rounds N]
"""

import io
import os
import pathlib
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from bench.measure import arguments, in_turn, show
from labels import fonts, render, sheets
from labels.parts import LabelValues, Press
from labels.stock import DEFAULT
from trace.keys import create_first_key
from trace.serials import seal_many

_ROOT = pathlib.Path(__file__).resolve().parent.parent
_GTIN, _LOT = "09520000010003", "L001"
_TEA = LabelValues(
    link="",
    name="示例·雾峪青 绿茶 特级 50g",
    grade="特级",
    net_content="50 g",
    lot=_LOT,
    packed_on=date(2026, 4, 26),
    best_before=date(2027, 10, 26),
    brand="示例·雾峪青",
    village="下茶沟村等4村",
    serial="",
)


def _values(count: int) -> list[LabelValues]:
    """Return labels with real serials."""
    with tempfile.TemporaryDirectory() as folder:
        key = create_first_key(pathlib.Path(folder) / "keys")
    link = f"https://id.example.test/01/{_GTIN}/10/{_LOT}/21/"
    serials = seal_many(key, "bench", _GTIN, 1, range(1, count + 1))
    return [replace(_TEA, link=link + serial, serial=serial) for serial in serials]


def main() -> None:
    """Draw the same labels in each form, in turn."""
    options = arguments(__doc__, labels=1000, rounds=3).parse_args()
    fonts.make(_ROOT / fonts.DIRECTORY)
    press = Press(DEFAULT, fonts.load(_ROOT / fonts.DIRECTORY))
    forms: dict[str, Callable[[list[LabelValues]], object]] = {
        "PNG": lambda few: [render.png_bytes(values, press) for values in few],
        "SVG": lambda few: [render.svg_text(values, press) for values in few],
        "PDF": lambda few: sheets.write_pdf(io.BytesIO(), few, press),
    }
    found = in_turn(forms, [_values(options.labels)], rounds=options.rounds)
    rows = [["", "labels/s", "ms each", "CPU ms each"]]
    for name, timings in found.items():
        cpu = min(map(sum, timings.cpu)) / options.labels
        seconds = timings.total() / options.labels
        rows.append([name, f"{1 / seconds:.0f}", f"{seconds * 1000:.2f}", f"{cpu * 1000:.2f}"])
    show(f"{options.labels} labels of {DEFAULT.code}, {os.cpu_count()} cores", rows)


if __name__ == "__main__":
    main()
