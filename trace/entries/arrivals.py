"""Enter what came later for leaf that was received: its certificate, or the own test of a household."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace import clock
from trace.accounts import Caller
from trace.arrivals import Arrive, record_arrival
from trace.entries.certified import Exemption, check_exemption, find_certificates
from trace.entries.form import Filled, Form
from trace.intakes import Intake
from trace.parties import Party
from trace.revisions import lock_rows
from trace.rules.judging import judge_intakes


@dataclass(frozen=True, kw_only=True)
class EnterArrival(Filled):
    """What came, as somebody types it."""

    certificate: str | None = None
    exemption: Exemption | None = None


def enter_arrival(session: Session, caller: Caller, intake: int, record: EnterArrival, receiver: str) -> Intake:
    """Link a certificate or an own test to the intake of a row id; what held the leaf for lack of it is withdrawn.

    Raises what a form raises, and `IntakeCertifiedError`.
    """
    form = Form(session, caller, [replace(record, party=receiver)])
    table: Any = Intake
    row: Intake = lock_rows(session, table, [intake])[intake]
    supplier = session.get_one(Party, row.supplier_id)
    if record.certificate is None and record.exemption is None:
        form.refuse(0, "certificate", "missing-field")
    [certificate] = find_certificates(form, [(0, record.certificate)], [supplier])
    check_exemption(form, 0, record.exemption, supplier)
    form.close()
    exemption: dict[str, Any] | None = record.exemption.kept() if record.exemption else None
    command = Arrive(intake=row, certificate=certificate, exemption=exemption, arrived_at=clock.now())
    former = row.certificate_id
    record_arrival(session, command, form.entry)
    judge_intakes(session, [row.id, *_also_under(session, former)])
    return row


def _also_under(session: Session, certificate: int | None) -> list[int]:
    """Return the intakes (row ids) that name the certificate which another took the place of."""
    if certificate is None:
        return []
    return list(session.scalars(select(Intake.id).where(Intake.certificate_id == certificate)))
