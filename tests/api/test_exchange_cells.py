"""Whatever may stand in a record stands in a spreadsheet too, and is read from it as what it was."""

import datetime as days
import io
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from api.catalogue import LANGUAGES, Catalogue
from api.exchange import values
from api.exchange.reading import Reading, read_register
from api.exchange.registers import REGISTERS, Register
from api.exchange.tables import form_of_table
from api.exchange.writing import Encoding, label_of, labels_of, rows_of, sheet_of, table_of
from api.workbooks import write_workbook
from trace.exchange import CellError, Sheet, escape_formula, read_file
from trace.exchange.sheets import read_table
from trace.rules.tables import SHAPES

CATALOGUE = Catalogue()
# What a workbook can hold: XML has no U+0000, and no half of a pair; a cell of blanks alone is empty.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=40)
FORMULAS = st.builds("{}{}".format, st.sampled_from([*"=+-@\t\r\n'＝＠", "''=", "=HYPERLINK("]), TEXTS)
WORDS = (TEXTS | FORMULAS).filter(lambda text: text.strip() != "")
AMOUNTS = st.decimals(Decimal("0.001"), Decimal("99999.999"), places=3).map(str)
MOMENTS = st.datetimes(days.datetime(1990, 1, 1), days.datetime(2099, 1, 1)).map(  # noqa: DTZ001 -- of the country
    lambda moment: f"{moment.isoformat()}+08:00"
)
MASSES = st.fixed_dictionaries({"value": AMOUNTS, "unit": st.sampled_from(["kg", "jin", "g"])})


def out_and_in(register: Register, raws: list[Mapping[str, Any]], encoding: Encoding | None) -> Reading:
    """Write records as a workbook, or as a table in an encoding, and read that."""
    sheet = sheet_of(CATALOGUE, register, rows_of(register.form, raws), "zh")
    if encoding is None:
        with write_workbook([sheet]) as file:
            data = file.read()
    else:
        data = b"".join(table_of(sheet, encoding))
    return read_register(register, read_file(data).sheets[0], labels_of(CATALOGUE, register))


def check(register: Register, raw: Mapping[str, Any], encoding: Encoding | None) -> None:
    """Refuse to lose anything of a record on its way out and in."""
    reading = out_and_in(register, [raw], encoding)
    [entry] = reading.entries
    read = reading.raw(entry)
    for slot in register.form.slots:
        assert slot.plain(read.get(slot.name)) == slot.plain(raw.get(slot.name)), slot.name


@given(text=WORDS, mass=MASSES, moment=MOMENTS, encoding=st.sampled_from([None, *Encoding]))
def test_any_text_mass_and_moment_of_a_picking_comes_back(
    text: str, mass: dict[str, str], moment: str, encoding: Encoding | None
) -> None:
    raw = {"plot": "P001", "picked_at": moment, "mass": mass, "pluck_standard": text, "weather": text}
    check(REGISTERS["pickings"], raw, encoding)


@given(texts=st.lists(WORDS, min_size=1, max_size=4), encoding=st.sampled_from([None, *Encoding]))
def test_several_texts_in_one_cell_come_back(texts: list[str], encoding: Encoding | None) -> None:
    assert values.split_texts(values.join_texts(texts)) == texts
    check(REGISTERS["certificates"], {"lots": ["H1"], "basis": texts, "product": "茶鲜叶"}, encoding)


PARTS = st.lists(st.fixed_dictionaries({"lot": st.from_regex(r"[A-Z][0-9]{1,4}", fullmatch=True), "mass": MASSES}))


@given(lots=PARTS.filter(bool), encoding=st.sampled_from([None, Encoding.UTF_8]))
def test_the_parts_of_a_record_stand_on_lines_of_their_own(lots: list[Any], encoding: Encoding | None) -> None:
    raw = {"code": "HO1", "receiver": "PL1", "lots": lots}
    reading = out_and_in(REGISTERS["hand-overs"], [raw, {**raw, "code": "HO2"}], encoding)
    assert [len(entry.lines) for entry in reading.entries] == [len(lots)] * 2


@given(text=TEXTS | FORMULAS)
def test_no_cell_of_a_table_is_taken_for_a_formula_and_each_is_read_as_it_was(text: str) -> None:
    escaped = escape_formula(text)
    assert not escaped.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    quoted = '"{}"'.format(escaped.replace('"', '""'))
    assert read_table(f"text\n{quoted}", "").rows[1] == [text]


@pytest.mark.parametrize("name", [*REGISTERS, *SHAPES])
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_column_has_a_name_of_its_own_and_says_how_to_fill_it_in(name: str, language: str) -> None:
    register = REGISTERS[name] if name in REGISTERS else form_of_table(name)
    labels = [label_of(CATALOGUE, register, head.name, language).casefold() for head in register.form.heads]
    assert len(set(labels)) == len(labels)
    sheet = sheet_of(CATALOGUE, register, [], language)
    hints = [column.name for column in sheet.columns if "exchange.hint" in column.note]
    assert (hints, CATALOGUE.has(f"exchange.register.{name}", language)) == ([], True)
    unnamed = [
        head.name
        for head in register.form.heads
        for part in head.name.split(".")
        if not any(
            CATALOGUE.has(f"exchange.column.{key}", language) for key in (part, head.name, f"{name}.{head.name}")
        )
    ]
    assert unnamed == [], "a new field of a body wants `exchange.column.…` in both exchange.po"


