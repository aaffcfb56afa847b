"""Seasons for tests: the demo town repaired, and other seasons made of it by seed with violations of their own."""

import copy
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from trace import ids

Town = dict[str, Any]
Row = dict[str, Any]
Expected = set[tuple[str, str, str]]  # (rule, severity, record)

DEMO_FINDINGS: Expected = {
    ("harvest_inside_phi", "reason", "H0142"),
    ("output_exceeds_input", "reason", "R0023"),
    ("mrl_exceeded", "refuse", "T016"),
}
_DATES = {"date", "issued", "made", "finished", "sampled", "reported", "packed", "best_before", "registered"}


def dump(town: Town) -> bytes:
    """Return the file."""
    return json.dumps(town, ensure_ascii=False).encode()


def by_id(rows: Iterable[Row]) -> dict[str, Row]:
    return {row["id"]: row for row in rows}


def grams(kilograms: float) -> int:
    return int(Decimal(str(kilograms)) * 1000)


def add(row: Row, field: str, mass_g: int) -> None:
    """Change kilograms by grams, exactly."""
    changed = grams(row[field]) + mass_g
    assert changed >= 0, (row, field, mass_g)
    row[field] = float(Decimal(changed) / 1000)


def leave_unsprayed(town: Town) -> None:
    """Mend what was picked inside an interval: that spray never was."""
    town["inputs"] = [row for row in town["inputs"] if row["id"] != "IN0220"]


def claim_less(town: Town) -> None:
    """Mend the run that gave more than its leaf could: it gave 35 kg less."""
    change_output(town, by_id(town["runs"])["R0023"], -35_000)


def keep_the_limit(town: Town) -> None:
    """Mend the lot above the limit: the laboratory found less, and nobody recalled anything."""
    for item in by_id(town["tests"])["T016"]["items"]:
        if item["item"] == "吡虫啉":
            item.update(value=0.3, verdict="pass")
    town["recalls"] = []


REPAIRS: dict[str, Callable[[Town], None]] = {"H0142": leave_unsprayed, "R0023": claim_less, "T016": keep_the_limit}


def repair(town: Town) -> Town:
    """Return the demo town with its three violations mended, as if they had never happened."""
    town = copy.deepcopy(town)
    for mend in REPAIRS.values():
        mend(town)
    return town


def change_output(town: Town, run: Row, mass_g: int) -> None:
    """Let a run give so much more tea, taken from what it lost; the lot it went into has it as stock."""
    batch = by_id(town["batches"])[run["output"]["batch"]]
    add(run["output"], "kg", mass_g)
    add(run, "water_and_loss_kg", -mass_g)
    add(batch, "kg", mass_g)
    for lot in town["lots"]:
        for part in lot["inputs"]:
            if part["batch"] == batch["id"]:
                add(part, "kg", mass_g)
                for field in ("input_kg", "finished_kg", "bulk_stock_kg"):
                    add(lot, field, mass_g)


def other_season(town: Town, seed: int) -> tuple[Town, Expected]:
    """Return another town's season with the same ids: names, days, codes and figures by seed; and its violations."""
    rng = random.Random(seed)  # noqa: S311 -- figures for a test
    town = repair(town)
    shift_days(town, weeks=-rng.randrange(4, 100))
    rename(town, f"{seed}镇")
    recode(town, rng)
    vary_figures(town, rng)
    return town, violate(town, rng)


def next_season(town: Town, seed: int) -> tuple[Town, Expected]:
    """Return a later season of the same town: the same parties, plots and trade items, other days and figures."""
    rng = random.Random(seed)  # noqa: S311 -- figures for a test
    town = repair(town)
    town["town"]["season"] = f"第{seed}季"
    shift_days(town, weeks=-rng.randrange(50, 100))  # sprays of one season count for the picking of the next
    vary_figures(town, rng)
    for plot in town["plots"]:
        plot["area_mu_declared"] = round(plot["area_mu_declared"] + rng.choice((0.1, 0.2)), 1)
    return town, violate(town, rng)


