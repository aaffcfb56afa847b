"""Judge what a season recorded: bring the facts from the tables, let the rules speak, keep what they find."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from trace.conformity import CertifiedLot
from trace.findings import Judgement, NewFinding, raise_findings
from trace.inputs import InputProduct, InputUse
from trace.intakes import Intake
from trace.lineage import LineageEdge
from trace.lots import Lot, LotKind
from trace.parties import Licence, Party
from trace.pickings import Picking
from trace.quality import Result, ResultItem, Sample
from trace.recalls import Recall
from trace.rules import codes, conversion, interval, residue
from trace.runs import Run
from trace.seasons import SeasonRecord

T = TypeVar("T", Lot, Picking, Run)


def judge_season(session: Session, season: int) -> None:
    """Judge a season's pickings, runs and results, and keep the findings."""
    called = {id_: [code] for code, id_ in _records(session, season, "lot").items()}
    called |= {id_: [code] for id_, code in _by_product_codes(session, season).items()}
    for lot, names in _called(session, season, "runs", Run.output_lot_id, Run.id).items():
        called[lot][:0] = names
    news = [
        *_registrations(session, season),
        *_pickings(session, season),
        *_runs(session, season),
        *_results(session, season),
    ]
    raise_findings(session, news, called)


def _records(session: Session, season: int, noun: str) -> dict[str, int]:
    query = select(SeasonRecord.alias, SeasonRecord.record_id).where(
        SeasonRecord.season_id == season, SeasonRecord.noun == noun
    )
    return dict(session.execute(query).all())


def _by_product_codes(session: Session, season: int) -> dict[int, str]:
    """Return the codes of the by-product lots, which the file has no id for."""
    mine = select(SeasonRecord.record_id).where(SeasonRecord.season_id == season, SeasonRecord.noun == "lot")
    query = (
        select(Lot.id, Lot.code)
        .join(LineageEdge, LineageEdge.child_id == Lot.id)
        .where(Lot.kind == LotKind.BY_PRODUCT, LineageEdge.parent_id.in_(mine))
        .distinct()
    )
    return dict(session.execute(query).all())


def _named(judgements: Iterable[Judgement], names: dict[int, str]) -> Iterable[tuple[Judgement, str]]:
    return ((judgement, names[judgement.record]) for judgement in judgements)


def _registrations(session: Session, season: int) -> list[NewFinding]:
    names = {
        id_: alias for noun in ("cooperatives", "plants") for alias, id_ in _records(session, season, noun).items()
    }
    numbers = defaultdict(list)
    licences = select(Licence.party_id, Licence.number).order_by(Licence.number)
    for party, number in session.execute(licences.where(Licence.party_id.in_(names))):
        numbers[party].append(number)
    parties = session.execute(select(Party.id, Party.uscc).where(Party.id.in_(names)).order_by(Party.id))
    facts = [codes.Registered(party, uscc, numbers[party]) for party, uscc in parties]
    return [
        NewFinding(judgement=judgement, record=name, party_id=judgement.record, season_id=season, lots=[])
        for judgement, name in _named(codes.judge(facts), names)
    ]


def _pickings(session: Session, season: int) -> list[NewFinding]:
    names = {id_: alias for alias, id_ in _records(session, season, "harvests").items()}
    rows = {row.id: row for row in _season_rows(session, Picking, season, "harvests")}
    lots = {lot.id: lot for lot in _season_rows(session, Lot, season, "lot")}
    certificates = _called(session, season, "certificates", CertifiedLot.lot_id, CertifiedLot.certificate_id)
    plots = select(Picking.plot_id).where(_is_of(season, "harvests", Picking.id))
    query = (
        select(InputUse, InputProduct)
        .join(InputProduct, InputUse.product_id == InputProduct.id)
        .where(InputUse.plot_id.in_(plots))
    )
    uses = [
        interval.Used(
            code=use.code,
            plot_id=use.plot_id,
            used_on=use.used_on,
            product=product.name,
            kind=product.kind,
            active=product.active,
            interval_days=product.interval_days,
        )
        for use, product in session.execute(query)
    ]
    facts = [interval.Picked(row.id, row.plot_id, row.picked_on, lots[row.lot_id].crop) for row in rows.values()]
    return [
        NewFinding(
            judgement=judgement,
            record=name,
            party_id=lots[rows[judgement.record].lot_id].party_id,
            season_id=season,
            lots=[rows[judgement.record].lot_id],
            also=certificates.get(rows[judgement.record].lot_id, ()),
        )
        for judgement, name in _named(interval.judge(facts, uses), names)
    ]


