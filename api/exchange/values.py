"""Cells and values: what a clerk types into a cell, as the API takes it, and back. Each kind of field has one way.

Reading is forgiving where nothing can be misread (`2026年4月18日`, `１２．５`, `斤`) and strict where it could
(`03/04/2026`, a code of which a spreadsheet has dropped digits). What a cell says wrongly is handed on as it stands,
for the field itself to refuse: there is one judge of values.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from api.fields import refusal
from api.workbooks import Kind
from trace.clock import COUNTRY
from trace.exchange import Cell, CellError
from trace.mass import GRAMS_PER

_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_MOMENT = re.compile(
    _DAY.pattern + r"[ T]*(\d{1,2})[:时点](\d{1,2})(?:[:分](\d{1,2})?(?:\.(\d{1,6}))?)?秒?\s*(Z|[+-]\d{2}:\d{2})?"
)
_AMOUNT = re.compile(r"(-?\d+(?:\.\d+)?)\s*(\D*)")
UNITS: Mapping[str, str] = {  # as people write them
    **{unit: unit for unit in GRAMS_PER},
    **dict.fromkeys(("公斤", "千克", "KG", "Kg"), "kg"),
    **dict.fromkeys(("斤", "市斤"), "jin"),
    **dict.fromkeys(("克", "G"), "g"),
}
UNITS_SHOWN = {"kg": "公斤", "jin": "斤", "g": "克"}
WORDS_SHOWN = {
    "live": "实时",
    "history": "补录",
    "capture": "接口采集",
    "offline": "离线",
    "paper": "纸单",
    "producer": "生产者",
    "buyer": "收购者",
    "max": "上限",
    "min": "下限",
    "received": "鲜叶",
    "made": "毛茶",
    "finished": "成品茶",
}
_WORDS = {shown: word for word, shown in WORDS_SHOWN.items()}
_FLAGS = {"是": True, "否": False, "true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
_PARTED = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^;；\n]*?))\s*(?:[;；\n]|$)')
_RING = re.compile(r"\(\s*([-+0-9.eE\s,]+?)\s*\)")
_HERE = datetime(2026, 1, 1, tzinfo=COUNTRY).isoformat()[-6:]  # the country's offset
_EXACT_DIGITS = 15  # of a number in a spreadsheet; what follows is lost


@dataclass(frozen=True)
class Way:
    """How one kind of field stands in a cell: how it is read, written, and compared; how its column looks."""

    read: Callable[[Cell], Any]
    write: Callable[[Any], object]
    same: Callable[[Any], Any] = lambda raw: raw  # two values are the same where this is equal
    kind: Kind = Kind.TEXT
    hint: str = ""  # code of the sentence that says how to fill it in


def plain(cell: Cell) -> str:
    """Return what a cell says, as text. Raises `ValidationError` for what a spreadsheet has spoilt."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, CellError):
        raise refusal("cell-error", value=cell.shown)
    if isinstance(cell, Decimal):
        if len(cell.as_tuple().digits) >= _EXACT_DIGITS or abs(cell) >= 10**_EXACT_DIGITS:
            raise refusal("digits-lost", value=str(cell))
        return format(cell, "f")
    return "" if cell is None else cell.isoformat()


def read_text(cell: Cell) -> str:
    """Return text, of which a spreadsheet or a database can lose nothing."""
    text = cell if isinstance(cell, str) else plain(cell)
    if "\0" in text:
        raise refusal("nul-character")
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise refusal("lone-surrogate")
    return text


def read_code(cell: Cell) -> str:
    """Return a code; blanks around it are nobody's meaning."""
    return read_text(cell).strip()


def read_number(cell: Cell) -> Any:
    """Return a decimal, or what stands there instead."""
    if isinstance(cell, Decimal):
        return cell
    text = read_code(cell)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    try:
        return Decimal(text) if re.fullmatch(r"-?\d{1,20}(\.\d{1,20})?", text) else text
    except InvalidOperation:
        return text


def write_day(raw: Any) -> object:
    """Return a day as a spreadsheet's own."""
    return date.fromisoformat(raw) if isinstance(raw, str) else raw


def read_whole(cell: Cell) -> Any:
    """Return a whole number."""
    found = read_number(cell)
    if isinstance(found, str):
        raise refusal("not-a-number", value=found)
    return int(found) if isinstance(found, Decimal) and found == found.to_integral_value() else found


def read_day(cell: Cell) -> str:
    """Return a day as `2026-04-18`."""
    if isinstance(cell, datetime):
        return (cell.date() if cell.time() == time() else cell).isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    text = read_code(cell)
    if len(text) == 10 and text[4] == text[7] == "-":
        return text
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text))
    return "{}-{:0>2}-{:0>2}".format(*found.groups()) if found else text


