"""References: the codes in a form, looked up all at once; one that cannot be used is a fault where it stands."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import or_, select

from trace import visibility
from trace.db import portions
from trace.entries.form import Form
from trace.errors import AmbiguousCodeError
from trace.lots import Lot
from trace.parties import Party, parties_called
from trace.places import Plot
from trace.seasons import SeasonRecord

_CODES = 5_000  # of a spreadsheet, looked up by one statement


class Named(NamedTuple):
    """A code, and where in the form it stands."""

    place: int
    field: str
    code: str


def find_plots(form: Form, named: Sequence[Named]) -> list[Plot | None]:
    """Return the plot for each code (its own or a season's id): one that the caller may read."""
    found = _plots_by_code(form, {one.code for one in named})
    return [_one(form, one, found.get(one.code, ()), "plot") for one in named]


def _plots_by_code(form: Form, codes: Iterable[str]) -> Mapping[str, Sequence[Plot]]:
    found: dict[str, dict[int, Plot]] = defaultdict(dict)
    for few in portions(codes):
        alias = select(SeasonRecord.record_id, SeasonRecord.alias).where(
            SeasonRecord.noun == "plots", SeasonRecord.alias.in_(few)
        )
        called = _grouped(form.session.execute(alias).all())
        worked = {party.id for party in form.principals}
        mine = or_(visibility.plots(form.caller), Plot.cooperative_id.in_(worked), Plot.holder_id.in_(worked))
        query = select(Plot).where(or_(Plot.code.in_(few), Plot.id.in_(called)), mine)
        for plot in form.session.scalars(query):
            for code in {plot.code, *called.get(plot.id, ())} & set(few):
                found[code][plot.id] = plot
    return {code: list(plots.values()) for code, plots in found.items()}


def _grouped(rows: Iterable[Any]) -> dict[int, set[str]]:
    names: dict[int, set[str]] = defaultdict(set)
    for row_id, alias in rows:
        names[row_id].add(alias)
    return names


def find_parties(form: Form, named: Sequence[Named]) -> list[Party | None]:
    """Return the party for each code, be it any: before the first dealing neither sees the other.

    For the code of a duplicate it is the one it was merged into.
    """
    found = parties_called(form.session, {one.code for one in named})
    return [_one(form, one, [found[one.code]] if one.code in found else [], "party") for one in named]


def find_own_lots(form: Form, named: Sequence[Named], owners: Sequence[Party] | None = None) -> list[Lot | None]:
    """Return the lot for each code (`CODE`, `PARTY/CODE` or a season's id): one of the party the record is for.

    Where a record takes another's lots, `owners` names that party for each record.
    """
    principals = form.principals if owners is None else owners
    found = _lots_by_code(form, {one.code.rpartition("/")[2] for one in named}, {party.id for party in principals})
    lots: list[Lot | None] = []
    for one in named:
        owner, _, bare = one.code.rpartition("/")
        seen = [(lot, party) for lot, party in found.get(bare, ()) if owner in ("", party)]
        own = [lot for lot, _ in seen if lot.party_id == principals[one.place].id]
        exact = [lot for lot in own if lot.code == bare]
        if seen and not own:
            form.refuse(one.place, one.field, "not-yours", value=one.code, owner=seen[0][1])
            lots.append(None)
        else:
            lots.append(_one(form, one, exact or own, "lot"))
    return lots


def _lots_by_code(
    form: Form, codes: Iterable[str], principals: Collection[int]
) -> Mapping[str, Sequence[tuple[Lot, str]]]:
    """Return the lots of these codes that the caller may read or acts for, each with its party's code."""
    found: dict[str, dict[int, tuple[Lot, str]]] = defaultdict(dict)
    for few in portions(codes):
        alias = select(SeasonRecord.record_id, SeasonRecord.alias).where(
            SeasonRecord.noun == "lot", SeasonRecord.alias.in_(few)
        )
        called = _grouped(form.session.execute(alias).all())
        query = (
            select(Lot, Party.code)
            .join(Party)
            .where(or_(Lot.code.in_(few), Lot.id.in_(called)))
            .where(or_(Lot.party_id.in_(principals), visibility.lots(form.caller)))
            .order_by(Party.code, Lot.code)
        )
        for lot, party in form.session.execute(query):
            for code in {lot.code, *called.get(lot.id, ())} & set(few):
                found[code][lot.id] = (lot, party)
    return {code: list(lots.values()) for code, lots in found.items()}


def _one(form: Form, named: Named, found: Sequence[Any], what: str) -> Any:
    """Return the only one of what was found. Raises `AmbiguousCodeError` for several."""
    if len(found) > 1:
        raise AmbiguousCodeError(what=what, code=named.code, candidates=[one.code for one in found])
    if not found:
        form.refuse(named.place, named.field, "unknown-reference", value=named.code, array=what)
        return None
    return found[0]


def check_new_codes(form: Form, wanted: Sequence[Named], table: Any, owner: Any) -> None:
    """Add a fault for each code that its party has already used, in the database or earlier in the form."""
    taken: set[tuple[int, str]] = set()
    for few in portions({one.code for one in wanted}, _CODES):
        taken.update(form.session.execute(select(owner, table.code).where(table.code.in_(few))).all())
    for one in wanted:
        key = (form.principals[one.place].id, one.code)
        if key in taken and one.code not in form.standing:
            form.refuse(one.place, one.field, "code-taken", value=one.code)
        taken.add(key)