def _called(
    session: Session, season: int, noun: str, key: InstrumentedAttribute[Any], row: InstrumentedAttribute[int]
) -> dict[int, list[str]]:
    """Return what the season's file calls the records of a noun, by what they concern."""
    query = (
        select(key, SeasonRecord.alias)
        .join(SeasonRecord, SeasonRecord.record_id == row)
        .where(SeasonRecord.season_id == season, SeasonRecord.noun == noun)
        .order_by(SeasonRecord.alias)
    )
    names = defaultdict(list)
    for concerned, alias in session.execute(query):
        names[concerned].append(alias)
    return names


def _season_rows(session: Session, table: type[T], season: int, noun: str) -> list[T]:
    query = (
        select(table)
        .join(SeasonRecord, SeasonRecord.record_id == table.id)
        .where(SeasonRecord.season_id == season, SeasonRecord.noun == noun)
        .order_by(table.id)
    )
    return list(session.scalars(query))


def _is_of(season: int, noun: str, column: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Hold for the rows of a noun that a season brought."""
    records = select(SeasonRecord.record_id).where(SeasonRecord.season_id == season, SeasonRecord.noun == noun)
    return column.in_(records)


def _outputs(session: Session, season: int) -> dict[int, list[int]]:
    """Return for each run the lots it made, its by-product among them."""
    query = (
        select(Run.id, LineageEdge.child_id)
        .join(LineageEdge, LineageEdge.event_id == Run.event_id)
        .where(_is_of(season, "runs", Run.id))
        .distinct()
        .order_by(LineageEdge.child_id)
    )
    made = defaultdict(list)
    for run, lot in session.execute(query):
        made[run].append(lot)
    return made


def _runs(session: Session, season: int) -> list[NewFinding]:
    names = {id_: alias for alias, id_ in _records(session, season, "runs").items()}
    rows = {row.id: row for row in _season_rows(session, Run, season, "runs")}
    made = _outputs(session, season)
    drawn = (
        select(LineageEdge.child_id, LineageEdge.mass_g, Intake.moisture_percent, Lot.crop)
        .join(Intake, Intake.lot_id == LineageEdge.parent_id)
        .join(Lot, Lot.id == Intake.lot_id)
        .join(Run, Run.output_lot_id == LineageEdge.child_id)
        .where(_is_of(season, "runs", Run.id))
    )
    inputs = defaultdict(list)
    crops: dict[int, str | None] = {}
    for child, mass_g, moisture, crop in session.execute(drawn):
        inputs[child].append((mass_g, moisture))
        crops[child] = crop
    facts = [
        conversion.Ran(
            id=row.id,
            crop=crops.get(row.output_lot_id),
            inputs=inputs[row.output_lot_id],
            output_g=row.output_g,
            by_product_g=row.by_product_g,
            sample_g=row.sample_g,
            moisture_percent=row.moisture_percent,
        )
        for row in rows.values()
    ]
    return [
        NewFinding(
            judgement=judgement,
            record=name,
            party_id=rows[judgement.record].plant_id,
            season_id=season,
            lots=made[judgement.record],
        )
        for judgement, name in _named(conversion.judge(facts), names)
    ]


def _results(session: Session, season: int) -> list[NewFinding]:
    names = {id_: alias for alias, id_ in _records(session, season, "tests").items()}
    mine = select(SeasonRecord.record_id).where(SeasonRecord.season_id == season, SeasonRecord.noun == "tests")
    query = (
        select(ResultItem, Result, Sample, Lot)
        .join(Result, ResultItem.result_id == Result.id)
        .join(Sample, Result.sample_id == Sample.id)
        .join(Lot, Sample.lot_id == Lot.id)
        .where(Result.id.in_(mine))
        .order_by(ResultItem.id)
    )
    recalls = _called(session, season, "recalls", Recall.result_id, Recall.id)
    facts, lots = [], {}
    for item, result, sample, lot in session.execute(query):
        lots[result.id] = lot
        facts.append(
            residue.Found(
                id=result.id,
                crop=lot.crop,
                sampled_on=sample.sampled_on,
                analyte=item.analyte,
                value=item.value,
                unit=item.unit,
                stated_limit=item.limit_value,
                stated_basis=item.limit_basis,
            )
        )
    return [
        NewFinding(
            judgement=judgement,
            record=name,
            party_id=lots[judgement.record].party_id,
            season_id=season,
            lots=[lots[judgement.record].id],
            also=recalls.get(judgement.record, ()),
        )
        for judgement, name in _named(residue.judge(facts), names)
    ]
