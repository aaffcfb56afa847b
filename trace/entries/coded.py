"""Coded records: what each party numbers for itself, found by `CODE`, `PARTY/CODE` or the id in a season's file."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, false, or_, select

from trace.db import portions
from trace.entries.form import Form
from trace.entries.references import Named
from trace.errors import AmbiguousCodeError
from trace.parties import Party
from trace.seasons import SeasonRecord


@dataclass(frozen=True, kw_only=True)
class Coded:
    """One kind of record: its table, the column that says whose each is, and the season's array that names it."""

    what: str
    row: Any
    owner: Any
    aliases: str


class _Found(NamedTuple):
    row: Any
    party_id: int
    party: str
    seen: bool


def find_coded(
    form: Form, named: Sequence[Named], kind: Coded, seen: ColumnElement[bool], told: ColumnElement[bool] | None = None
) -> list[Any | None]:
    """Return the record for each code. The acting party's own goes before others'.

    `seen` holds for what the caller may read; `told`, for what it may name, but only with its party. What is unknown
    is a fault. Raises `AmbiguousCodeError`.
    """
    found = _by_code(form, {one.code.rpartition("/")[2] for one in named}, kind, (seen, told))
    return [_one(form, one, found.get(one.code.rpartition("/")[2], ()), kind) for one in named]


def _by_code(
    form: Form, codes: Iterable[str], kind: Coded, conditions: tuple[ColumnElement[bool], ColumnElement[bool] | None]
) -> Mapping[str, list[_Found]]:
    own = kind.owner.in_({party.id for party in form.principals})
    seen = or_(conditions[0], own)
    may_name = or_(seen, false() if conditions[1] is None else conditions[1])
    found: dict[str, list[_Found]] = defaultdict(list)
    for few in portions(codes):
        alias = select(SeasonRecord.record_id, SeasonRecord.alias).where(
            SeasonRecord.noun == kind.aliases, SeasonRecord.alias.in_(few)
        )
        called: dict[int, set[str]] = defaultdict(set)
        for row_id, name in form.session.execute(alias):
            called[row_id].add(name)
        query = (
            select(kind.row, Party.id, Party.code, seen.label("seen"))
            .join(Party, Party.id == kind.owner)
            .where(or_(kind.row.code.in_(few), kind.row.id.in_(called)), may_name, *_standing(kind))
            .order_by(Party.code, kind.row.id)
        )
        for one in form.session.execute(query):
            for code in {one[0].code, *called.get(one[0].id, ())} & set(few):
                found[code].append(_Found(*one))
    return found


def _standing(kind: Coded) -> list[ColumnElement[bool]]:
    """Return what holds for records of a kind that happened: nothing rests on one that was said not to have."""
    return [kind.row.undone_at.is_(None)] if hasattr(kind.row, "undone_at") else []


def _one(form: Form, named: Named, found: Sequence[_Found], kind: Coded) -> Any | None:
    owner, _, bare = named.code.rpartition("/")
    fit = [one for one in found if (one.party == owner if owner else one.seen)]
    own = [one for one in fit if one.party_id == form.principals[named.place].id]
    best = own or fit
    best = [one for one in best if one.row.code == bare] or best
    if len(best) > 1:
        candidates = [f"{one.party}/{one.row.code}" for one in best]
        raise AmbiguousCodeError(what=kind.what, code=named.code, candidates=candidates)
    if not best:
        form.refuse(named.place, named.field, "unknown-reference", value=named.code, array=kind.what)
        return None
    return best[0].row
