"""Judge records, by row id, by whichever door they came: bring the facts, let the rules speak, keep what they find.

Asked again after a correction, or after something else that a record rests on came in late, these say what is true
now: a finding is raised once, and one whose cause is gone is withdrawn.

Each kind of record has a file of one shape, and a row in `EVERY`, so that it can be judged and checked alike:

- `say_of_…s(session, ids, tables) -> Judging` says what the rules find. It reads and never writes or locks. The facts
  of a rule carry `at=tables.on(day, recorded_at)`: the tables in force on the day of the event, as they were known when
  it was recorded;
- `judge_…s(session, ids)` takes locks where two writers must see each other, and settles what is said;
- `find_…s_since(session, day)` returns the records of a day and later.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.orm import Session

from trace.findings import Judging
from trace.rules.judging.certificates import (
    find_certificates_since,
    judge_certificates,
    judge_promised,
    say_of_certificates,
)
from trace.rules.judging.days import judge_days, judge_plants, say_of_days
from trace.rules.judging.intakes import find_intakes_since, judge_intakes, say_of_intakes
from trace.rules.judging.lateness import ENTERED, find_entered_since, judge_lateness, say_of_lateness
from trace.rules.judging.lots import judge_lots
from trace.rules.judging.packs import find_packs_of, find_packs_since, judge_licences, judge_packs, say_of_packs
from trace.rules.judging.parties import find_parties_since, judge_parties, say_of_parties
from trace.rules.judging.pickings import (
    find_pickings_since,
    judge_pickings,
    say_of_pickings,
)
from trace.rules.judging.products import find_products_since, judge_products, say_of_products
from trace.rules.judging.releases import find_releases_since, judge_releases, say_of_releases
from trace.rules.judging.results import find_results_since, judge_results, say_of_results
from trace.rules.judging.runs import find_runs_since, judge_runs, say_of_runs
from trace.rules.judging.uses import (
    find_input_uses_since,
    judge_input_uses,
    judge_uses_alone,
    say_of_input_uses,
)
from trace.rules.tables import Tables


@dataclass(frozen=True)
class Kind:
    """How the records of one kind are found by day, and what the rules say of them."""

    since: Callable[[Session, date], list[int]]
    say: Callable[[Session, Collection[int], Tables], Judging]


EVERY = (
    Kind(find_parties_since, say_of_parties),
    Kind(find_pickings_since, say_of_pickings),
    Kind(find_products_since, say_of_products),
    Kind(find_input_uses_since, say_of_input_uses),
    Kind(find_certificates_since, say_of_certificates),
    Kind(find_intakes_since, say_of_intakes),
    Kind(find_runs_since, say_of_runs),
    Kind(find_runs_since, say_of_days),
    Kind(find_packs_since, say_of_packs),
    Kind(find_results_since, say_of_results),
    *(Kind(partial(find_entered_since, table=one), partial(say_of_lateness, table=one)) for one in ENTERED),
    Kind(find_releases_since, say_of_releases),
)

__all__ = (
    "EVERY",
    "Kind",
    "find_packs_of",
    "judge_certificates",
    "judge_days",
    "judge_input_uses",
    "judge_intakes",
    "judge_lateness",
    "judge_licences",
    "judge_lots",
    "judge_packs",
    "judge_parties",
    "judge_pickings",
    "judge_plants",
    "judge_products",
    "judge_promised",
    "judge_releases",
    "judge_results",
    "judge_runs",
    "judge_uses_alone",
)
