"""`substance_banned`, `substance_not_registered`: what must not be used on tea at all, or is not registered for it."""

from collections.abc import Iterable, Iterator

from trace.findings import Judgement, Severity
from trace.rules.tables import TEA, Ban, InForce, find_ban
from trace.rules.uses import PESTICIDE, Use

BANNED, NOT_REGISTERED = "substance_banned", "substance_not_registered"
RULES = (BANNED, NOT_REGISTERED)
_ON_LABELS = frozenset({"茶", "茶树", "茶叶", "茶园", TEA})  # words by which labels name the tea bush
_SOURCE = "农药管理条例 art. 34"


def judge(uses: Iterable[Use]) -> list[Judgement]:
    """Judge uses by the bans on their day, and by what their packs say they are registered for."""
    return [finding for use in uses for rule in (_banned, _not_registered) for finding in rule(use)]


def _banned(use: Use) -> Iterator[Judgement]:
    """Yield one refusal that names every banned substance, or one note for those that are banned from memory only."""
    banned, row = _bans(use, use.at)
    remembered, _ = _bans(use, use.at.remembered)
    if row is not None:
        facts = use.facts(substances=banned, basis=row.basis)
        yield Judgement(rule=BANNED, severity=Severity.REFUSE, record=use.id, facts=facts, **row.found.cite())
    elif remembered:
        facts = use.facts(substances=remembered, missing="ban-from-memory")
        yield Judgement(rule=BANNED, severity=Severity.NOTE, record=use.id, facts=facts)


def _bans(use: Use, at: InForce) -> tuple[list[str], Ban | None]:
    """Return the banned substances of a product, and the ban on the first."""
    found = [(active, find_ban(at, use.crop, active)) for active in use.label.actives]
    bans = [(active, ban) for active, ban in found if ban is not None]
    return [active for active, _ in bans], bans[0][1] if bans else None


def _not_registered(use: Use) -> Iterator[Judgement]:
    label = use.label
    if label.kind != PESTICIDE:
        return
    if label.registered_until is not None and use.used_on > label.registered_until:
        facts = use.facts(registration=label.registration, registered_until=str(label.registered_until))
        yield _finding(use, Severity.REASON, facts)
    elif use.crop == TEA and label.crops and not _ON_LABELS.intersection(label.crops):
        facts = use.facts(registration=label.registration, crops=list(label.crops))
        yield _finding(use, Severity.REASON, facts)
    elif not label.registration or not label.crops:
        missing = "registration" if not label.registration else "crops"
        yield _finding(use, Severity.NOTE, use.facts(missing=missing))


def _finding(use: Use, severity: Severity, facts: dict[str, object]) -> Judgement:
    decides = {} if severity is Severity.NOTE else {"edition": "label", "source": _SOURCE}
    return Judgement(rule=NOT_REGISTERED, severity=severity, record=use.id, facts=facts, **decides)