def shift_days(value: Any, weeks: int) -> None:
    """Move every day of a season."""
    rows = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in list(rows):
        if key in _DATES and child:
            value[key] = (date.fromisoformat(child) + timedelta(weeks=weeks)).isoformat()
        elif isinstance(child, dict | list):
            shift_days(child, weeks)


def rename(value: Any, word: str) -> None:
    """Give every named thing another name."""
    for key, child in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(child, dict | list):
            rename(child, word)
        elif key in ("name", "public_label", "buyer", "supplier"):
            value[key] = f"{word} {child}"


def recode(town: Town, rng: random.Random) -> None:
    """Give the town, its villages, plots, firms and goods codes of their own, each with its right check."""
    area = f"3799{rng.randrange(10, 99)}{rng.randrange(100, 200)}"
    town["town"]["code"] = area
    for row in (*town["villages"], *town["plots"]):
        row["code"] = area + row["code"][9:]
    credit: dict[str, str] = {}
    for row in (*town["cooperatives"], *town["plants"]):
        row["uscc"] = credit.setdefault(row["uscc"], new_uscc(row["uscc"], rng))
    for row in town["brands"]:
        row["gi_mark_holder_uscc"] = credit.get(row["gi_mark_holder_uscc"], row["gi_mark_holder_uscc"])
    for row in town["plants"]:
        body = row["sc_licence"][2:12] + f"{rng.randrange(1000):03d}"
        row["sc_licence"] = "SC" + body + ids.licence_check_digit(body)
    block = rng.randrange(10_000, 90_000)
    for place, row in enumerate(town["skus"]):
        body = f"9527{block + place:08d}"
        row["gtin13"] = body + ids.gs1_check_digit(body)


def new_uscc(known: str, rng: random.Random) -> str:
    organisation = known[8:13] + f"{rng.randrange(1000):03d}"
    body = known[:8] + organisation + ids.organisation_check_character(organisation)
    return body + ids.uscc_check_character(body)


def vary_figures(town: Town, rng: random.Random) -> None:
    """Change leaf, tea and units a little everywhere; all balances still close."""
    leaf = by_id(town["harvests"])
    for intake in town["intakes"]:
        more_g = 100 * rng.randrange(0, 5)
        picking = leaf[rng.choice(intake["harvests"])]
        run = next(run for run in town["runs"] if any(part["intake"] == intake["id"] for part in run["intakes"]))
        part = next(part for part in run["intakes"] if part["intake"] == intake["id"])
        certificate = by_id(town["certificates"])[intake["certificate"]]
        for row, field in (
            (picking, "fresh_kg"),
            (intake, "delivered_kg"),
            (intake, "received_kg"),
            (certificate, "quantity_kg"),
            (part, "kg"),
            (run, "input_kg"),
            (run, "water_and_loss_kg"),
        ):
            add(row, field, more_g)
    for run in town["runs"]:
        if rng.random() < 0.5:
            change_output(town, run, rng.choice((-10, 10)))
    for pack in town["packs"]:
        last = [row for row in town["shipments"] if row["pack"] == pack["id"]][-1]
        fewer = rng.randrange(0, min(5, last["units"]))
        last["units"] -= fewer
        head, _, tail = last["serial_to"].partition("-")
        last["serial_to"] = f"{head}-{int(tail) - fewer:06d}"
        pack["units_in_stock"] += fewer


def violate(town: Town, rng: random.Random) -> Expected:
    """Plant one violation of each of the three kinds and return what must be found."""
    return {
        ("harvest_inside_phi", "reason", spray_late(town, rng)),
        ("output_exceeds_input", "reason", claim_too_much(town, rng)),
        ("mrl_exceeded", "refuse", exceed_limit(town, rng)),
    }


