"""The forms of a trace beside the plain one: a tree, a drawing, a workbook. All show what the trace itself may."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from api.moments import zone_of
from api.speech import Speech, columns
from api.workbooks import Kind, Sheet
from labels.graphs.values import Box, Draw, Graph, Sign, Words
from trace.chains import Happening, Mark
from trace.mixing import Node
from trace.tracing import Trace
from trace.trees import Branch, Tree
from trace.visibility import names_in


@dataclass(frozen=True)
class Telling:
    """A trace with all that is told beside its grams."""

    trace: Trace
    marks: Mapping[int, Sequence[Mark]]
    parties: Mapping[str, str]  # names by code
    speech: Speech

    def party(self, node: Node) -> str:
        """Return the public name of whose lot it is, as far as it is told."""
        return self.parties.get(node.party, node.party) if node.party else ""

    def signs(self, lot: int) -> list[str]:
        """Return the words for what stands in a lot's way."""
        return [self.speech.word("sign", mark) for mark in self.marks.get(lot, ())]

    @property
    def title(self) -> str:
        """Return what the trace is called."""
        return self.speech.say(f"trace.title.{self.trace.direction}", lot=self.trace.lot.code)

    @property
    def size(self) -> str:
        """Return in words how much was traced."""
        facts = {"lots": len(self.trace.nodes), "ends": len(self.trace.ends)}
        return self.speech.say(f"trace.size.{self.trace.direction}", **facts)


def words_of(telling: Telling) -> Words:
    """Return the words around the drawing."""
    text = telling.speech.catalogue.text
    language = telling.speech.language
    return Words(
        title=telling.title,
        description=telling.size,
        several=text("trace.several", language),
        folded=text("trace.folded", language),
    )


def graph_of(telling: Telling) -> Graph:
    """Return a trace as boxes and draws; several draws between two lots are one."""
    trace, names = telling.trace, names_in(telling.trace)
    boxes = {
        node.id: Box(
            key=node.id,
            kind=node.kind,
            name=names[node.id],
            kind_word=telling.speech.word("lot-kind", node.kind),
            day=node.made_on,
            who=telling.party(node),
            where=node.village or "",
            mass_g=node.initial_g,
            signs=[Sign(mark.value, telling.speech.word("sign", mark)) for mark in telling.marks.get(node.id, ())],
            chosen=node.id == trace.lot.id,
        )
        for node in trace.nodes.values()
    }
    grams: dict[tuple[int, int], int] = {}
    for edge in trace.edges:
        grams[edge.parent, edge.child] = grams.get((edge.parent, edge.child), 0) + edge.mass_g
    return Graph(boxes, [Draw(parent, child, mass_g) for (parent, child), mass_g in grams.items()])


def present_tree(tree: Tree, telling: Telling) -> dict[str, Any]:
    """Return the tree as JSON says it. Walks without recursion: a chain may be longer than Python's stack."""
    names = names_in(telling.trace)
    ends = {end.node.id: end for end in telling.trace.ends}
    shown: dict[str, Any] = {}
    waiting = [(tree.root, shown)]
    while waiting:
        branch, into = waiting.pop()
        into.update(_present_branch(branch, telling, names[branch.node.id]))
        if (end := ends.get(branch.node.id)) and not branch.repeated:
            into.update({name: getattr(end, name) for name in ("share", "lower", "upper", "depth")})
        into["branches"] = [{} for _ in branch.branches]
        waiting.extend(zip(branch.branches, into["branches"], strict=True))
    return {
        "lot": names[telling.trace.lot.id],
        "direction": telling.trace.direction.value,
        "lots": tree.lots,
        "shown": tree.shown,
        "tree": shown,
    }


def _present_branch(branch: Branch, telling: Telling, name: str) -> dict[str, Any]:
    """Return a lot of the tree; one that is unfolded elsewhere is only named."""
    drawn = {"lot": name, "event": branch.event, "drawn_g": branch.drawn_g, "repeated": branch.repeated}
    if branch.repeated:
        return drawn
    node = branch.node
    return {
        **drawn,
        "kind": node.kind,
        "date": node.made_on,
        "party": node.party,
        "party_name": telling.party(node) or None,
        "plot": node.plot,
        "village": node.village,
        "mass_g": node.initial_g,
        "signs": [mark.value for mark in telling.marks.get(node.id, ())],
        "not_shown": branch.not_shown,
    }


