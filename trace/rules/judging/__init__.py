"""Judge records, by row id, by whichever door they came: bring the facts, let the rules speak, keep what they find.

Asked again after a correction, or after something else that a record rests on came in late, these say what is true
now: a finding is raised once, and one whose cause is gone is withdrawn.
"""

from trace.rules.judging.lots import judge_lots
from trace.rules.judging.parties import judge_parties
from trace.rules.judging.pickings import find_pickings_after, judge_input_uses, judge_pickings
from trace.rules.judging.results import judge_results
from trace.rules.judging.runs import judge_runs

__all__ = (
    "find_pickings_after",
    "judge_input_uses",
    "judge_lots",
    "judge_parties",
    "judge_pickings",
    "judge_results",
    "judge_runs",
)
