"""The demo town's season written again through the doors, record by record as its parties would, by five keys."""

from tests.api.season_register import Register
from tests.api.season_words import (
    FIELD_WORK,
    FINISHED,
    HANDED_OVER,
    PACKED,
    PICKED,
    RUN,
    SHIPPED,
    TAKEN_IN,
    TESTED,
    Row,
    at,
    kept,
    kg,
)


class Season(Register):
    """A season file on its way through the doors."""

    def write(self) -> None:
        """Write all of it, in the order in which it happened as far as one record rests on another."""
        for step in (
            *(self.parties, self.land, self.products),
            *(self._inputs, self._pickings, self._certificates, self._hand_overs, self._intakes),
            *(self._runs, self._blends, self._packs, self._results, self._sales, self._recalls),
        ):
            step()

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

    def _pickings(self) -> None:
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

    def _certificates(self) -> None:
        file = self.file
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

    def _hand_overs(self) -> None:
        file = self.file
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

    def _intakes(self) -> None:
        file = self.file
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

    def _runs(self) -> None:
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

    def _blends(self) -> None:
        file = self.file
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

    def _recalls(self) -> None:
        file = self.file
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