def read_moment(cell: Cell) -> str:
    """Return a moment with its offset, the country's where none is given. A day alone is no moment."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=cell.tzinfo or COUNTRY).isoformat()
    if isinstance(cell, date):
        raise refusal("time-missing", value=cell.isoformat())
    text = read_code(cell)
    found = _MOMENT.fullmatch(unicodedata.normalize("NFKC", text))
    if not found:
        if _DAY.fullmatch(unicodedata.normalize("NFKC", text)):
            raise refusal("time-missing", value=text)
        return text
    year, month, day, hour, minute, second, rest, offset = found.groups()
    fraction = f".{rest}" if rest else ""
    told = f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}:{minute:0>2}:{second or '0':0>2}{fraction}"
    return told + (offset or _HERE)


def read_flag(cell: Cell) -> Any:
    """Return yes or no."""
    text = read_code(cell)
    return _FLAGS.get(text.lower(), text)


def read_word(cell: Cell) -> str:
    """Return one of a few words, by itself or as it is shown in Chinese."""
    text = read_code(cell)
    return _WORDS.get(text, text)


def read_mass(amount: Cell, unit: Cell) -> dict[str, Any]:
    """Return a mass of two cells, number and unit, or of one that says both: `12.5 斤`."""
    value, named = read_number(amount), read_code(unit)
    if isinstance(value, str) and (found := _AMOUNT.fullmatch(unicodedata.normalize("NFKC", value).strip())):
        if found[2] and not named:
            named = found[2].strip()
        if not found[2] or UNITS.get(found[2].strip()) == UNITS.get(named):
            value = Decimal(found[1])
    return {"value": value, "unit": UNITS.get(named, named)}


def split_texts(cell: Cell) -> list[str]:
    """Return the texts of one cell, divided by `;` or by lines; one that holds a divider stands in double quotes."""
    text, at = read_text(cell), 0
    found: list[str] = []
    while at < len(text):
        match = _PARTED.match(text, at)
        if match is None or match.end() == at:
            return [*found, text[at:]]
        quoted, bare = match.groups()
        if quoted is not None or bare:
            found.append(quoted.replace('""', '"') if quoted is not None else bare)
        at = match.end()
    return found


def join_texts(texts: Any) -> str:
    """Return several texts as one cell says them."""
    return "; ".join(
        '"{}"'.format(text.replace('"', '""')) if re.search(r'[;；\n"]', text) or text != text.strip() else text
        for text in map(str, texts)
    )


def read_outline(cell: Cell) -> Any:
    """Return a polygon of WKT (`POLYGON ((…))`) or of GeoJSON text."""
    text = read_text(cell).strip()
    if text[:7].upper() == "POLYGON":
        rings = [[_point(pair) for pair in ring.split(",")] for ring in _RING.findall(text)]
        return {"type": "Polygon", "coordinates": rings}
    return _json(text)


def _point(pair: str) -> list[Any]:
    return [read_number(part) if isinstance(read_number(part), Decimal) else float(part) for part in pair.split()]


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        return text


def write_outline(outline: Mapping[str, Any]) -> str:
    """Return a polygon as WKT."""
    rings = (", ".join(f"{x!r} {y!r}" for x, y, *_ in ring) for ring in outline["coordinates"])
    return f"POLYGON ({', '.join(f'({ring})' for ring in rings)})"


def read_measured(cell: Cell) -> Any:
    """Return measurements under names of one's own: `drum_temp_c=240; minutes=2.1`, or JSON."""
    text = read_text(cell).strip()
    if text.startswith("{"):
        return _json(text)
    pairs = [re.split(r"\s*[=:＝：]\s*", one, maxsplit=1) for one in split_texts(text)]
    return {pair[0]: read_number(pair[1]) if len(pair) > 1 else None for pair in pairs}


def write_measured(raw: Any) -> str:
    """Return measurements as JSON: numbers, lists and text stay what they are."""
    return json.dumps(raw, ensure_ascii=False, default=str)


def outline_of(raw: Any) -> Any:
    """Return the corners of an outline as numbers, for comparing."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("coordinates"), list):
        return raw
    return [[[float(part) for part in point] for point in ring] for ring in raw["coordinates"]]


def last_parts(texts: Any) -> list[str]:
    """Return texts without the party that some of them name, in an order of their own, for comparing."""
    return sorted(str(text).rpartition("/")[2] for text in texts)


def write_number(raw: Any) -> object:
    """Return a measurement as a number where a spreadsheet keeps its digits, else as text."""
    if raw is None or isinstance(raw, int):
        return raw
    text = str(raw)
    try:
        return Decimal(text) if format(float(text), ".15g") == text else text
    except ValueError:
        return text


def write_moment(raw: str) -> object:
    """Return a moment as a spreadsheet's own, where it holds it whole."""
    moment = datetime.fromisoformat(raw)
    local = moment.astimezone(COUNTRY)
    if local.time() == time():
        return f"{local:%Y-%m-%d %H:%M}"  # a spreadsheet's midnight is read as a day alone
    return raw if moment.microsecond else moment


def number_of(raw: Any) -> Any:
    """Return a number, for comparing."""
    try:
        return Decimal(str(raw))
    except InvalidOperation:
        return raw


def moment_of(raw: str) -> Any:
    """Return a moment, for comparing; of a day alone that is all one knows."""
    try:
        return datetime.fromisoformat(raw)
    except ValueError:
        return raw
