"""What bodies share beside their own facts: for whom a record is, the way it came, what it takes of which lot."""

from typing import Any

from marshmallow import post_load

from api.fields import Body, Code, Mass, Text, Whole, Word
from trace.entries.draws import Draw
from trace.entries.positions import PackRange
from trace.events import Mode
from trace.serials import MAX_POSITION


class FilledBody(Body):
    """The part that all records share."""

    party = Code(60, metadata={"description": "为谁记录，默认本单位。For whom; the caller's own party by default."})
    mode = Word(Mode, metadata={"description": "录入方式。The way it came."})


class OnPaperBody(FilledBody):
    """What a record typed in from one of our paper forms says: number, line and who wrote it."""

    form_number = Code(20, metadata={"description": "纸质表编号。The number of the paper form."})
    form_line = Whole(1, 100, metadata={"description": "表上第几行，默认 1。Which line of it."})
    written_by = Text(60, private=True, metadata={"description": "填表人姓名，单独保存。Who wrote it; kept apart."})


class RangeBody(Body):
    """Positions of a pack."""

    pack = Code(required=True)
    first = Whole(1, MAX_POSITION, required=True)
    last = Whole(1, MAX_POSITION, required=True)

    @post_load
    def part(self, data: dict[str, Any], **_: Any) -> PackRange:
        """Return the typed part."""
        return PackRange(**data)


class DrawBody(Body):
    """So much of a lot."""

    lot = Code(required=True)
    mass = Mass(required=True)

    @post_load
    def part(self, data: dict[str, Any], **_: Any) -> Draw:
        """Return the typed part."""
        return Draw(**data)
