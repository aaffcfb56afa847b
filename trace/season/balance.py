"""Checks of grams, units and days in a season file: nothing may leave that did not enter, or before it did."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from trace.season.cleaners import Context

Row = dict[str, Any]
Season = dict[str, list[Row]]


def check_balances(season: Season, context: Context) -> None:
    """Add every fault of mass, units and order of days."""
    for check in (
        _check_intakes,
        _check_runs,
        _check_batches,
        _check_lots,
        _check_packs,
        _check_shipments,
        _check_owners,
        _check_draws,
        _check_days,
    ):
        check(season, context)


def _by_id(rows: list[Row]) -> dict[Any, Row]:
    return {row.get("id"): row for row in rows if row.get("id") is not None}


def _balance(context: Context, path: str, entered: int | None, left: Iterable[int | None]) -> None:
    """Add a fault when grams that entered are not the grams that left; skip what could not be read."""
    parts = list(left)
    if entered is None or any(part is None for part in parts):
        return
    total = sum(part for part in parts if part is not None)
    if entered != total:
        context.fault(path, "mass-imbalance", entered=entered, left=total)


def _check_intakes(season: Season, context: Context) -> None:
    harvests = _by_id(season["harvests"])
    for index, row in enumerate(season["intakes"]):
        path = f"intakes[{index}].delivered_kg"
        picked = [harvests.get(code, {}).get("fresh_kg") for code in row.get("harvests") or [None]]
        _balance(context, path, row.get("delivered_kg"), picked)
        _balance(context, path, row.get("delivered_kg"), [row.get("received_kg"), row.get("transport_loss_kg")])


def _parts(rows: list[Row | None] | None) -> list[int | None]:
    return [(part or {}).get("kg") for part in rows or [None]]


def _check_runs(season: Season, context: Context) -> None:
    batches = _by_id(season["batches"])
    for index, row in enumerate(season["runs"]):
        path, output = f"runs[{index}]", row.get("output") or {}
        _balance(context, f"{path}.input_kg", row.get("input_kg"), _parts(row.get("intakes")))
        out = [output.get("kg"), *(row.get(n) for n in ("byproduct_kg", "retained_sample_kg", "water_and_loss_kg"))]
        _balance(context, f"{path}.input_kg", row.get("input_kg"), out)
        if output.get("batch") is None:
            continue
        if output["batch"] not in batches:
            context.fault(f"{path}.output.batch", "unknown-reference", value=output["batch"], array="batches")
        elif (maker := batches[output["batch"]].get("run")) not in (None, row.get("id")) and row.get("id"):
            context.fault(f"{path}.output.batch", "disagrees", value=output["batch"], other=maker)


def _check_batches(season: Season, context: Context) -> None:
    runs = _by_id(season["runs"])
    for index, row in enumerate(season["batches"]):
        run = runs.get(row.get("run"), {})
        output = run.get("output") or {}
        if output and output.get("batch") not in (None, row.get("id")):
            context.fault(f"batches[{index}].run", "disagrees", value=row.get("run"), other=output["batch"])
        elif output:
            _balance(context, f"batches[{index}].kg", row.get("kg"), [output.get("kg")])
        if run and row.get("plant") and run.get("plant") not in (None, row["plant"]):
            context.fault(f"batches[{index}].plant", "wrong-owner", value=row["plant"], other=run["plant"])


def _check_lots(season: Season, context: Context) -> None:
    for index, row in enumerate(season["lots"]):
        path = f"lots[{index}].input_kg"
        _balance(context, path, row.get("input_kg"), _parts(row.get("inputs")))
        names = ("finished_kg", "offgrade_kg", "retained_sample_kg", "loss_kg")
        _balance(context, path, row.get("input_kg"), [row.get(name) for name in names])


def _check_packs(season: Season, context: Context) -> None:
    items = _by_id(season["skus"])
    packed: dict[Any, list[int | None]] = defaultdict(list)
    for index, row in enumerate(season["packs"]):
        path, net_g = f"packs[{index}]", items.get(row.get("sku"), {}).get("net_g")
        _balance(
            context, f"{path}.tea_used_kg", row.get("tea_used_kg"), [row.get("net_total_kg"), row.get("overfill_kg")]
        )
        if net_g and row.get("units"):
            _balance(context, f"{path}.net_total_kg", row.get("net_total_kg"), [net_g * row["units"]])
        packed[row.get("lot")].append(row.get("tea_used_kg"))
    for index, row in enumerate(season["lots"]):
        left = [*packed[row.get("id")], row.get("bulk_stock_kg")]
        _balance(context, f"lots[{index}].finished_kg", row.get("finished_kg"), left)


def position(serial: Any) -> int | None:
    """Return the position in a factory serial such as `008-000001`."""
    _, _, digits = str(serial).rpartition("-")
    return int(digits) if digits.isdecimal() and digits.isascii() and len(digits) <= 9 else None


def _check_shipments(season: Season, context: Context) -> None:
    """Check positions: inside the pack, as many as the units say, none shipped twice."""
    packs = _by_id(season["packs"])
    shipped: dict[Any, list[tuple[int, int, int]]] = defaultdict(list)
    doubtful: set[Any] = set()  # packs with a shipment at fault: their stock cannot be judged
    for index, row in enumerate(season["shipments"]):
        path, pack = f"shipments[{index}]", packs.get(row.get("pack"), {})
        first, last = position(row.get("serial_from")), position(row.get("serial_to"))
        if row.get("serial_from") is None or row.get("serial_to") is None:
            doubtful.add(row.get("pack"))
            continue
        if first is None or last is None or not 1 <= first <= last <= (pack.get("units") or last):
            context.fault(f"{path}.serial_from", "positions-outside", value=row["serial_from"], units=pack.get("units"))
            doubtful.add(row.get("pack"))
        elif row.get("units") not in (None, last - first + 1):
            context.fault(f"{path}.units", "disagrees", value=row["units"], other=last - first + 1)
            doubtful.add(row.get("pack"))
        else:
            shipped[row.get("pack")].append((first, last, index))
    _check_positions(shipped, context)
    for index, row in enumerate(season["packs"]):
        if row.get("id") in doubtful or row.get("units") is None or row.get("units_in_stock") is None:
            continue
        left = row["units"] - sum(last - first + 1 for first, last, _ in shipped[row.get("id")])
        if row["units_in_stock"] != left:
            context.fault(f"packs[{index}].units_in_stock", "disagrees", value=row["units_in_stock"], other=left)


def _check_positions(shipped: dict[Any, list[tuple[int, int, int]]], context: Context) -> None:
    """Add a fault at the later row of each pair that overlaps."""
    for ranges in shipped.values():
        taken, holder = 0, 0
        for first, last, index in sorted(ranges):
            if first <= taken:
                path = f"shipments[{max(index, holder)}].serial_from"
                context.fault(path, "positions-overlap", first=first, taken=taken)
            if last > taken:
                taken, holder = last, index


def _check_owners(season: Season, context: Context) -> None:
    """Refuse a plant that works up what another plant holds."""
    for array, parts, field, source in (
        ("runs", "intakes", "intake", "intakes"),
        ("lots", "inputs", "batch", "batches"),
    ):
        holders = {code: row.get("plant") for code, row in _by_id(season[source]).items()}
        for index, row in enumerate(season[array]):
            for place, part in enumerate(row.get(parts) or ()):
                holder = holders.get((part or {}).get(field))
                if holder and row.get("plant") and holder != row["plant"]:
                    path = f"{array}[{index}].{parts}[{place}].{field}"
                    context.fault(path, "wrong-owner", value=row["plant"], other=holder)


class _Stock:
    """What is left of each lot of one kind while the file's draws are tried on it."""

    def __init__(self, rows: list[Row], field: str) -> None:
        self.left = {code: row.get(field) for code, row in _by_id(rows).items()}
        self.made = dict(self.left)

    def draw(self, code: Any, mass_g: int | None, path: str, context: Context) -> None:
        """Take grams of a lot; more than is left is a fault, and so is any of a lot that is gone."""
        left = self.left.get(code)
        if left is None or mass_g is None:
            return
        if mass_g > left:
            context.fault(path, "lot-overdrawn", lot=code, available=left, asked=mass_g, unit="g")
        else:
            self.left[code] = left - mass_g

    def draw_whole(self, code: Any, path: str, context: Context) -> None:
        """Take all that a lot ever held."""
        self.draw(code, self.made.get(code), path, context)


