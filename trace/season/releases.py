"""What a season's file says was let go: finished lots by their `status`, on the day of the plant's last report."""

from trace.releases import LotRelease, keep_releases
from trace.season import loading as hours
from trace.season.loading import Loading

_LET_GO = ("released", "recalled")  # what was called back had been let go
_FACTORY = "factory"  # the plant's own tests, after which it lets a lot go


def load_releases(loading: Loading) -> list[LotRelease]:
    """Keep that lots were let go."""
    rows = [row for row in loading.arrays["lots"] if row["status"] in _LET_GO]
    days = {row["id"]: row["finished"] for row in rows}
    for row in loading.arrays["tests"]:
        if row["type"] == _FACTORY and row["subject"] in days:
            days[row["subject"]] = max(days[row["subject"]], row["reported"])
    released = ((loading.lots[row["id"]].id, loading.at(days[row["id"]], hours.TESTED)) for row in rows)
    return keep_releases(loading.session, released)
