"""The words of a recall's notices, from the catalogue, in Chinese and English."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import g

from api.catalogue import LANGUAGES, Catalogue
from trace.clock import COUNTRY
from trace.parties import Party
from trace.recalling.progress import Recovery
from trace.recalling.scope import Scope, Start, find_scope
from trace.recalls import Recall

_MOST_RANGES = 12  # in a notice: a buyer with more gets the first of them and the sum


def notice_texts(catalogue: Catalogue) -> Callable[[Recall, str, Recovery | None], tuple[str, str]]:
    """Return what writes a notice of a case, to whom, of what that holder has."""
    known: dict[int, tuple[Scope, Party]] = {}

    def write(recall: Recall, _name: str, row: Recovery | None) -> tuple[str, str]:
        if recall.id not in known:
            scope = find_scope(g.session, Start.of_recall(recall.id))
            known[recall.id] = scope, g.session.get_one(Party, recall.owner_id)
        scope, owner = known[recall.id]
        chinese, english = (_say(catalogue, language, recall, (scope, owner, row)) for language in LANGUAGES)
        return chinese, english

    return write


def _say(catalogue: Catalogue, language: str, recall: Recall, told: tuple[Scope, Party, Recovery | None]) -> str:
    scope, owner, row = told
    buyer = row.buyer.code if row else None
    facts: dict[str, Any] = {
        "owner": owner.name,
        "reach": _in_brackets(reach_of(owner), language),
        "case": recall.code,
        "day": day_of(recall.started_at),
        "level": recall.level,
        "products": list(dict.fromkeys(pack.product.name for _, pack in scope.packs)),
        "lots": list(dict.fromkeys(pack.label_lot for _, pack in scope.packs)),
        "why": recall.reason or catalogue.text(f"recall.trigger.{recall.set_off_by.value}", language),
        "finish": recall.finish_by.isoformat(),
        "units": row.out if row else scope.units,
        "ranges": ranges_of(scope, buyer),
    }
    key = "recall.notice.buyer" if row else "recall.notice.other"
    return catalogue.sentence(key, facts, language)


def reach_of(owner: Party) -> str:
    """Return where goods go back to and who answers: address and contact, as far as they are recorded."""
    return " ".join(filter(None, (owner.address, owner.contact)))


def _in_brackets(words: str, language: str) -> str:
    return (f"（{words}）" if language == "zh" else f" ({words})") if words else ""


def ranges_of(scope: Scope, buyer: str | None) -> list[str]:
    """Return the ranges that a buyer has, or all of a recall, as `LOT 1–191`."""
    found = []
    for _, pack in scope.packs:
        if buyer is None:
            found.append(f"{pack.label_lot} 1–{pack.last}")
            continue
        held = (one for one in pack.stretches if one.buyer and one.buyer.code == buyer)
        found.extend(f"{pack.label_lot} {one.first}–{one.last}" for one in held)
    return [*found[:_MOST_RANGES], *(["…"] if len(found) > _MOST_RANGES else [])]


def day_of(moment: datetime) -> str:
    """Return a moment's day and hour in the country."""
    return moment.astimezone(COUNTRY).strftime("%Y-%m-%d %H:%M")
