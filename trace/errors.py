"""Every refusal: a stable code and the facts it rests on. The sentences stand in the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass, field


class TraceError(Exception):
    """A refusal by the domain. Subclasses fix `code`; `facts` are what it rests on."""

    code = "refused"

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code, facts)
        self.facts = facts


class NotFoundError(TraceError):
    """Nothing is known by this code, or it belongs to others."""

    code = "not-found"


class AmbiguousCodeError(TraceError):
    """A bare code that more than one party uses; `candidates` names them."""

    code = "ambiguous-code"


class ConflictError(TraceError):
    """What is asked contradicts what is recorded."""

    code = "conflict"


class ForbiddenError(TraceError):
    """The caller may not do this."""

    code = "forbidden"


@dataclass(frozen=True)
class Fault:
    """One impossible thing in the input: where it stands, a stable code, the facts."""

    path: str
    code: str
    facts: dict[str, object] = field(default_factory=dict)


class InvalidError(TraceError):
    """Input with faults. All of them at once; nothing was written."""

    code = "invalid"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults=list(faults))
        self.faults = list(faults)
