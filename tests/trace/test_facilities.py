"""Facilities and licences: what held on a day."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from tests.factories import make_plant
from tests.land import faults_of
from trace.errors import InvalidError
from trace.facilities import (
    AmendFacility,
    RegisterFacility,
    RegisterLicence,
    RenewLicence,
    amend_facility,
    facility_on,
    list_terms_on,
    register_facilities,
    register_licences,
    renew_licence,
)


def test_a_plants_capacity_is_that_of_the_day(session: Session) -> None:
    plant = make_plant(session)
    command = RegisterFacility(code="FA-1", party_id=plant.id, name="车间", capacity_g_per_day=1_000_000)
    [facility] = register_facilities(session, [command])
    amend_facility(
        session, AmendFacility(facility_id=facility.id, from_on=date(2026, 4, 1), capacity_g_per_day=2_000_000)
    )
    held = [facility_on(session, facility, date(2026, 3, 31)), facility_on(session, facility, date(2026, 4, 1))]
    assert [version and version.capacity_g_per_day for version in held] == [1_000_000, 2_000_000]
    assert facility.revision == 2
    with pytest.raises(InvalidError) as refusal:
        amend_facility(session, AmendFacility(facility_id=facility.id, from_on=date(2026, 3, 1), name=" "))
    assert faults_of(refusal) == {("from_on", "before-last-change"), ("name", "empty")}


def test_a_packing_is_judged_by_the_term_of_its_day(session: Session) -> None:
    plant = make_plant(session)
    command = RegisterLicence(
        party_id=plant.id,
        number="登记证 2021-7",
        valid_from=date(2021, 1, 1),
        valid_to=date(2025, 12, 31),
        product_kinds=["绿茶"],
    )
    [licence] = register_licences(session, [command])
    renewed = RenewLicence(
        licence_id=licence.id,
        valid_from=date(2026, 2, 1),
        valid_to=date(2031, 1, 31),
        product_kinds=["绿茶", "红茶"],
    )
    renew_licence(session, renewed)
    days = [date(2025, 6, 1), date(2026, 1, 15), date(2026, 4, 1)]
    kinds = [[term.product_kinds for _, term in list_terms_on(session, plant.id, day)] for day in days]
    assert kinds == [[["绿茶"]], [], [["绿茶", "红茶"]]]
    assert licence.revision == 2


def test_a_licence_has_the_shape_of_one_and_ends_after_it_begins(session: Session) -> None:
    plant = make_plant(session)
    dates = {"valid_from": date(2026, 1, 1), "valid_to": date(2025, 1, 1)}
    with pytest.raises(InvalidError) as refusal:
        register_licences(session, [RegisterLicence(party_id=plant.id, number="SC12", product_kinds=[], **dates)])
    assert faults_of(refusal) == {("[0].number", "licence-shape"), ("[0].valid_to", "ends-before-it-begins")}