def spray_late(town: Town, rng: random.Random) -> str:
    """Spray a plot a few days before one of its pickings, and before no other."""
    days = defaultdict(list)
    for row in town["harvests"]:
        days[row["plot"]].append(date.fromisoformat(row["date"]))
    lonely = [
        row
        for row in town["harvests"]
        if row["id"] != "H0142"
        and sum(abs((day - date.fromisoformat(row["date"])).days) <= 10 for day in days[row["plot"]]) == 1
    ]
    picking = rng.choice(lonely)
    used = date.fromisoformat(picking["date"]) - timedelta(days=rng.randrange(0, 7))
    model = next(row for row in town["inputs"] if row["product"] == "IP06")
    town["inputs"].append({**model, "id": "IN9001", "plot": picking["plot"], "date": used.isoformat()})
    return str(picking["id"])


def claim_too_much(town: Town, rng: random.Random) -> str:
    """Let a run claim more tea than its leaf can give."""
    run = rng.choice([row for row in town["runs"] if row["id"] != "R0023"])
    claimed_g = grams(run["input_kg"]) * 10 // 26
    change_output(town, run, claimed_g - grams(run["output"]["kg"]))
    return str(run["id"])


def exceed_limit(town: Town, rng: random.Random) -> str:
    """Let a laboratory find more than the limit."""
    test = rng.choice([row for row in town["tests"] if row["type"] == "commissioned" and row["id"] != "T016"])
    item = next(item for item in test["items"] if item["item"] == "吡虫啉")
    item.update(value=0.501, verdict="fail")
    item.pop("result", None)
    return str(test["id"])


def totals_of(town: Town) -> dict[str, Any]:
    """Return the totals of a file from its rows alone, without any table."""
    arrays = ("villages", "cooperatives", "plants", "brands", "farmers", "plots", "inputs", "harvests")
    totals: dict[str, Any] = {name: len(town[name]) for name in arrays}
    totals |= {name: len(town[name]) for name in ("certificates", "intakes", "runs", "lots", "packs", "tests")}
    totals |= {
        "plot_area_mu": _sum(town["plots"], "area_mu_declared"),
        "clonal_area_mu": _sum((p for p in town["plots"] if p["propagation"] == "clonal"), "area_mu_declared"),
        "fresh_kg": _sum(town["harvests"], "fresh_kg"),
        "received_kg": _sum(town["intakes"], "received_kg"),
        "made_tea_kg": _sum((run["output"] for run in town["runs"]), "kg"),
        "finished_kg": _sum(town["lots"], "finished_kg"),
        "bulk_stock_kg": _sum(town["lots"], "bulk_stock_kg"),
        "units": sum(pack["units"] for pack in town["packs"]),
        "units_shipped": sum(row["units"] for row in town["shipments"]),
        "units_in_stock": sum(pack["units_in_stock"] for pack in town["packs"]),
        "failed_tests": sum(any(item["verdict"] == "fail" for item in test["items"]) for test in town["tests"]),
    }
    villages = {plot["id"]: plot["village"] for plot in town["plots"]}
    totals["fresh_kg_by_village"] = _grouped(town["harvests"], lambda row: villages[row["plot"]], "fresh_kg")
    totals["fresh_kg_by_month"] = _grouped(town["harvests"], lambda row: row["date"][:7], "fresh_kg")
    totals["fresh_kg_by_pluck_standard"] = _grouped(town["harvests"], lambda row: row["pluck_standard"], "fresh_kg")
    totals["made_tea_kg_by_plant"] = _grouped(
        [{**run["output"], "plant": run["plant"]} for run in town["runs"]], lambda row: row["plant"], "kg"
    )
    return totals


def _sum(rows: Iterable[Row], field: str) -> Decimal:
    return sum((Decimal(str(row[field])) for row in rows), Decimal())


def _grouped(rows: Iterable[Row], key: Callable[[Row], str], field: str) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[key(row)] += Decimal(str(row[field]))
    return dict(sums)


def same(totals: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Tell whether totals are equal in value, whatever the type of number."""
    return bool(_plain(totals) == _plain(wanted))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(child) for key, child in value.items()}
    return Decimal(str(value))