_T = Kind.TEXT
_LOT = {"lot": _T, "kind": _T, "date": Kind.DAY, "party": _T, "party_name": _T, "village": _T, "plot": _T}
_MASS = {"mass_kg": Kind.KILOGRAMS, "mass_g": Kind.WHOLE}
_SHARES = {"share": Kind.SHARE, "lower": Kind.SHARE, "upper": Kind.SHARE, "depth": Kind.WHOLE}
_EDGE = {"from": _T, "to": _T, **_MASS, "event": _T}
_RECORDED = {"recorded_at": Kind.MOMENT, "mode": _T, "party": _T, "party_name": _T, "event": _T}
_EVENT = {"noun": _T, "record": _T, "lot": _T, "happened_at": _T, **_RECORDED}


def sheets_of(telling: Telling, happenings: Sequence[Happening]) -> Iterator[Sheet]:
    """Yield the sheets of the workbook: summary, ends, lots, draws, events."""
    speech, trace, names = telling.speech, telling.trace, names_in(telling.trace)

    def sheet(name: str, kinds: Mapping[str, Kind], rows: Iterator[Sequence[object]]) -> Sheet:
        return Sheet(speech.catalogue.text(f"sheet.{name}", speech.language), columns(speech.catalogue, kinds), rows)

    yield sheet("summary", {"fact": _T, "value": Kind.NUMBER}, _summary(telling, happenings))
    ends = (
        [*_lot(telling, names, end.node), end.mass_g, *end[1:], "、".join(telling.signs(end.node.id))]
        for end in trace.ends
    )
    yield sheet(f"ends.{trace.direction}", {**_LOT, **_MASS, **_SHARES, "signs": _T}, ends)
    lots = (
        [*_lot(telling, names, node), node.initial_g, node.initial_g, "、".join(telling.signs(node.id))]
        for node in sorted(trace.nodes.values(), key=lambda node: (node.made_on, node.code, node.id))
    )
    yield sheet("lots", {**_LOT, **_MASS, "signs": _T}, lots)
    edges = ([names[edge.parent], names[edge.child], edge.mass_g, edge.mass_g, edge.event] for edge in trace.edges)
    yield sheet("edges", _EDGE, edges)
    yield sheet("events", _EVENT, (_event(row, names, speech) for row in happenings))


def _summary(telling: Telling, happenings: Sequence[Happening]) -> Iterator[Sequence[object]]:
    trace, speech = telling.trace, telling.speech
    root = trace.lot
    facts: dict[str, object] = {
        "title": telling.title,
        "lot": root.code,
        "kind": speech.word("lot-kind", root.kind),
        "date": root.made_on,
        "party_name": telling.party(root),
        "mass_kg": Decimal(root.initial_g) / 1000,
        "signs": "、".join(telling.signs(root.id)),
        "lots": len(trace.nodes),
        "ends": len(trace.ends),
        "edges": len(trace.edges),
        "events": len(happenings),
    }
    return ([speech.say(f"column.{name}"), value] for name, value in facts.items())


def _lot(telling: Telling, names: Mapping[int, str], node: Node) -> list[object]:
    kind = telling.speech.word("lot-kind", node.kind)
    day = date.fromisoformat(node.made_on)
    return [names[node.id], kind, day, node.party, telling.party(node), node.village, node.plot]


def _event(row: Happening, names: Mapping[int, str], speech: Speech) -> list[object]:
    at = row.event_time.astimezone(zone_of(row.utc_offset)).strftime("%Y-%m-%d %H:%M %z")
    what = speech.word("what", row.noun)
    mode = speech.word("mode", row.mode) if row.mode else None
    return [what, row.code, names[row.lot], at, row.recorded_at, mode, row.party, row.party_name, row.event]
