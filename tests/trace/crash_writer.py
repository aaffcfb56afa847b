"""Records events until it is killed: `python -m tests.trace.crash_writer URL FIRST_NUMBER`; one line a transaction."""

import itertools
import sys

from tests.factories import count_from, get_lot_of, make_blend, make_pack, make_plant, make_run
from trace import tables  # noqa: F401 -- rows name accounts, and nothing else here knows their table
from trace.db import open_sessions
from trace.events.sequencer import sequence_events


def main(url: str, first: int) -> None:
    """Write chains of five or more events, a chain a transaction, and give them positions now and then."""
    count_from(first)
    sessions = open_sessions(url)
    for number in itertools.count(1):
        with sessions.write.begin() as session:
            plant = make_plant(session)
            made = get_lot_of(session, make_run(session, plant=plant))
            tea = get_lot_of(session, make_blend(session, plant=plant, taken=[(made, made.mass_g)]))
            make_pack(session, packer=plant, lot=tea)
        if number % 3 == 0:
            sequence_events(sessions.write)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
