"""The sequencer: gives committed events their gapless positions. No writer waits for it; one runs at a time."""

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session, sessionmaker

from trace.events.tables import EventPosition, Sequencer, Unsequenced

MOST_AT_ONCE = 5000


def _sequence_some(session: Session) -> int:
    """Give positions to the oldest events without one, and return how many got one."""
    # The update takes the row's lock, so a second sequencer waits here and then sees what the first one did.
    last = session.scalars(
        update(Sequencer).values(last_position=Sequencer.last_position).returning(Sequencer.last_position)
    ).one()
    ids = list(session.scalars(select(Unsequenced.event_id).order_by(Unsequenced.event_id).limit(MOST_AT_ONCE)))
    if ids:
        places = [{"position": last + place, "event_id": id_} for place, id_ in enumerate(ids, start=1)]
        session.execute(insert(EventPosition), places)
        session.execute(delete(Unsequenced).where(Unsequenced.event_id.in_(ids)))
        session.execute(update(Sequencer).values(last_position=last + len(ids)))
    return len(ids)


def sequence_events(sessions: sessionmaker[Session]) -> int:
    """Give every committed event its position and return how many got one."""
    done = 0
    while True:
        with sessions.begin() as session:
            count = _sequence_some(session)
        done += count
        if count < MOST_AT_ONCE:
            return done
