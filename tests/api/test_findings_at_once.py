"""What is judged while that by which it is judged changes: on two connections, the later sees the earlier."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.api.doors import Doors
from tests.api.moving import party_of
from tests.api.test_corrections_at_once import wait_for_a_lock
from tests.api.test_packs import pack
from tests.api.test_packs_judged import licence, standing, tea
from tests.api.test_pickings import picking
from trace.accounts import Caller, Role
from trace.entries.draws import Draw
from trace.entries.inputs import EnterInputUse, enter_input_uses
from trace.entries.packs import EnterPack, enter_packs
from trace.facilities import RegisterLicence, register_licences
from trace.input_products import AmendInputProduct, amend_input_product
from trace.inputs import InputProduct
from trace.mass import weighed

__all__ = ["tea"]  # a fixture

USED_AT = datetime.fromisoformat("2026-04-10T08:00:00+08:00")


@pytest.fixture
def rows(doors: Doors) -> Doors:
    """A small town in a database that locks rows."""
    if doors.sessions.write.kw["bind"].dialect.name != "postgresql":
        pytest.skip("one writer at a time sees what came before")
    return doors


def one_after_the_other(
    doors: Doors, first: Callable[[Session], object], then: Callable[[FlaskClient], TestResponse]
) -> TestResponse:
    """Write something, and before it is committed something else, which must wait for it. Return that answer."""
    with ThreadPoolExecutor(1) as pool, doors.sessions.write() as session:
        first(session)
        answer = pool.submit(then, doors.app.test_client())
        wait_for_a_lock(doors, answer)
        session.commit()
        return answer.result(30)


def headers(doors: Doors) -> dict[str, str]:
    return {"Authorization": f"Bearer {doors.tokens['operator']}", "If-Match": "*"}


def product(code: str) -> dict[str, Any]:
    label = {"registration": "PD20990001", "crops": ["茶树"], "interval_days": 7, "max_per_mu": "120", "unit": "mL"}
    return {"code": code, "kind": "pesticide", "name": "示例农药", "active": "联苯菊酯", **label}


def enter_use(doors: Doors) -> Callable[[Session], object]:
    use = EnterInputUse(plot=doors.plots["own"], product="IP1", used_at=USED_AT, per_mu=Decimal(100), unit="mL")
    return lambda session: enter_input_uses(session, Caller(Role.COOP, party_of(session, "C01")), [use])


def test_a_label_mended_while_a_use_is_entered_judges_that_use_too(rows: Doors) -> None:
    assert rows.post("/v1/input-products", product("IP1"), "operator").status_code == 201
    path, body = "/v1/input-products/IP1", {"max_per_mu": "50"}
    told = one_after_the_other(
        rows, enter_use(rows), lambda client: client.patch(path, json=body, headers=headers(rows))
    )
    assert told.status_code == 200
    assert [one["rule"] for one in standing(rows, "dose_exceeded")] == ["dose_exceeded"]


def test_the_label_of_another_pack_of_the_same_registration_is_waited_for_too(rows: Doors) -> None:
    bare = {name: value for name, value in product("IP1").items() if name != "interval_days"}
    assert rows.post("/v1/input-products", [bare, product("IP2")], "operator").status_code == 201
    leaf = picking(rows, picked_at="2026-04-20T06:30:00+08:00", code="H1")
    assert rows.post("/v1/pickings", leaf).status_code == 201
    path, body = "/v1/input-products/IP2", {"interval_days": 14}
    told = one_after_the_other(
        rows, enter_use(rows), lambda client: client.patch(path, json=body, headers=headers(rows))
    )
    assert told.status_code == 200
    assert [one["record"] for one in standing(rows, "harvest_inside_phi")] == ["H1"]


def test_a_use_entered_while_its_label_is_mended_is_judged_by_the_new_label(rows: Doors) -> None:
    assert rows.post("/v1/input-products", product("IP1"), "operator").status_code == 201

    def mend(session: Session) -> None:
        key = session.scalars(select(InputProduct.id).where(InputProduct.code == "IP1")).one()
        amend_input_product(session, AmendInputProduct(product_id=key, max_per_mu=Decimal(50)))

    use = {"plot": rows.plots["own"], "product": "IP1", "used_at": USED_AT.isoformat(), "per_mu": "100", "unit": "mL"}
    told = one_after_the_other(
        rows, mend, lambda client: client.post("/v1/inputs", json={**use, "party": "C01"}, headers=headers(rows))
    )
    assert told.status_code == 201, told.text
    assert [one["rule"] for one in standing(rows, "dose_exceeded")] == ["dose_exceeded"]


def enter_pack(session: Session, lot: str) -> None:
    packed_at = datetime.fromisoformat("2026-05-20T20:00:00+08:00")
    draws = [Draw(lot=lot, mass=weighed("1", "kg"))]
    pack = EnterPack(product="S1", inputs=draws, packed_at=packed_at, best_before=date(2027, 5, 20), units=10)
    enter_packs(session, Caller(Role.PLANT, party_of(session, "PL1")), [pack])


def test_a_licence_registered_while_tea_is_packed_judges_that_pack_too(rows: Doors, tea: str) -> None:
    assert rows.post("/v1/licences", licence(), "plant").status_code == 201
    new = licence(number="鲁作坊登字 0043", valid_to="2029-05-19", party="PL1")
    told = one_after_the_other(
        rows,
        lambda session: enter_pack(session, tea),
        lambda client: client.post("/v1/licences", json=new, headers=headers(rows)),
    )
    assert told.status_code == 201, told.text
    assert standing(rows, "licence_invalid") == []


def test_a_licence_renewed_while_tea_is_packed_judges_that_pack_too(rows: Doors, tea: str) -> None:
    assert rows.post("/v1/licences", licence(), "plant").status_code == 201
    path, body = "/v1/licences/鲁作坊登字 0042", {"valid_to": "2029-05-19"}
    told = one_after_the_other(
        rows,
        lambda session: enter_pack(session, tea),
        lambda client: client.patch(path, json=body, headers=headers(rows)),
    )
    assert told.status_code == 200, told.text
    assert standing(rows, "licence_invalid") == []


def test_tea_packed_while_a_licence_is_registered_is_judged_with_it(rows: Doors, tea: str) -> None:
    assert rows.post("/v1/licences", licence(), "plant").status_code == 201

    def register(session: Session) -> None:
        term = {"valid_from": None, "valid_to": date(2029, 5, 19), "product_kinds": ["绿茶"]}
        command = RegisterLicence(party_id=party_of(session, "PL1").id, number="鲁作坊登字 0043", **term)
        register_licences(session, [command])

    told = one_after_the_other(
        rows,
        register,
        lambda client: client.post("/v1/packs", json={**pack(tea), "party": "PL1"}, headers=headers(rows)),
    )
    assert told.status_code == 201, told.text
    assert standing(rows, "licence_invalid") == []