def _check_draws(season: Season, context: Context) -> None:
    """Refuse a lot drawn for more than it holds; the fault stands at the draw that goes over."""
    leaf, received = _Stock(season["harvests"], "fresh_kg"), _Stock(season["intakes"], "received_kg")
    made, finished = _Stock(season["batches"], "kg"), _Stock(season["lots"], "finished_kg")
    for index, row in enumerate(season["intakes"]):
        for place, code in enumerate(row.get("harvests") or ()):
            leaf.draw_whole(code, f"intakes[{index}].harvests[{place}]", context)
    for path, code, mass_g in _drawn(season["runs"], "runs", "intakes", "intake"):
        received.draw(code, mass_g, path, context)
    for path, code, mass_g in _drawn(season["lots"], "lots", "inputs", "batch"):
        made.draw(code, mass_g, path, context)
    for index, row in enumerate(season["packs"]):
        finished.draw(row.get("lot"), row.get("tea_used_kg"), f"packs[{index}].tea_used_kg", context)


def _drawn(rows: list[Row], array: str, parts: str, field: str) -> Iterator[tuple[str, Any, int | None]]:
    for index, row in enumerate(rows):
        for place, part in enumerate(row.get(parts) or ()):
            if part:
                yield f"{array}[{index}].{parts}[{place}].kg", part.get(field), part.get("kg")


