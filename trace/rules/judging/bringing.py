"""Bring the facts of records: their rows, by id and in portions, and what each is called."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from trace.db import portions
from trace.seasons import SeasonRecord

Column = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]


def rows_of(session: Session, query: Select[*tuple[Any, ...]], column: Column, ids: Iterable[int]) -> Iterator[Any]:
    """Yield the rows of a query whose column is one of some row ids, in their order."""
    for few in portions(sorted(ids)):
        yield from session.execute(query.where(column.in_(few)))


def names_of(session: Session, nouns: Sequence[str], own: Mapping[int, str]) -> dict[int, list[tuple[int | None, str]]]:
    """Return what to call records, given with their codes: the id in each season's file that brought one, else that."""
    query = select(SeasonRecord.record_id, SeasonRecord.season_id, SeasonRecord.alias)
    of_nouns = query.where(SeasonRecord.noun.in_(nouns)).order_by(SeasonRecord.season_id, SeasonRecord.alias)
    names: dict[int, list[tuple[int | None, str]]] = defaultdict(list)
    for id_, season, alias in rows_of(session, of_nouns, SeasonRecord.record_id, own):
        names[id_].append((season, alias))
    return {id_: names[id_] or [(None, code)] for id_, code in own.items()}
