"""The demo town's season written again through the doors, record by record as its parties would, by five keys."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
Post = Callable[[str, str, Sequence[Row]], None]  # (who, noun, records)
# The times that the loader gives to what has only a date (the season file's rules).
FIELD_WORK, PICKED, HANDED_OVER, TAKEN_IN, RUN = "05:00", "06:00", "12:00", "14:00", "16:00"
FINISHED, TESTED, PACKED, SHIPPED = "18:00", "19:00", "20:00", "21:00"


def at(day: str, time: str) -> str:
    """Return a moment of a day in the town."""
    return f"{day}T{time}:00+08:00"


def kg(value: Any) -> Row:
    """Return a mass as a clerk types it."""
    return {"value": str(value), "unit": "kg"}


def degrees(value: Any) -> Any:
    """Return coordinates as numbers."""
    return [degrees(one) for one in value] if isinstance(value, list) else float(value)


def kept(row: Row) -> Row:
    """Return a body without what is not known."""
    return {name: value for name, value in row.items() if value is not None}


@dataclass
class Season:
    """A season file on its way through the doors."""

    file: Mapping[str, Any]
    post: Post
    buyers: dict[str, str] = field(default_factory=dict)
    laboratories: dict[str, str] = field(default_factory=dict)

    def write(self) -> None:
        """Write all of it, in the order in which it happened as far as one record rests on another."""
        for step in (
            self._parties,
            self._land,
            self._products,
            self._inputs,
            self._leaf,
            self._tea,
            self._packs,
            self._results,
            self._sales,
        ):
            step()

    def _named(self, rows: Iterable[Row], name: str, prefix: str) -> dict[str, str]:
        names = dict.fromkeys(row[name] for row in rows)
        return {one: f"{prefix}-{number}" for number, one in enumerate(names, start=1)}

    def _parties(self) -> None:
        file, town = self.file, self.file["town"]["code"]
        firms = [
            kept(
                {
                    "code": row["id"],
                    "name": row["name"],
                    "kind": kind,
                    "uscc": row["uscc"],
                    "area_code": town,
                    "led_by_village": row.get("led_by_village_branch"),
                    "registered_on": row.get("registered"),
                }
            )
            for noun, kind in (("cooperatives", "cooperative"), ("plants", "plant"))
            for row in file[noun]
        ]
        growers = [
            {
                "code": row["id"],
                "name": row["public_label"],
                "kind": "grower",
                "member_of": row["coop"],
                "area_code": town,
                "private": row["private"],
            }
            for row in file["farmers"]
        ]
        self.buyers = self._named(file["shipments"], "buyer", "BUY")
        self.laboratories = self._named(file["tests"], "lab", "LAB")
        others = [
            {"code": code, "name": name, "kind": kind, "area_code": town}
            for kind, names in (("buyer", self.buyers), ("laboratory", self.laboratories))
            for name, code in names.items()
        ]
        self.post("operator", "parties", firms)
        self.post("operator", "parties", growers)
        self.post("operator", "parties", others)

    def _land(self) -> None:
        file, town = self.file, self.file["town"]["code"]
        self.codes = {row["id"]: f"{town}{row['id'][1:].zfill(3)}" for row in file["villages"]}
        self.post(
            "officer",
            "villages",
            [
                kept(
                    {
                        "code": self.codes[row["id"]],
                        "name": row["name"],
                        "center": degrees(row["center"]),
                        "households": row["households"],
                        "tea_households": row["tea_households"],
                        "elevation_m": row["elevation_m"],
                    }
                )
                for row in file["villages"]
            ],
        )
        self.post(
            "officer",
            "plots",
            [
                kept(
                    {
                        "code": row["code"],
                        "village": self.codes[row["village"]],
                        "cooperative": row["coop"],
                        "holder": row["holder"],
                        "cultivar": row["cultivar"],
                        "clonal": row["propagation"] == "clonal",
                        "planted_year": row["planted_year"],
                        "area_mu": str(row["area_mu_declared"]),
                        "outline": {**row["geometry"], "coordinates": degrees(row["geometry"]["coordinates"])},
                        "crs": file["town"]["crs"],
                        "certification": row["certification"],
                    }
                )
                for row in file["plots"]
            ],
        )

    def _products(self) -> None:
        file = self.file
        self.post(
            "operator",
            "licences",
            [
                {
                    "number": row["sc_licence"],
                    "party": row["id"],
                    "valid_to": row["sc_valid_to"],
                    "product_kinds": row["tea_kinds"],
                }
                for row in file["plants"]
            ],
        )
        self.post(
            "operator",
            "brands",
            [
                kept(
                    {
                        "code": row["id"],
                        "name": row["name"],
                        "owner": row["owner_plant"],
                        "gi_mark_holder": row.get("gi_mark_holder_uscc"),
                        "suppliers": row["supplied_by"],
                    }
                )
                for row in file["brands"]
            ],
        )
        self.post("operator", "products", [self._product(row) for row in file["skus"]])
        self.post(
            "operator",
            "input-products",
            [
                kept(
                    {
                        "code": row["id"],
                        "kind": row["kind"],
                        "name": row["name"],
                        "active": row["active"],
                        "registration": row["registration"],
                        "interval_days": row["label_phi_days"],
                        "max_applications": row["label_max_applications"],
                        "unit": row["unit"],
                    }
                )
                for row in file["input_products"]
            ],
        )

    def _product(self, row: Row) -> Row:
        same = ("name", "grade", "shelf_life_months", "standard", "ingredients", "storage", "packaging_layers")
        return kept(
            {
                **{name: row[name] for name in same},
                "code": row["id"],
                "brand": row["brand"],
                "net": {"value": str(row["net_g"]), "unit": "g"},
                "gross": {"value": str(row["gross_g"]), "unit": "g"},
                "packaging": row["pack"],
                "gtin": row["gtin13"],
                "price_yuan": str(row["price_yuan"]),
                "packaging_cost_yuan": str(row["packaging_cost_yuan"]),
            }
        )

    def _inputs(self) -> None:
        self.plots = {row["id"]: row for row in self.file["plots"]}
        same = ("unit", "target", "operator", "supplier")
        self.post(
            "coop",
            "inputs",
            [
                kept(
                    {
                        "code": row["id"],
                        "party": self._keeper(row["plot"]),
                        "plot": self.plots[row["plot"]]["code"],
                        "product": row["product"],
                        "used_at": at(row["date"], FIELD_WORK),
                        "mode": "history",
                        **{name: row[name] for name in same},
                        **{name: str(row[name]) for name in ("per_mu", "area_mu", "total") if row[name] is not None},
                    }
                )
                for row in self.file["inputs"]
            ],
        )

    def _keeper(self, plot: str) -> str:
        """Return the co-operative that records for a plot."""
        return str(self.plots[plot]["coop"])

    def _leaf(self) -> None:
        file = self.file
        crops = {code: row["product"] for row in file["certificates"] for code in row["harvests"]}
        same = ("pluck_standard", "method", "weather", "pickers")
        self.owner = {row["id"]: self._keeper(row["plot"]) for row in file["harvests"]}
        self.fresh = {row["id"]: row["fresh_kg"] for row in file["harvests"]}
        self.post(
            "coop",
            "pickings",
            [
                kept(
                    {
                        "code": row["id"],
                        "party": self.owner[row["id"]],
                        "plot": self.plots[row["plot"]]["code"],
                        "picked_at": at(row["date"], PICKED),
                        "mass": kg(row["fresh_kg"]),
                        "grade": row["grade_in"],
                        "crop": crops.get(row["id"]),
                        "mode": "history",
                        **{name: row[name] for name in same},
                    }
                )
                for row in file["harvests"]
            ],
        )
        self.post(
            "coop",
            "certificates",
            [
                {
                    "code": row["id"],
                    "party": row["issuer"],
                    "lots": row["harvests"],
                    "product": row["product"],
                    "origin": row["origin"],
                    "issued_at": at(row["issued"], PICKED),
                    "basis": row["basis"],
                    "mass": kg(row["quantity_kg"]),
                    "mode": "history",
                }
                for row in file["certificates"]
            ],
        )
        self.post(
            "coop",
            "hand-overs",
            [
                {
                    "code": row["id"],
                    "party": row["coop"],
                    "receiver": row["plant"],
                    "sent_at": at(row["date"], HANDED_OVER),
                    "lots": [{"lot": code, "mass": kg(self.fresh[code])} for code in row["harvests"]],
                    "mode": "history",
                }
                for row in file["intakes"]
            ],
        )
        self.post(
            "plant",
            "intakes",
            [
                kept(
                    {
                        "code": row["id"],
                        "party": row["plant"],
                        "hand_overs": [f"{row['coop']}/{row['id']}"],
                        "certificate": f"{row['coop']}/{row['certificate']}",
                        "received_at": at(row["date"], TAKEN_IN),
                        "mass": kg(row["received_kg"]),
                        "moisture_percent": str(row["moisture_pct"]),
                        "price_yuan_per_kg": str(row["price_yuan_per_kg"]),
                        "pluck_standard": row["pluck_standard"],
                        "grade": row["grade_in"],
                        "weather": row["weather"],
                        "mode": "history",
                    }
                )
                for row in file["intakes"]
            ],
        )

    def _tea(self) -> None:
        file = self.file
        made = {row["run"]: row for row in file["batches"]}
        self.post(
            "plant",
            "runs",
            [
                kept(
                    {
                        "code": row["id"],
                        "party": row["plant"],
                        "done_at": at(row["date"], RUN),
                        "inputs": [{"lot": part["intake"], "mass": kg(part["kg"])} for part in row["intakes"]],
                        "output": {"code": row["output"]["batch"], "mass": kg(row["output"]["kg"])},
                        "by_product": {"mass": kg(row["byproduct_kg"])} if row["byproduct_kg"] else None,
                        "sample": kg(row["retained_sample_kg"]) if row["retained_sample_kg"] else None,
                        "grade": made[row["id"]]["grade"],
                        "product_kind": made[row["id"]]["kind"],
                        "moisture_percent": str(row["output_moisture_pct"]),
                        "pluck_standard": row["pluck_standard"],
                        "weather": row["weather"],
                        "steps": [
                            {"step": step["step"], "measured": {k: v for k, v in step.items() if k != "step"}}
                            for step in row["steps"]
                        ],
                        "mode": "history",
                    }
                )
                for row in file["runs"]
            ],
        )
        self.post(
            "plant",
            "blends",
            [
                kept(
                    {
                        "code": row["id"],
                        "party": row["plant"],
                        "done_at": at(row["finished"], FINISHED),
                        "inputs": [{"lot": part["batch"], "mass": kg(part["kg"])} for part in row["inputs"]],
                        "output": {"code": row["id"], "mass": kg(row["finished_kg"])},
                        "by_product": {"mass": kg(row["offgrade_kg"])} if row["offgrade_kg"] else None,
                        "sample": kg(row["retained_sample_kg"]) if row["retained_sample_kg"] else None,
                        "grade": row["grade"],
                        "moisture_percent": str(row["moisture_pct"]),
                        "mode": "history",
                    }
                )
                for row in file["lots"]
            ],
        )

    def _packs(self) -> None:
        plants = {row["id"]: row["plant"] for row in self.file["lots"]}
        self.packer = {row["id"]: plants[row["lot"]] for row in self.file["packs"]}
        self.post(
            "plant",
            "packs",
            [
                {
                    "code": row["id"],
                    "party": self.packer[row["id"]],
                    "product": row["sku"],
                    "inputs": [{"lot": row["lot"], "mass": kg(row["tea_used_kg"])}],
                    "packed_at": at(row["packed"], PACKED),
                    "best_before": row["best_before"],
                    "units": row["units"],
                    "mode": "history",
                }
                for row in self.file["packs"]
            ],
        )

    def _results(self) -> None:
        plants = {row["id"]: row["plant"] for row in self.file["lots"]}
        self.post(
            "laboratory",
            "results",
            [
                {
                    "code": row["id"],
                    "party": self.laboratories[row["lab"]],
                    "lot": f"{plants[row['subject']]}/{row['subject']}",
                    "sampled_at": at(row["sampled"], TESTED),
                    "purpose": row["type"],
                    "reported_at": at(row["reported"], TESTED),
                    "items": [_item(item) for item in row["items"]],
                    "mode": "history",
                }
                for row in self.file["tests"]
            ],
        )

    def _sales(self) -> None:
        file = self.file
        self.post(
            "plant",
            "shipments",
            [
                {
                    "code": row["id"],
                    "party": self.packer[row["pack"]],
                    "buyer": self.buyers[row["buyer"]],
                    "shipped_at": at(row["date"], SHIPPED),
                    "packs": [
                        {
                            "pack": row["pack"],
                            "first": int(row["serial_from"].rpartition("-")[2]),
                            "last": int(row["serial_to"].rpartition("-")[2]),
                        }
                    ],
                    "mode": "history",
                }
                for row in file["shipments"]
            ],
        )
        plants = {row["id"]: row["plant"] for row in file["lots"]}
        self.post(
            "plant",
            "recalls",
            [
                {
                    "code": row["id"],
                    "party": plants[row["lot"]],
                    "lots": [row["lot"]],
                    "level": row["level"],
                    "known_at": row["known_at"],
                    "started_at": row["started_at"],
                    "result": row["trigger_test"],
                    "mode": "history",
                }
                for row in file["recalls"]
            ],
        )


def _item(item: Row) -> Row:
    """Return one analyte as a laboratory reports it."""
    return kept(
        {
            "analyte": item["item"],
            "words": item.get("result"),
            "unit": item.get("unit"),
            "limit_type": item.get("limit_type"),
            "basis": item.get("basis"),
            "passed": item.get("verdict") != "fail" if item.get("verdict") else None,
            **{name: str(item[name]) for name in ("value", "loq", "limit") if item.get(name) is not None},
        }
    )


def read(data: bytes) -> Mapping[str, Any]:
    """Return a season file, its numbers as they are written."""
    parsed: Mapping[str, Any] = json.loads(data, parse_float=str)
    return parsed
