"""The chain of a season: each array becomes commands for the slice's own verb, the same that every door calls."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from trace.conformity import Certify, ConformityCertificate, record_certificates
from trace.db import portions
from trace.events import HISTORY
from trace.inputs import UseInput, use_inputs
from trace.intakes import TakeIn, record_intakes
from trace.lots import Lot, LotKind
from trace.packs import PackTea, record_packs
from trace.parties import Party
from trace.pickings import Pick, record_pickings
from trace.quality import Measured, Report, Sampled, passes, record_results
from trace.recalls import Recall, StartRecall, start_recalls
from trace.runs import MakeTea, Run, record_runs
from trace.season import loading as hours
from trace.season.balance import position
from trace.season.loading import Loading, Row
from trace.season.releases import load_releases
from trace.shipments import Ship, record_shipments
from trace.units import Units


def load_chain(loading: Loading) -> None:
    """Record everything that happened, in the order of the chain."""
    steps: tuple[Callable[[Loading], object], ...] = (
        _load_inputs,
        _load_pickings,
        _load_certificates,
        _load_intakes,
        _load_runs,
        _load_blends,
        _load_packs,
        _load_results,
        load_releases,
        _load_shipments,
        _load_recalls,
    )
    for step in steps:
        step(loading)


def _grower_of(loading: Loading, plot: Row) -> Party:
    """Return who records for a plot: its co-operative, else its holder, else the town."""
    party = loading.parties.get(plot["coop"]) or loading.parties.get(plot["holder"]) or loading.town_party
    assert party is not None  # noqa: S101 -- the town is loaded first
    return party


def _by_id(rows: list[Row]) -> dict[str, Row]:
    return {row["id"]: row for row in rows}


def _load_inputs(loading: Loading) -> None:
    plots, rows = _by_id(loading.arrays["plots"]), loading.arrays["inputs"]
    commands = []
    for row in rows:
        plot, product = loading.rows["plots"][row["plot"]], loading.rows["input_products"][row["product"]]
        operator = loading.parties.get(row["operator"])
        same = ("per_mu", "unit", "area_mu", "total", "target", "supplier")
        commands.append(
            UseInput(
                code=row["id"],
                plot_id=plot.id,
                plot_code=plot.code,
                product_id=product.id,
                product_code=product.code,
                used_on=row["date"],
                used_at=loading.at(row["date"], hours.FIELD_WORK),
                recorder_id=_grower_of(loading, plots[row["plot"]]).id,
                operator_id=operator.id if operator else None,
                **{name: row[name] for name in same},
            )
        )
    loading.keep("inputs", rows, use_inputs(loading.session, commands, HISTORY))


def _keep_lots(loading: Loading, rows: list[Row], lots: list[Lot]) -> None:
    loading.lots.update({row["id"]: lot for row, lot in zip(rows, lots, strict=True)})


def _lots_of(loading: Loading, records: list[Any], name: str = "lot_id") -> list[Lot]:
    ids = [getattr(record, name) for record in records]
    found = {
        lot.id: lot for few in portions(ids) for lot in loading.session.scalars(select(Lot).where(Lot.id.in_(few)))
    }
    return [found[id_] for id_ in ids]


def _load_pickings(loading: Loading) -> None:
    plots, rows = _by_id(loading.arrays["plots"]), loading.arrays["harvests"]
    crops = {code: row["product"] for row in loading.arrays["certificates"] for code in row["harvests"]}
    owners = [_grower_of(loading, plots[row["plot"]]) for row in rows]
    codes = loading.lot_codes([(owner.id, row["id"]) for owner, row in zip(owners, rows, strict=True)])
    commands = [
        Pick(
            code=code,
            party_id=owner.id,
            party_code=owner.code,
            plot_id=loading.rows["plots"][row["plot"]].id,
            plot_code=loading.rows["plots"][row["plot"]].code,
            picked_at=loading.at(row["date"], hours.PICKED),
            mass_g=row["fresh_kg"],
            pluck_standard=row["pluck_standard"],
            grade=row["grade_in"],
            method=row["method"],
            crop=crops.get(row["id"]),
            weather=row["weather"],
            pickers=row["pickers"],
            claim=row["claim"],
        )
        for row, owner, code in zip(rows, owners, codes, strict=True)
    ]
    pickings = record_pickings(loading.session, commands, HISTORY)
    loading.keep("harvests", rows, pickings)
    _keep_lots(loading, rows, _lots_of(loading, pickings))


def _load_certificates(loading: Loading) -> None:
    rows = loading.arrays["certificates"]
    owned = [(loading.parties[row["issuer"]].id, row["id"]) for row in rows]
    codes = loading.codes(ConformityCertificate, ConformityCertificate.issuer_id, owned)
    commands = [
        Certify(
            code=code,
            issuer_id=loading.parties[row["issuer"]].id,
            issuer_code=loading.parties[row["issuer"]].code,
            issuer_form=row["issuer_type"] or "producer",
            product=row["product"],
            origin=row["origin"],
            issued_at=loading.at(row["issued"], hours.PICKED),
            basis=row["basis"],
            mass_g=row["quantity_kg"],
            lots=[(loading.lots[id_].id, loading.lots[id_].uri) for id_ in row["harvests"]],
        )
        for row, code in zip(rows, codes, strict=True)
    ]
    loading.keep("certificates", rows, record_certificates(loading.session, commands, HISTORY))


def _load_intakes(loading: Loading) -> None:
    rows, leaf = loading.arrays["intakes"], _by_id(loading.arrays["harvests"])
    plants = [loading.parties[row["plant"]] for row in rows]
    codes = loading.lot_codes([(plant.id, row["id"]) for plant, row in zip(plants, rows, strict=True)])
    commands = []
    for row, plant, code in zip(rows, plants, codes, strict=True):
        certificate = loading.rows["certificates"].get(row["certificate"])
        commands.append(
            TakeIn(
                code=code,
                receiver_id=plant.id,
                receiver_code=plant.code,
                supplier_id=loading.parties[row["coop"]].id,
                supplier_code=loading.parties[row["coop"]].code,
                certificate_id=certificate.id if certificate else None,
                handed_over_at=loading.at(row["date"], hours.HANDED_OVER),
                received_at=loading.at(row["date"], hours.TAKEN_IN),
                taken=[(loading.lots[id_].uri, leaf[id_]["fresh_kg"]) for id_ in row["harvests"]],
                received_g=row["received_kg"],
                moisture_percent=row["moisture_pct"],
                price_yuan_per_kg=row["price_yuan_per_kg"],
                pluck_standard=row["pluck_standard"],
                grade=row["grade_in"],
                crop=loading.lots[row["harvests"][0]].crop,
                weather=row["weather"],
            )
        )
    intakes = record_intakes(loading.session, commands, HISTORY)
    loading.keep("intakes", rows, intakes)
    _keep_lots(loading, rows, _lots_of(loading, intakes))


def _plain_step(step: Row) -> dict[str, Any]:
    """Return what a step measured, with decimals as text."""
    return {key: _as_text(value) for key, value in step.items() if key != "step"}


def _as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_text(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_as_text(child) for child in value]
    return str(value) if isinstance(value, Decimal) else value


def _load_runs(loading: Loading) -> None:
    """Record runs; the made-tea lot is known by the batch's id, its by-product by the run's with `-BP`."""
    rows, batches = loading.arrays["runs"], loading.arrays["batches"]
    batch_of = {row["run"]: row for row in batches}
    plants = [loading.parties[row["plant"]] for row in rows]
    made = loading.lot_codes([(plant.id, row["output"]["batch"]) for plant, row in zip(plants, rows, strict=True)])
    left = loading.lot_codes([(plant.id, f"{row['id']}-BP") for plant, row in zip(plants, rows, strict=True)])
    codes = loading.codes(Run, Run.plant_id, [(plant.id, row["id"]) for plant, row in zip(plants, rows, strict=True)])
    commands = [
        MakeTea(
            code=code,
            step="run",
            plant_id=plant.id,
            plant_code=plant.code,
            done_at=loading.at(row["date"], hours.RUN),
            taken=[(loading.lots[part["intake"]].uri, part["kg"]) for part in row["intakes"]],
            output_code=output,
            output_kind=LotKind.MADE,
            output_g=row["output"]["kg"],
            by_product_code=by_product,
            by_product_g=row["byproduct_kg"],
            sample_g=row["retained_sample_kg"],
            lost=("water", row["water_and_loss_kg"]),
            grade=batch_of.get(row["id"], {}).get("grade"),
            crop=loading.lots[row["intakes"][0]["intake"]].crop,
            product_kind=batch_of.get(row["id"], {}).get("kind"),
            moisture_percent=row["output_moisture_pct"],
            pluck_standard=row["pluck_standard"],
            weather=row["weather"],
            steps=[(step["step"], _plain_step(step)) for step in row["steps"] or ()],
        )
        for row, plant, code, output, by_product in zip(rows, plants, codes, made, left, strict=True)
    ]
    runs = record_runs(loading.session, commands, HISTORY)
    loading.keep("runs", rows, runs)
    lots = dict(zip((row["output"]["batch"] for row in rows), _lots_of(loading, runs, "output_lot_id"), strict=True))
    _keep_lots(loading, batches, [lots[row["id"]] for row in batches])
    loading.keep("batches", batches, [lots[row["id"]] for row in batches])


def _load_blends(loading: Loading) -> None:
    rows = loading.arrays["lots"]
    plants = [loading.parties[row["plant"]] for row in rows]
    made = loading.lot_codes([(plant.id, row["id"]) for plant, row in zip(plants, rows, strict=True)])
    left = loading.lot_codes([(plant.id, f"{row['id']}-BP") for plant, row in zip(plants, rows, strict=True)])
    codes = loading.codes(Run, Run.plant_id, [(plant.id, row["id"]) for plant, row in zip(plants, rows, strict=True)])
    commands = [
        MakeTea(
            code=code,
            step="blend",
            plant_id=plant.id,
            plant_code=plant.code,
            done_at=loading.at(row["finished"], hours.FINISHED),
            taken=[(loading.lots[part["batch"]].uri, part["kg"]) for part in row["inputs"]],
            output_code=output,
            output_kind=LotKind.FINISHED,
            output_g=row["finished_kg"],
            by_product_code=by_product,
            by_product_g=row["offgrade_kg"],
            sample_g=row["retained_sample_kg"],
            lost=("sorting", row["loss_kg"]),
            grade=row["grade"],
            crop=loading.lots[row["inputs"][0]["batch"]].crop,
            product_kind=loading.lots[row["inputs"][0]["batch"]].product_kind,
            moisture_percent=row["moisture_pct"],
        )
        for row, plant, code, output, by_product in zip(rows, plants, codes, made, left, strict=True)
    ]
    lots = _lots_of(loading, record_runs(loading.session, commands, HISTORY), "output_lot_id")
    loading.keep("lots", rows, lots)
    _keep_lots(loading, rows, lots)


def _load_packs(loading: Loading) -> None:
    rows, plants = loading.arrays["packs"], _by_id(loading.arrays["lots"])
    packers = [loading.parties[plants[row["lot"]]["plant"]] for row in rows]
    codes = loading.lot_codes([(packer.id, row["id"]) for packer, row in zip(packers, rows, strict=True)])
    commands = []
    for row, packer, code in zip(rows, packers, codes, strict=True):
        item, lot = loading.rows["skus"][row["sku"]], loading.lots[row["lot"]]
        commands.append(
            PackTea(
                code=code,
                packer_id=packer.id,
                packer_code=packer.code,
                taken=[(lot.uri, lot.code, row["tea_used_kg"])],
                trade_item_id=item.id,
                gtin=item.gtin,
                net_g=item.net_g,
                packed_at=loading.at(row["packed"], hours.PACKED),
                best_before=row["best_before"],
                units=row["units"],
                grade=lot.grade,
                crop=lot.crop,
                product_kind=lot.product_kind,
                labels_used=_labels_used(row),
            )
        )
    packs = record_packs(loading.session, commands, HISTORY)
    loading.keep("packs", rows, packs)
    _keep_lots(loading, rows, _lots_of(loading, packs))


def _labels_used(row: Row) -> int | None:
    printed = row["labels_printed"]
    return None if printed is None else printed - (row["labels_voided"] or 0)


def _measured(item: Row) -> Measured:
    """Return one analyte; whether it passed follows from value and limit, else from the report's own word."""
    value, limit = item["value"], item["limit"]
    least, said = item["limit_type"] == "min", item["verdict"] != "fail"
    return Measured(
        analyte=item["item"],
        value=value,
        words=item["result"],
        unit=item["unit"],
        loq=item["loq"],
        limit_value=limit,
        limit_basis=item["basis"],
        passed=passes(value, limit, least=least, said=said),
    )