def _check_days(season: Season, context: Context) -> None:
    """Refuse a step dated before the step it rests on."""

    def days(array: str, field: str) -> dict[Any, date]:
        return {code: row[field] for code, row in _by_id(season[array]).items() if row.get(field)}

    steps = (
        ("certificates", "issued", "harvests", None, days("harvests", "date")),
        ("intakes", "date", "harvests", None, days("harvests", "date")),
        ("runs", "date", "intakes", "intake", days("intakes", "date")),
        ("batches", "made", "run", None, days("runs", "date")),
        ("lots", "finished", "inputs", "batch", days("batches", "made")),
        ("tests", "sampled", "subject", None, days("lots", "finished")),
        ("packs", "packed", "lot", None, days("lots", "finished")),
        ("shipments", "date", "pack", None, days("packs", "packed")),
    )
    for array, field, source, inner, earlier in steps:
        for index, row in enumerate(season[array]):
            value = row.get(source)
            parts = value if isinstance(value, list) else [value]
            codes = [(part or {}).get(inner) if inner else part for part in parts]
            latest = max((earlier[code] for code in codes if code in earlier), default=None)
            _in_order(row.get(field), latest, f"{array}[{index}].{field}", context)
    _check_days_within(season, context)


def _check_days_within(season: Season, context: Context) -> None:
    """Check the days that one row names itself."""
    for index, row in enumerate(season["tests"]):
        _in_order(row.get("reported"), row.get("sampled"), f"tests[{index}].reported", context)
    for index, row in enumerate(season["recalls"]):
        _in_order(row.get("started_at"), row.get("known_at"), f"recalls[{index}].started_at", context)
    for index, row in enumerate(season["packs"]):
        packed, best_before = row.get("packed"), row.get("best_before")
        if packed != best_before:
            _in_order(best_before, packed, f"packs[{index}].best_before", context)
        elif packed:
            context.fault(
                f"packs[{index}].best_before", "before-its-source", value=str(best_before), source=str(packed)
            )


def _in_order(later: date | None, earlier: date | None, path: str, context: Context) -> None:
    if later and earlier and later < earlier:
        context.fault(path, "before-its-source", value=str(later), source=str(earlier))
