"""Ask before a certificate is issued: may it be, as which form, for how much, and what must a test look for."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from trace.accounts import Caller
from trace.certifying import Stop, find_collected, find_forms, find_promises, find_stops
from trace.entries.certificate_tests import untested
from trace.entries.form import Filled, Form
from trace.entries.references import Named, find_own_lots
from trace.lots import Lot
from trace.rules.certified import Promise, available_g


def preview_certificate(session: Session, caller: Caller, codes: Sequence[str], party: str | None) -> dict[str, Any]:
    """Return whether a certificate over lots of one's own could be issued now, and what it would rest on.

    Nothing is locked: the issue itself asks again. Raises `InvalidError`, `NotForThemError`, `AmbiguousCodeError`.
    """
    form = Form(session, caller, [Filled(party=party)])
    named = [Named(0, f"lots[{number}]", code) for number, code in enumerate(codes)]
    lots = [lot for lot in find_own_lots(form, named) if lot is not None]
    form.close()
    lots = list({lot.id: lot for lot in lots}.values())
    promises, grams = find_promises(session, [lot.id for lot in lots])
    stops = find_stops(session, [lot.id for lot in lots], [form.principals[0].id])
    told = [_tell(lot, promises, grams, [stop for stop in stops if stop.lot == lot.id]) for lot in lots]
    forms = set(find_forms(session, lots).values())
    collected = find_collected(session, [lot.id for lot in lots])
    return {
        "issuable": len(forms) == 1 and all(one["issuable"] for one in told),
        "issuer_form": min(forms) if len(forms) == 1 else None,
        "mass_g": sum(grams[lot.id] for lot in lots),
        "available_g": available_g(promises, grams, [lot.id for lot in lots]),
        "tests_for": untested(form, lots),
        "collected": sorted({code for few in collected.values() for _, code in few}),
        "lots": told,
    }


def _tell(lot: Lot, promises: Sequence[Promise], grams: Mapping[int, int], stops: Sequence[Stop]) -> dict[str, Any]:
    """Return what stands for and against one lot."""
    return {
        "lot": lot.code,
        "issuable": not stops,
        "mass_g": grams[lot.id],
        "available_g": available_g(promises, grams, [lot.id]),
        "reasons": [stop.told() for stop in stops],
    }
