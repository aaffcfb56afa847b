"""The totals of one season, recomputed from the tables: the file's own words are never repeated."""

from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from trace.intakes import Intake
from trace.lots import Lot
from trace.mass import kilograms
from trace.packs import Pack
from trace.parties import Party
from trace.pickings import Picking
from trace.places import Village
from trace.quality import Result
from trace.runs import Run
from trace.seasons import SeasonPlot, SeasonRecord
from trace.units import UnitRange, units_out

COUNTED = {
    "villages": "villages",
    "cooperatives": "cooperatives",
    "plants": "plants",
    "brands": "brands",
    "farmers": "farmers",
    "plots": "plots",
    "inputs": "inputs",
    "harvests": "harvests",
    "certificates": "certificates",
    "intakes": "intakes",
    "runs": "runs",
    "lots": "lots",
    "packs": "packs",
    "tests": "tests",
}


Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])


def _of(season: int, noun: str, query: Query, column: Any) -> Query:
    """Narrow a query to the records of one noun of one season."""
    return query.join(SeasonRecord, SeasonRecord.record_id == column).where(
        SeasonRecord.season_id == season, SeasonRecord.noun == noun
    )


def season_totals(session: Session, season: int) -> dict[str, Any]:
    """Return the totals under the names of `expected_totals`; masses in kg, areas in declared mu."""
    totals: dict[str, Any] = _counts(session, season)
    totals |= _areas(session, season) | _leaf(session, season) | _made_tea(session, season) | _packed(session, season)
    failed = _of(season, "tests", select(func.count()).select_from(Result), Result.id).where(
        Result.passed.is_(False), Result.undone_at.is_(None)
    )
    totals["failed_tests"] = session.scalar(failed)
    return totals


def _counts(session: Session, season: int) -> dict[str, int]:
    query = select(SeasonRecord.noun, func.count()).where(SeasonRecord.season_id == season).group_by(SeasonRecord.noun)
    found = dict(session.execute(query).all())
    return {name: found.get(noun, 0) for name, noun in COUNTED.items()}


def _areas(session: Session, season: int) -> dict[str, Decimal]:
    """Sum declared areas as decimals: the column keeps digits, not floats."""
    query = select(SeasonPlot.area_mu, SeasonPlot.clonal).where(SeasonPlot.season_id == season)
    plots = session.execute(query).all()
    return {
        "plot_area_mu": sum((area for area, _ in plots), Decimal()),
        "clonal_area_mu": sum((area for area, clonal in plots if clonal), Decimal()),
    }


def _leaf(session: Session, season: int) -> dict[str, Any]:
    rows = session.execute(
        _of(
            season,
            "harvests",
            select(Picking.mass_g, Picking.picked_on, Picking.pluck_standard, Village.id).join(
                SeasonPlot, and_(SeasonPlot.plot_id == Picking.plot_id, SeasonPlot.season_id == season)
            ),
            Picking.id,
        )
        .join(Village, Village.id == SeasonPlot.village_id)
        .where(Picking.undone_at.is_(None))
    ).all()
    alias = select(SeasonRecord.record_id, SeasonRecord.alias).where(
        SeasonRecord.season_id == season, SeasonRecord.noun == "villages"
    )
    villages = dict(session.execute(alias).all())
    received = _of(season, "intakes", select(func.sum(Intake.received_g)), Intake.id).where(Intake.undone_at.is_(None))
    return {
        "fresh_kg": kilograms(sum(row[0] for row in rows)),
        "received_kg": _kilograms(session.scalar(received)),
        "fresh_kg_by_village": _grouped(
            (villages.get(village, str(village)), mass_g) for mass_g, _, _, village in rows
        ),
        "fresh_kg_by_month": _grouped((f"{picked_on:%Y-%m}", mass_g) for mass_g, picked_on, _, _ in rows),
        "fresh_kg_by_pluck_standard": _grouped((standard, mass_g) for mass_g, _, standard, _ in rows),
    }


def _kilograms(sum_g: int | None) -> Decimal:
    return kilograms(int(sum_g or 0))  # PostgreSQL gives sums of 64-bit numbers as decimals


def _grouped(pairs: Any) -> dict[str, Decimal]:
    sums: dict[str, int] = {}
    for name, mass_g in pairs:
        sums[name] = sums.get(name, 0) + mass_g
    return {name: kilograms(mass_g) for name, mass_g in sorted(sums.items())}


def _made_tea(session: Session, season: int) -> dict[str, Any]:
    made = _of(season, "runs", select(Run.output_g, Run.plant_id), Run.id).where(Run.undone_at.is_(None))
    runs = session.execute(made).all()
    finished = _of(season, "lots", select(func.sum(Lot.initial_g), func.sum(Lot.mass_g)), Lot.id)
    made_g, left_g = session.execute(finished).one()
    plants = _of(season, "plants", select(Party.id, SeasonRecord.alias), Party.id)
    names = dict(session.execute(plants).all())
    return {
        "made_tea_kg": kilograms(sum(mass_g for mass_g, _ in runs)),
        "made_tea_kg_by_plant": _grouped((names.get(plant, str(plant)), mass_g) for mass_g, plant in runs),
        "finished_kg": _kilograms(made_g),
        "bulk_stock_kg": _kilograms(left_g),
    }


def _packed(session: Session, season: int) -> dict[str, int]:
    packs = select(func.sum(Pack.units), func.sum(Lot.units)).join(Lot, Lot.id == Pack.lot_id)
    units, in_stock = session.execute(_of(season, "packs", packs, Pack.id).where(Pack.undone_at.is_(None))).one()
    shipped = _of(season, "packs", select(units_out()), UnitRange.pack_id)
    return {
        "units": int(units or 0),
        "units_in_stock": int(in_stock or 0),
        "units_shipped": int(session.scalar(shipped) or 0),
    }
