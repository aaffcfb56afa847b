"""Read stories, and keep those told last."""

import threading
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone

from sqlalchemy.orm import Session

from trace.mixing import Edge, Node, weigh_sources
from trace.stories.rows import Parts, Row, read_parts
from trace.stories.telling import Item, Packing, Product, Report, Step, Story, VillageShare, Word, place_in_chain
from trace.verdicts import Answer

KEPT = 512  # stories a process keeps, some 20 kB each


class StoryShelf:
    """The stories a process told last, each kept until its lot has a new revision or others are asked for."""

    def __init__(self, size: int = KEPT) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._stories: OrderedDict[tuple[int | None, int | None], tuple[int, Story]] = OrderedDict()

    def get_story(self, session: Session, answer: Answer) -> Story:
        """Return the story behind an answer that is ours: kept, or by one statement."""
        key = (answer.trade_item_id, answer.pack_id)
        with self._lock:
            revision, story = self._stories.get(key, (-1, None))
            if story is not None and revision == answer.revision:
                self._stories.move_to_end(key)
                return story
        story = read_story(session, answer)
        with self._lock:
            self._stories[key] = (answer.revision, story)
            while len(self._stories) > self._size:
                self._stories.popitem(last=False)
        return story


def read_story(session: Session, answer: Answer) -> Story:
    """Return the story of a pack, or of a product alone where the code names no lot. One statement."""
    parts = read_parts(session, answer)
    product = _product(parts["product"][0], parts["recalled"])
    if answer.pack_id is None:
        return Story(product=product)
    packing, reports = _packing(parts["pack"][0]), _reports(parts["item"])
    return Story(
        product=product,
        packing=packing,
        villages=_villages(answer.lot_id or 0, parts["lot"], parts["edge"]),
        cultivars=_words((row.texts[5], row.texts[6]) for row in parts["lot"]),
        steps=_steps(parts, packing, reports),
        work=_words(row.texts[:2] for row in sorted(parts["work"], key=lambda row: row.numbers[0] or 0)),
        reports=reports,
        certificates=parts["certified"][0].numbers[0] or 0,
    )


def _word(zh: str | None, en: str | None) -> Word:
    return Word(zh or "", en or zh or "")


def _words(pairs: Iterable[Sequence[str | None]]) -> tuple[Word, ...]:
    """Return the words named, each once, in the order given."""
    return tuple(dict.fromkeys(_word(zh, en) for zh, en in pairs if zh))


def _day(written: str | None) -> date:
    return date.fromisoformat(written or "")


def _local_day(moment: str | None, offset: str | None) -> date:
    """Return the day a moment had where it happened. SQLite writes UTC without saying so."""
    at = datetime.fromisoformat(moment or "")
    sign, hours, minutes = (offset or "+00:00")[0], *(offset or "+00:00")[1:].split(":")
    away = timedelta(hours=int(hours), minutes=int(minutes))
    zone = timezone(-away if sign == "-" else away)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone).date()


def _product(row: Row, recalled: Iterable[Row]) -> Product:
    name, grade, grade_en, brand, owner, gtin, packaging, standard, ingredients, storage, _ = row.texts
    return Product(
        name=name or "",
        grade=_word(grade, grade_en) if grade else None,
        net_g=row.numbers[0] or 0,
        brand=brand or "",
        brand_owner=owner or "",
        gtin=gtin,
        packaging=packaging,
        standard=standard,
        ingredients=ingredients,
        storage=storage,
        shelf_life_months=row.numbers[1],
        recalled_lots=tuple(sorted(other.texts[0] or "" for other in recalled)),
    )


def _packing(row: Row) -> Packing:
    lot, packed_on, best_before, packer, licence, kind, *_ = row.texts
    return Packing(
        lot=lot or "",
        packed_on=_day(packed_on),
        best_before=_day(best_before),
        packer=packer or "",
        licence=licence,
        kind=kind,
    )


def _villages(root: int, lots: Iterable[Row], edges: Iterable[Row]) -> tuple[VillageShare, ...]:
    """Return the villages of the sources, largest share first."""
    nodes, heights = {}, {}
    drawn = [Edge(row.numbers[0] or 0, row.numbers[1] or 0, "", row.numbers[2] or 0) for row in edges]
    entered: Counter[int] = Counter()
    for edge in drawn:
        entered[edge.child] += edge.mass_g
    for row in lots:
        kind, made_on, _, village, town, *_ = row.texts
        id_, initial_g, height = row.numbers
        lot = id_ or 0
        grams = initial_g or 0, entered[lot]
        nodes[lot] = Node(lot, "", kind or "", made_on or "", *grams, 0, None, "", None, village)
        heights[village or ""] = (town, height)
    shares: dict[str, float] = defaultdict(float)
    for end in weigh_sources(root, nodes, drawn):
        shares[end.node.village or ""] += end.share
    return tuple(
        VillageShare(name, heights[name][0], share, heights[name][1])
        for name, share in sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    )


def _steps(parts: Parts, packing: Packing, reports: Iterable[Report]) -> tuple[Step, ...]:
    """Return every step once a day and party, in order of time and chain."""
    steps = [Step(row.texts[0] or "", _day(row.texts[1]), row.texts[2]) for row in parts["step"]]
    steps += [Step("picking", _day(row.texts[1]), row.texts[2]) for row in parts["lot"] if row.texts[0] == "leaf"]
    steps += [Step("testing", report.reported_on, report.laboratory) for report in reports]
    steps += [Step("recall", _local_day(*row.texts[:2]), row.texts[2]) for row in parts["recall"]]
    steps.append(Step("packing", packing.packed_on, packing.packer))
    return tuple(sorted(set(steps), key=lambda step: (step.date, place_in_chain(step.step), step.party or "")))


def _reports(rows: Iterable[Row]) -> tuple[Report, ...]:
    """Return the reports, oldest first, their items as they came."""
    by_report: dict[int, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.texts[0] or "", row.numbers[0] or 0, row.numbers[1] or 0)):
        by_report[row.numbers[0] or 0].append(row)
    return tuple(
        Report(
            reported_on=_day(few[0].texts[0]),
            laboratory=few[0].texts[1] or "",
            purpose=few[0].texts[2] or "",
            items=tuple(_item(row) for row in few),
        )
        for few in by_report.values()
    )


def _item(row: Row) -> Item:
    _, _, _, analyte, analyte_en, value, words, unit, limit, basis, passed = row.texts
    return Item(_word(analyte, analyte_en), value, words, unit, limit, basis, passed in ("1", "true", "t"))
