"""The words of a dossier on paper: each part of it as a table, numbers as people read them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from api import trace_forms
from api.dossier_tables import ONLY_WHERE_ANY, TABLES, Counted, Word, kilograms, moment
from api.moments import zone_of
from api.speech import Speech
from labels.documents.dossier import DossierValues, Part
from labels.graphs.folding import fold
from labels.graphs.values import Draw, Graph
from trace.chains import Happening
from trace.dossiers import Dossier
from trace.records import Record
from trace.tracing import Trace
from trace.visibility import names_in

_MOST_BOXES = 45  # that can be read on a sheet


@dataclass(frozen=True)
class Asked:
    """Who asked for the paper, when, and under which link the lot has a page, if any."""

    who: str
    at: datetime
    link: str | None


def dossier_values(dossier: Dossier, asked: Asked, speech: Speech) -> DossierValues:
    """Return what stands on the paper."""
    lot = dossier.lot
    tellings = [
        trace_forms.Telling(trace, dossier.marks, dossier.parties, speech) for trace in (dossier.back, dossier.forward)
    ]
    signs = tellings[0].signs(lot["key"])
    return DossierValues(
        title=speech.say("dossier.title", lot=lot["code"]),
        below=speech.say("dossier.below"),
        warning=" · ".join(signs),
        facts=[(speech.say(f"column.{name}"), value) for name, value in _facts(dossier, asked, speech) if value],
        link=asked.link,
        link_words=speech.say("dossier.link"),
        parts=list(_parts(dossier, tellings[0], speech)),
        graph_heading=speech.say("dossier.part.graph"),
        graph=_graph(tellings, speech),
        more=speech.catalogue.text("dossier.more", speech.language),
        foot=speech.say("dossier.foot", lot=lot["code"], who=asked.who, at=moment(asked.at)),
    )


def _facts(dossier: Dossier, asked: Asked, speech: Speech) -> Iterator[tuple[str, str]]:
    lot = dossier.lot
    yield "lot", f"{lot['owner']}/{lot['code']}"
    yield "kind", speech.word("lot-kind", lot["kind"])
    yield "product_kind", " · ".join(filter(None, (lot["product_kind"], lot["grade"])))
    yield "party_name", dossier.parties.get(lot["owner"], lot["owner"])
    yield "date", str(lot["made_on"])
    yield "plot", " ".join(filter(None, (lot["village"], lot["plot"])))
    yield "declared_origin", lot["declared_origin"] or ""
    yield "initial", kilograms(lot["initial_g"])
    yield "stock", kilograms(lot["mass_g"]) + _units(lot["units"], speech)
    yield "uri", lot["uri"]
    yield "printed_at", moment(asked.at)
    yield "asked_by", asked.who


def _units(units: int | None, speech: Speech) -> str:
    return "" if units is None else f" · {speech.say('dossier.units', count=f'{units:,}')}"


def _graph(tellings: Sequence[trace_forms.Telling], speech: Speech) -> Graph:
    """Return where the lot came from and where it went as one graph."""
    graphs = [trace_forms.graph_of(telling) for telling in tellings]
    boxes = {key: box for graph in graphs for key, box in graph.boxes.items()}
    draws: dict[tuple[int, int], Draw] = {(draw.parent, draw.child): draw for graph in graphs for draw in graph.draws}
    return fold(
        Graph(boxes, list(draws.values())), speech.catalogue.text("trace.several", speech.language), _MOST_BOXES
    )


def _parts(dossier: Dossier, telling: trace_forms.Telling, speech: Speech) -> Iterator[Part]:
    yield _sources(dossier.back, telling, speech)
    for name in [one for one in TABLES if one not in {"sources", "chain"}]:
        rows = _rows(name, dossier, speech)
        if rows or name not in ONLY_WHERE_ANY:
            yield _part(name, rows, speech)
    yield _chain(dossier, speech)


def _rows(name: str, dossier: Dossier, speech: Speech) -> Sequence[Mapping[str, Any]]:
    """Return what stands in a part, a record or an analyte a row, in order of time."""
    if name == "works":
        works = [*dossier.parts["runs"], *dossier.parts["blends"]]
        return sorted(works, key=lambda work: (work["run_on"], work["key"]))
    rows = dossier.parts[name]
    if name == "results":
        return [{**result, "item": item} for result in rows for item in result["items"]]
    if name == "findings":
        return [{**finding, "said": _said(finding, speech)} for finding in rows]
    return sorted(rows, key=lambda row: row["shipped_on"]) if name == "shipments" else rows


def _part(name: str, rows: Sequence[Mapping[str, Any]], speech: Speech) -> Part:
    columns = TABLES[name]
    return Part(
        heading=speech.say(f"dossier.part.{name}"),
        head=[speech.say(f"column.{column.name}") for column in columns],
        rows=[[_shown(column.value(row), speech) for column in columns] for row in rows],
        widths=[column.width for column in columns],
        right=[place for place, column in enumerate(columns) if column.number],
        note="" if rows else speech.say("dossier.none"),
    )


def _sources(trace: Trace, telling: trace_forms.Telling, speech: Speech) -> Part:
    names = names_in(trace)
    rows = [
        {
            "lot": names[end.node.id],
            "date": end.node.made_on,
            "kind": speech.word("lot-kind", end.node.kind),
            "village": end.node.village,
            "party_name": telling.party(end.node),
            "mass_g": end.mass_g,
            "share": _percent(end.share),
            "bounds": f"{_percent(end.lower)}–{_percent(end.upper)}",
        }
        for end in trace.ends
    ]
    return replace(_part("sources", rows, speech), note=speech.say("dossier.sources", lots=len(rows)))


def _chain(dossier: Dossier, speech: Speech) -> Part:
    names = {**names_in(dossier.back), **names_in(dossier.forward)}
    rows = [_event(row, names[row.lot], speech) for row in dossier.happenings]
    return _part("chain", rows, speech)


def _event(row: Happening, lot: str, speech: Speech) -> Record:
    at = row.event_time.astimezone(zone_of(row.utc_offset))
    what = speech.word("what", row.noun)
    mode = speech.word("mode", row.mode) if row.mode else ""
    return {
        "at": f"{at:%Y-%m-%d %H:%M}",
        "what": what,
        "code": row.code,
        "lot": lot,
        "who": row.party_name,
        "mode": mode,
    }


def _said(finding: Record, speech: Speech) -> str:
    """Return what a finding says, where the reader may know; else that it holds the lot."""
    key = f"finding.{finding['rule']}"
    if finding["facts"] is None or not speech.catalogue.has(key, speech.language):
        return str(finding["rule"])
    return speech.catalogue.finding(finding["rule"], finding["facts"], speech.language)


def _shown(value: object, speech: Speech) -> str:
    """Return a value as text."""
    if isinstance(value, Counted):
        return speech.say(value.key, count=value.count)
    if isinstance(value, Word):
        return speech.word(value.scheme, value.code)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.2f}" if isinstance(value, float) else "" if value is None else str(value)


def _percent(share: float) -> str:
    return f"{share:.1%}"
