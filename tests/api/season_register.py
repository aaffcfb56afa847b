"""The master data of the demo town's season, registered through the doors."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.api.season_words import Post, Row, degrees, kept


@dataclass
class Register:
    """The master data of a season file on their way through the doors."""

    file: Mapping[str, Any]
    post: Post
    buyers: dict[str, str] = field(default_factory=dict)
    laboratories: dict[str, str] = field(default_factory=dict)

    def _named(self, rows: Iterable[Row], name: str, prefix: str) -> dict[str, str]:
        names = dict.fromkeys(row[name] for row in rows)
        return {one: f"{prefix}-{number}" for number, one in enumerate(names, start=1)}

    def parties(self) -> None:
        """Register firms, growers, buyers and laboratories."""
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

    def land(self) -> None:
        """Register villages and plots."""
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

    def products(self) -> None:
        """Register licences, facilities, brands, trade items and input products."""
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
            "facilities",
            [
                {
                    "code": row["id"],
                    "party": row["id"],
                    "name": row["name"],
                    "capacity": {"value": str(row["line_capacity_fresh_kg_per_day"]), "unit": "kg"},
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
        self._input_products()

    def _input_products(self) -> None:
        file = self.file
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