def _load_results(loading: Loading) -> None:
    rows = loading.arrays["tests"]
    commands = [
        Report(
            code=row["id"],
            lot=(loading.lots[row["subject"]].id, loading.lots[row["subject"]].uri),
            laboratory_id=loading.parties[f"laboratory/{row['lab']}"].id,
            laboratory_code=loading.parties[f"laboratory/{row['lab']}"].code,
            sample=Sampled(loading.at(row["sampled"], hours.TESTED), row["type"]),
            reported_at=loading.at(row["reported"], hours.TESTED),
            items=[_measured(item) for item in row["items"]],
        )
        for row in rows
    ]
    loading.keep("tests", rows, record_results(loading.session, commands, HISTORY))


def _load_shipments(loading: Loading) -> None:
    rows = loading.arrays["shipments"]
    packs = {row["id"]: row for row in loading.arrays["packs"]}
    commands = []
    for row in rows:
        lot, buyer = loading.lots[row["pack"]], loading.parties[f"buyer/{row['buyer']}"]
        seller = loading.session.get_one(Party, lot.party_id)
        commands.append(
            Ship(
                code=row["id"],
                seller_id=seller.id,
                seller_code=seller.code,
                buyer_id=buyer.id,
                buyer_code=buyer.code,
                shipped_at=loading.at(row["date"], hours.SHIPPED),
                units=[
                    Units(
                        pack_id=loading.rows["packs"][row["pack"]].id,
                        lot_uri=lot.uri,
                        net_g=loading.rows["skus"][packs[row["pack"]]["sku"]].net_g,
                        first_position=position(row["serial_from"]) or 0,
                        last_position=position(row["serial_to"]) or 0,
                    )
                ],
            )
        )
    loading.keep("shipments", rows, record_shipments(loading.session, commands, HISTORY))


def _load_recalls(loading: Loading) -> None:
    rows = loading.arrays["recalls"]
    owned = [(loading.lots[row["lot"]].party_id, row["id"]) for row in rows]
    commands = []
    for row, code in zip(rows, loading.codes(Recall, Recall.owner_id, owned), strict=True):
        lot = loading.lots[row["lot"]]
        owner = loading.session.get_one(Party, lot.party_id)
        result = loading.rows["tests"].get(row["trigger_test"])
        commands.append(
            StartRecall(
                code=code,
                lots=[(lot.id, lot.uri)],
                owner_id=owner.id,
                owner_code=owner.code,
                level=row["level"],
                known_at=row["known_at"],
                started_at=row["started_at"],
                result_id=result.id if result else None,
            )
        )
    loading.keep("recalls", rows, start_recalls(loading.session, commands, HISTORY))