def test_a_form_looks_as_a_clerk_expects_it() -> None:
    register = REGISTERS["pickings"]
    with write_workbook([sheet_of(CATALOGUE, register, [], "zh")]) as file:
        sheet = openpyxl.load_workbook(io.BytesIO(file.read())).worksheets[0]
    assert (sheet.title, sheet.freeze_panes) == ("采摘", "A3")
    assert [sheet["D1"].value, sheet["D2"].value, sheet["E1"].value] == ["重量 *", "mass", "重量·单位 *"]
    assert "必填" in sheet["D1"].comment.text
    offered = {str(rule.sqref).split(":")[0]: rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert offered["E3"] == '"公斤,斤,克"'
    assert sheet.column_dimensions["C"].width >= 16


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026-04-18 06:30", "2026-04-18T06:30:00+08:00"),
        ("2026/4/18 6:30:05", "2026-04-18T06:30:05+08:00"),
        ("2026年4月18日6时30分", "2026-04-18T06:30:00+08:00"),
        ("２０２６．４．１８　６：３０", "2026-04-18T06:30:00+08:00"),
        ("2026-04-18T06:30:00Z", "2026-04-18T06:30:00Z"),
        (days.datetime(2026, 4, 18, 6, 30), "2026-04-18T06:30:00+08:00"),  # noqa: DTZ001 -- a spreadsheet's
        ("18.4.2026 6:30", "18.4.2026 6:30"),
    ],
)
def test_a_moment_is_read_as_people_write_it(cell: Any, moment: str) -> None:
    assert values.read_moment(cell) == moment


@pytest.mark.parametrize(
    ("amount", "unit", "mass"),
    [
        (Decimal("12.5"), "斤", {"value": Decimal("12.5"), "unit": "jin"}),
        ("12.5 斤", None, {"value": Decimal("12.5"), "unit": "jin"}),
        ("１２．５公斤", None, {"value": Decimal("12.5"), "unit": "kg"}),
        ("12.5 公斤", "kg", {"value": Decimal("12.5"), "unit": "kg"}),
        ("12.5 公斤", "斤", {"value": "12.5 公斤", "unit": "jin"}),
        ("1,200", "克", {"value": "1,200", "unit": "g"}),
    ],
)
def test_a_mass_is_read_from_two_cells_or_from_one(amount: Any, unit: Any, mass: dict[str, Any]) -> None:
    assert values.read_mass(amount, unit) == mass


@pytest.mark.parametrize("cell", [CellError("#"), "a\0b", Decimal(3799011012010001)])
def test_what_a_file_has_spoilt_is_no_code(cell: Any) -> None:
    with pytest.raises(ValidationError):
        values.read_code(cell)


def test_an_outline_is_read_as_wkt_and_as_geojson() -> None:
    wkt = "POLYGON ((119.17 35.23, 119.1703 35.23, 119.17 35.2303, 119.17 35.23))"
    read = values.read_outline(wkt)
    assert read == values.read_outline(json.dumps(read, default=float))
    assert values.write_outline({"coordinates": values.outline_of(read)}) == wkt


CELLS = st.sampled_from(
    [
        *(None, "", " ", "H1", "P001", "12.5", "12.5 斤", "公斤", "磅", "2026-04-18 06:30", "2026-04-18", "一芽一叶"),
        *("-1", "0", "2.5", "99999999999", "13800138000", "a\0", "live", "补录", "昨天", "x" * 200),
        *(Decimal("12.1"), Decimal(6), CellError("#"), days.date(2026, 4, 18)),
        days.datetime(2026, 4, 18, 6, 30),  # noqa: DTZ001 -- a spreadsheet's
    ]
)


@given(st.data(), st.sampled_from(["pickings", "hand-overs", "parties", "plots", "results", "products", "villages"]))
@settings(max_examples=150)
def test_a_line_is_loaded_as_the_schema_of_its_body_would(data: st.DataObject, name: str) -> None:
    register = REGISTERS[name]
    names = [head.name for head in register.form.heads]
    lines = data.draw(st.lists(st.lists(CELLS, min_size=len(names), max_size=len(names)), min_size=1, max_size=4))
    reading = read_register(register, Sheet("", [names, *lines]), labels_of(CATALOGUE, register))
    for entry in reading.entries:
        unread: list[str] = []
        raw = reading.raw(entry, lambda column, *_: unread.append(column))  # noqa: B023 -- called at once
        expected, refused = _load(register, raw)
        assert entry.faulty == bool(unread or refused)
        assert entry.faulty or entry.command == expected


def _load(register: Register, raw: Mapping[str, Any]) -> tuple[Any, bool]:
    try:
        return register.schema.load(raw), False
    except ValidationError:
        return None, True
