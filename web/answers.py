"""An answer as JSON, and the warnings that go with it on every page."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from trace.stories import Story
from trace.stories.telling import Item
from trace.verdicts import Answer, Verdict
from web.language import Speech


@dataclass(frozen=True)
class Caution:
    """One thing the reader should know: a stable code, and the sentence."""

    code: str
    detail: str


def is_expired(answer: Answer, today: date) -> bool:
    """Return whether the pack is past its best-before date."""
    return answer.best_before is not None and answer.best_before < today


def list_warnings(answer: Answer, story: Story | None, speech: Speech, today: date) -> list[Caution]:
    """Return what the reader should know, the verdict's own warning first."""
    warnings = []
    if answer.verdict is not Verdict.GENUINE:
        facts = sentence_facts(answer, story)
        parts = (speech.say(f"verdict.{answer.verdict}.{part}", **facts) for part in ("headline", "body"))
        warnings.append(Caution(answer.verdict.value, speech.join(*parts)))
    if answer.best_before is not None and is_expired(answer, today):
        warnings.append(Caution("expired", speech.say("warning.expired", date=speech.day(answer.best_before))))
    if story is None:
        return warnings
    if not all(report.passed for report in story.reports):
        warnings.append(Caution("failed-test", speech.say("warning.failed-test")))
    if any(not village.name for village in story.villages):
        warnings.append(Caution("outside-source", speech.say("warning.outside-source")))
    if story.product.recalled_lots:
        lots = speech.listed(story.product.recalled_lots)
        warnings.append(Caution("recalled-lots", speech.say("warning.recalled-lots", lots=lots)))
    return warnings


def sentence_facts(answer: Answer, story: Story | None) -> dict[str, object]:
    """Return what the sentences of a verdict speak of."""
    packing = story.packing if story else None
    return {"issuer": packing.packer if packing else "", "lot": answer.code.lot or ""}


def present_answer(answer: Answer, story: Story | None, warnings: list[Caution]) -> dict[str, Any]:
    """Return the verdict as JSON says it (docs: the contract of `/01/…`)."""
    product, packing = (story.product, story.packing) if story else (None, None)
    return {
        "verdict": answer.verdict.value,
        "code": {"gtin": answer.code.gtin or None, "lot": answer.code.lot, "serial": answer.code.serial},
        "product": product
        and {"name": product.name, "grade": product.grade and product.grade.zh, "net_content_g": product.net_g},
        "brand": product and product.brand,
        "packed_on": packing and packing.packed_on.isoformat(),
        "best_before": packing and packing.best_before.isoformat(),
        "villages": [village.name for village in (story.villages if story else ()) if village.name],
        "steps": [
            {"step": step.step, "date": step.date.isoformat(), "party": step.party}
            for step in (story.steps if story else ())
        ],
        "tests": [_present_item(item) for report in (story.reports if story else ()) for item in report.items],
        "warnings": [warning.detail for warning in warnings],
    }


def _present_item(item: Item) -> dict[str, Any]:
    """Return one result; numbers as text, with their digits as reported."""
    return {
        "analyte": item.analyte.zh,
        "value": item.value if item.value is not None else item.words,
        "limit": item.limit,
        "unit": item.unit,
        "passed": item.passed,
    }
