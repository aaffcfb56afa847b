"""Keys are kept as hashes; who holds one acts for one party."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.accounts import ApiKey, Caller, PartyRequiredError, Role, create_key, find_caller
from trace.errors import NotFoundError
from trace.parties import Party


def test_a_key_opens_its_role_and_party_and_is_stored_as_a_hash(demo_session: Session) -> None:
    token = create_key(demo_session, "C01", Role.COOP)
    caller = find_caller(demo_session, token)
    assert caller is not None
    assert caller.role is Role.COOP
    assert caller.party_id == demo_session.scalar(select(Party.id).where(Party.code == "C01"))
    assert token not in {row.sha256 for row in demo_session.scalars(select(ApiKey))}
    assert len(token) >= 43  # 256 bits in base 64


def test_an_officer_of_a_party_without_an_area_sees_that_party_alone() -> None:
    officer = Caller(Role.OFFICER, Party(id=1, area_code=""))
    assert officer.sees(1, "")
    assert not officer.sees(2, "379901101")


def test_a_wrong_token_opens_nothing(demo_session: Session) -> None:
    create_key(demo_session, "C01", Role.COOP)
    assert find_caller(demo_session, "nothing") is None


def test_a_key_for_a_party_nobody_knows_is_refused(demo_session: Session) -> None:
    with pytest.raises(NotFoundError):
        create_key(demo_session, "C99", Role.COOP)


def test_only_the_operator_needs_no_party(demo_session: Session) -> None:
    with pytest.raises(PartyRequiredError):
        create_key(demo_session, None, Role.COOP)
    assert find_caller(demo_session, create_key(demo_session, None, Role.OPERATOR)) is not None
