"""Reading records: bare codes, candidates, a season's own ids, and pages that stay whole while records come in."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from trace import clock
from trace.accounts import Caller, Role
from trace.errors import AmbiguousCodeError, NotFoundError
from trace.lots import Lot, LotKind
from trace.nouns import LOTS, PARTIES
from trace.parties import Party
from trace.records import Page, get_record, list_records
from trace.seasons import Season, SeasonRecord

OPERATOR = Caller(Role.OPERATOR, None)


def _party(session: Session, code: str, area_code: str = "379901101") -> Party:
    party = Party(code=code, name=code, kind="plant", area_code=area_code)
    session.add(party)
    session.flush()
    return party


def _lot(session: Session, party: Party, code: str) -> Lot:
    lot = Lot(
        code=code,
        uri=f"https://id.example.test/id/lot/{party.code}/{code}",
        party_id=party.id,
        kind=LotKind.FINISHED,
        made_on=date(2026, 5, 1),
        initial_g=1000,
        mass_g=1000,
    )
    session.add(lot)
    session.flush()
    return lot


def test_a_code_of_two_parties_names_neither_but_the_candidates_do(session: Session) -> None:
    for code in ("PL-A", "PL-B"):
        _lot(session, _party(session, code), "L1")
    with pytest.raises(AmbiguousCodeError) as refused:
        get_record(session, OPERATOR, LOTS, "L1")
    assert refused.value.facts["candidates"] == ["PL-A/L1", "PL-B/L1"]
    assert get_record(session, OPERATOR, LOTS, "PL-B/L1")["owner"] == "PL-B"


def test_a_code_is_not_ambiguous_for_whom_only_one_of_them_exists(session: Session) -> None:
    parties = [_party(session, code) for code in ("PL-A", "PL-B")]
    for party in parties:
        _lot(session, party, "L1")
    assert get_record(session, Caller(Role.PLANT, parties[1]), LOTS, "L1")["owner"] == "PL-B"
    with pytest.raises(NotFoundError):
        get_record(session, Caller(Role.PLANT, parties[1]), LOTS, "PL-A/L1")


def test_a_lot_renamed_by_a_clash_is_still_known_by_its_seasons_id(session: Session) -> None:
    season = Season(
        town_code="379901101",
        name="2027 春茶",
        town_name="云溪岭镇",
        timezone="Asia/Shanghai",
        sha256="0" * 64,
        loaded_at=clock.now(),
    )
    lot = _lot(session, _party(session, "PL-A"), "L1-2")
    session.add(season)
    session.flush()
    session.add(SeasonRecord(season_id=season.id, noun="lot", alias="L1", record_id=lot.id))
    session.flush()
    assert get_record(session, OPERATOR, LOTS, "L1")["code"] == "L1-2"
    assert get_record(session, OPERATOR, LOTS, "PL-A/L1")["code"] == "L1-2"
    with pytest.raises(NotFoundError):
        get_record(session, OPERATOR, LOTS, "PL-B/L1")


def test_a_lot_that_comes_in_between_two_pages_moves_nothing(session: Session) -> None:
    party = _party(session, "PL-A")
    for number in range(5):
        _lot(session, party, f"L{number}")
    rows, key = list_records(session, OPERATOR, LOTS, Page(limit=3))
    assert key is not None
    _lot(session, party, "L5")
    more, end = list_records(session, OPERATOR, LOTS, Page(limit=3, after=key))
    assert [row["code"] for row in [*rows, *more]] == [f"L{number}" for number in range(6)]
    assert end is None


def test_an_officer_sees_parties_of_the_area_and_no_others(session: Session) -> None:
    town, other = _party(session, "379901101"), _party(session, "379901102", "379901102")
    within, beyond = _party(session, "PL-A"), _party(session, "PL-B", "379902101")
    seen = {row["code"] for row in list_records(session, Caller(Role.OFFICER, town), PARTIES, Page())[0]}
    assert {town.code, within.code} <= seen
    assert not {other.code, beyond.code} & seen


@pytest.mark.parametrize("area_code", ["", "%", "_________"])
def test_an_officer_without_a_proper_area_sees_its_own_party_only(session: Session, area_code: str) -> None:
    officer = Caller(Role.OFFICER, _party(session, "O-1", area_code))
    _party(session, "PL-A")
    assert [row["code"] for row in list_records(session, officer, PARTIES, Page())[0]] == ["O-1"]
