"""How records come in: by which way, typed by whom, and for whom."""

from dataclasses import dataclass

from trace.events.tables import Mode


@dataclass(frozen=True)
class Agent:
    """A party that enters records for others, as a co-operative does for its farmers."""

    id: int
    uri: str  # as in event documents


@dataclass(frozen=True)
class Entry:
    """The way records came, and who entered them; the party that answers for a record stands in the record itself."""

    mode: Mode
    agent: Agent | None = None
    account_id: int | None = None
    remark: str | None = None  # why it is corrected, in their own words


LIVE, HISTORY = Entry(Mode.LIVE), Entry(Mode.HISTORY)
