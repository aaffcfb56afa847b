"""Print labels into a file. The file is whole and on disk before the print job is committed (`docs/printing.md`)."""

import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy.orm import Session

from api.label_values import label_values
from api.state import State
from labels import fonts
from labels.parts import LabelValues, Press
from labels.render import png_bytes, svg_text
from labels.sheets import Kind, write_pdf, write_zip
from labels.stock import get_stock
from trace.errors import TraceError
from trace.label_jobs import PrintRun, find_printed, get_pack, plan_label_job, reprint_labels, start_label_job

FORMATS = ("png", "svg", "pdf")
LINKS = "links"  # no picture: the link of each label, one a line
_ATTEMPTS = 5


class PrintingBusyError(TraceError):
    """Others kept printing from the same pack."""

    code = "printing-busy"


@dataclass(frozen=True, kw_only=True)
class Order:
    """Ask for labels of a pack: the next `count`, or former positions `again` (first, last)."""

    pack: str
    count: int = 1
    again: tuple[int, int] | None = None
    format: str = "png"
    stock: str = "roll-50x30"


@dataclass(frozen=True)
class Printed:
    """What was printed: positions, and the link on each label."""

    first: int
    last: int
    links: list[str]


def print_labels(state: State, order: Order, out: Path) -> Printed:
    """Write the labels to `out`. Raises what the domain refuses; then neither file nor job is there."""
    press = Press(get_stock(order.stock), fonts.load(state.settings.font_dir))
    for _ in range(_ATTEMPTS):
        run, draft, links = _draw(state, order, press, out)
        try:
            if _commit(state, order, run):
                _put(draft, out)
                return Printed(run.ranges[0][0], run.ranges[-1][1], links)
        finally:
            draft.unlink(missing_ok=True)
    raise PrintingBusyError(pack=order.pack)


def _draw(state: State, order: Order, press: Press, out: Path) -> tuple[PrintRun, Path, list[str]]:
    """Draw what would be printed now, without holding anything: 100,000 labels take a while."""
    with state.sessions.latest() as session:
        run = _plan(state, session, order)
        first, last = run.ranges[0][0], run.ranges[-1][1]
        draft = out.with_name(f"{out.name}.positions-{first}-{last}.part")
        links: list[str] = []
        values = _noting(label_values(session, run, state.keys.ring(), state.settings.public_url), links)
        try:
            with draft.open("wb") as file:
                _write(file, values, order.format, len(run), press)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    return run, draft, links


def _plan(state: State, session: Session, order: Order) -> PrintRun:
    pack, _ = get_pack(session, order.pack)
    if order.again is None:
        return plan_label_job(session, pack, order.count, state.keys.ring().signing.id)
    return find_printed(session, pack, *order.again)


def _commit(state: State, order: Order, drawn: PrintRun) -> bool:
    """Record the job, if it still is the one that was drawn."""
    with state.sessions.write() as session, session.begin():
        pack, _ = get_pack(session, order.pack)
        if order.again is not None:
            return reprint_labels(session, pack, *order.again) == drawn
        if start_label_job(session, pack, order.count, drawn.ranges[0][2]) == drawn:
            return True
        session.rollback()
        return False


def _put(draft: Path, out: Path) -> None:
    """Give the file its name, durably."""
    draft.replace(out)
    folder = os.open(out.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def draw_labels(state: State, session: Session, run: PrintRun, order: Order) -> IO[bytes]:
    """Draw positions that are printed already into a file without a name, which whoever sends it closes.

    Nothing is recorded: the job was, and the same positions have the same codes whenever they are drawn.
    """
    press = Press(get_stock(order.stock), fonts.load(state.settings.font_dir))
    values = label_values(session, run, state.keys.ring(), state.settings.public_url)
    file = tempfile.TemporaryFile()  # noqa: SIM115 -- it is sent after this returns
    try:
        if order.format == LINKS:
            file.writelines(f"{one.link}\n".encode() for one in values)
        else:
            _write(file, values, order.format, len(run), press)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _noting(values: Iterable[LabelValues], links: list[str]) -> Iterable[LabelValues]:
    """Pass the values on and note their links."""
    for one in values:
        links.append(one.link)
        yield one


def _write(file: IO[bytes], values: Iterable[LabelValues], format_: str, count: int, press: Press) -> None:
    """Write one picture, a zip of several, or a PDF."""
    if format_ == "pdf":
        write_pdf(file, values, press)
    elif count > 1:
        write_zip(file, values, Kind(format_), press)
    else:
        single: Callable[[LabelValues, Press], bytes] = (
            png_bytes if format_ == "png" else lambda value, on: svg_text(value, on).encode()
        )
        file.writelines(single(value, press) for value in values)
