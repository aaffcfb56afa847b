"""The register: who may enter master data for whom, and the codes that such records name."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.accounts import Caller, Role
from trace.errors import Fault, InvalidError
from trace.mandates import NotForThemError, acting_party
from trace.parties import Party, parties_called


class Registry:
    """Master data of one caller on their way in: all of it passes, or none is written."""

    def __init__(self, session: Session, caller: Caller) -> None:
        self.session, self.caller = session, caller
        self.faults: list[Fault] = []
        self._parties: dict[str, Party | None] = {}
        self._owners: dict[str | None, Party] = {}

    def refuse(self, place: int, field: str, code: str, **facts: object) -> None:
        """Add one fault of the record at a place."""
        self.faults.append(Fault(f"[{place}].{field}", code, facts))

    def close(self) -> None:
        """Let the records pass. Raises `InvalidError` with every fault."""
        if self.faults:
            raise InvalidError(self.faults)

    def owner(self, code: str | None) -> Party:
        """Return for whom a record is: the caller, whom it acts for, or for an officer a party of the area.

        Raises `NotForThemError`, and `NotFoundError` for the operator.
        """
        if code is not None and self.caller.role is Role.OFFICER:
            party = self._party(code)
            if party is None or not self.caller.sees(party.id, party.area_code):
                raise NotForThemError(party=code)
            return party
        if code not in self._owners:
            self._owners[code] = acting_party(self.session, self.caller, code)
        return self._owners[code]

    def know(self, codes: Iterable[str | None]) -> None:
        """Look up all at once the parties that records name; `find_party` then has them at hand."""
        wanted = {code for code in codes if code is not None} - self._parties.keys()
        self._parties |= {**dict.fromkeys(wanted), **parties_called(self.session, wanted)}

    def find_party(self, place: int, field: str, code: str | None) -> Party | None:
        """Return a party by its code; an unknown one is a fault. Registers are open to all who may write in them."""
        if code is None:
            return None
        party = self._party(code)
        if party is None:
            self.refuse(place, field, "unknown-reference", value=code, array="parties")
        return party

    def _party(self, code: str) -> Party | None:
        self.know([code])
        return self._parties[code]

    def find_rows(self, table: Any, wanted: Iterable[tuple[int, str, str]], what: str) -> dict[str, Any]:
        """Return rows by code for (place, field, code); an unknown code is a fault at each place."""
        named = list(wanted)
        codes = {code for _, _, code in named}
        found = {row.code: row for row in self.session.scalars(select(table).where(table.code.in_(codes)))}
        for place, field, code in named:
            if code not in found:
                self.refuse(place, field, "unknown-reference", value=code, array=what)
        return found
