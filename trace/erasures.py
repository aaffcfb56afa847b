"""Erasures: a person's name taken out of all that a party wrote, who weighed, who filled in a form, who worked.

Records keep a commitment or a row without a name, so nothing recorded changes and nobody can say any more whose it was.
A grower's own name is erased with the private side of its party, a contact for recalls by who keeps it.
"""

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from trace.db import portions
from trace.errors import NotFoundError
from trace.paper_forms import PaperForm, PaperFormRun, PaperFormUse
from trace.parties import find_party
from trace.persons import WrittenName
from trace.slips import WeighSlip
from trace.workers import Worker


def erase_name(session: Session, party: str, name: str) -> int:
    """Erase a name from what a party's scale, forms and field work say; return at how many places it stood.

    Raises `NotFoundError`.
    """
    found = find_party(session, party)
    if found is None:
        raise NotFoundError(what="party", code=party)
    party_id = found.id
    wrote = or_(WeighSlip.party_id == party_id, WeighSlip.entered_by_id == party_id)
    weighed = select(WeighSlip.weigher_commitment).where(wrote)
    filled = select(PaperFormUse.writer_commitment).join(PaperForm, PaperForm.id == PaperFormUse.form_id)
    theirs = or_(PaperFormRun.party_id == party_id, PaperFormRun.entered_by_id == party_id)
    written = filled.join(PaperFormRun, PaperFormRun.id == PaperForm.run_id).where(theirs)
    of_party = or_(WrittenName.commitment.in_(weighed), WrittenName.commitment.in_(written))
    kept = session.scalars(select(WrittenName.commitment).where(WrittenName.name == name, of_party)).all()
    for few in portions(kept):
        session.execute(delete(WrittenName).where(WrittenName.commitment.in_(few)))
    worked = session.scalars(select(Worker.id).where(Worker.party_id == party_id, Worker.name == name)).all()
    session.execute(update(Worker).where(Worker.id.in_(worked)).values(name=None))
    return len(kept) + len(worked)
