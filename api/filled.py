"""What every body of a record says beside its facts: for whom it is, and the way it came."""

from api.fields import Body, Code, Word
from trace.events import Mode


class FilledBody(Body):
    """The part that all records share."""

    party = Code(60, metadata={"description": "为谁记录，默认本单位。For whom; the caller's own party by default."})
    mode = Word(Mode, metadata={"description": "录入方式。The way it came."})
