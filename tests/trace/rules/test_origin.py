"""`outside_source`, `gi_not_eligible`: outside leaf is told, and refused where a pack claims an origin."""

from dataclasses import replace
from datetime import date

import pytest

from trace.findings import Severity
from trace.rules.origin import Packed, Source, judge_marks, judge_outside
from trace.rules.tables import Edition, InForce, Tables, read_rows, shipped_editions
from trace.rules.tables.shapes import SHAPES

HERE, THERE, OUTSIDE = Source(0.75, "379901101201"), Source(0.25, "379901101202"), Source(0.25, None, "某省某县")
NONE = Tables({name: (edition,) for name, edition in shipped_editions().items()}).on(date(2026, 4, 26))
PACK = Packed(
    id=1,
    gi=True,
    local=False,
    packer="91379901MATEA1018P",
    standard="GB/T 14456.3",
    at=NONE,
    sources=[Source(1, "379901101201")],
)


def asking(*marks: tuple[str, str, str]) -> InForce:
    """Return tables in force with some rows of (mark, what it asks, value)."""
    cells = [
        {"mark": mark, "asks": asks, "value": value, "confidence": "verified", "source": "公告"}
        for mark, asks, value in marks
    ]
    rows, faults = read_rows(SHAPES["gi-marks"], cells)
    assert not faults
    edition = Edition("gi-marks", "2026", date(2026, 1, 1), "公告", rows)
    return Tables({"gi-marks": (edition,)}).on(date(2026, 4, 26))


MARK = asking(
    ("别处绿茶", "village", "110101001001"),
    ("示例绿茶", "village", "379901101201"),
    ("示例绿茶", "plant", "91379901MATEA1018P"),
    ("示例绿茶", "standard", "GB/T 14456.3"),
)


def test_outside_leaf_is_told_with_its_share() -> None:
    [note] = judge_outside([replace(PACK, gi=False, sources=[HERE, OUTSIDE])])
    assert note.severity is Severity.NOTE
    assert note.facts == {"outside_share": "0.2500", "outside_percent": "25.0", "origins": {"某省某县": "0.2500"}}


@pytest.mark.parametrize(("gi", "local", "claims"), [(True, False, ["gi"]), (False, True, ["local"])])
def test_outside_leaf_under_a_claim_of_origin_is_refused(gi: bool, local: bool, claims: list[str]) -> None:
    [refusal] = judge_outside([replace(PACK, gi=gi, local=local, sources=[HERE, OUTSIDE])])
    assert refusal.severity is Severity.REFUSE
    assert refusal.facts["claims"] == claims


def test_leaf_from_here_alone_is_not_told() -> None:
    assert judge_outside([PACK]) == []


def test_a_pack_that_meets_one_mark_is_eligible() -> None:
    assert judge_marks([replace(PACK, at=MARK)]) == []


@pytest.mark.parametrize(
    ("pack", "fact"),
    [
        (replace(PACK, sources=[HERE, THERE]), {"villages": ["379901101202"]}),
        (replace(PACK, sources=[HERE, OUTSIDE]), {"outside_share": "0.2500"}),
        (replace(PACK, sources=[HERE, Source(0.25)]), {"unknown_share": "0.2500"}),
        (replace(PACK, packer="91379901MATEA10503"), {"packer": "91379901MATEA10503"}),
        (replace(PACK, standard=None), {"standard": None}),
    ],
)
def test_whatever_a_mark_asks_and_a_pack_lacks_is_named(pack: Packed, fact: dict[str, object]) -> None:
    [finding] = judge_marks([replace(pack, at=MARK)])
    assert finding.severity is Severity.REASON
    assert finding.facts == {"mark": "示例绿茶", **fact}
    assert (finding.table, finding.edition) == ("gi-marks", "2026")


def test_without_a_table_of_marks_a_claim_is_noted() -> None:
    [note] = judge_marks([PACK])
    assert (note.severity, note.facts) == (Severity.NOTE, {"missing": "gi-marks"})


def test_a_pack_that_claims_nothing_needs_no_mark() -> None:
    assert judge_marks([replace(PACK, gi=False)]) == []
