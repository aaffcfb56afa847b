"""What stands on a closing of the day on paper."""

from collections.abc import Sequence
from decimal import Decimal

from api.slip_values import local_time, money, named
from labels.documents.day_close import DayCloseValues, SideValues, TotalValues
from trace.books import standard_of
from trace.day_closes import Side
from trace.mass import jin_and_kilograms
from trace.records import Record

_TITLES = {Side.BOUGHT: ("收购", "交售人"), Side.SOLD: ("交出", "收购方")}


def day_close_values(row: Record) -> DayCloseValues:
    """Return what stands on the paper of a closing."""
    return DayCloseValues(
        number=row["code"],
        party=named(row["owner_name"], row["owner"], None),
        day=row["day"].isoformat(),
        supplement=row["number"] > 1,
        closed_at=local_time(row["closed_at"]),
        sides=[_side(side, some) for side in Side if (some := [line for line in row["lines"] if line["side"] == side])],
        open_hand_overs=row["open_hand_overs"],
    )


def _side(side: Side, lines: Sequence[Record]) -> SideValues:
    title, other = _TITLES[side]
    return SideValues(
        title=title,
        other=other,
        rows=[_total(named(line["other_name"], line["other"], line["person"]), [line]) for line in lines],
        total=_total("合计", lines),
    )


def _total(name: str, lines: Sequence[Record]) -> TotalValues:
    jin, kilograms = jin_and_kilograms(sum(line["net_g"] for line in lines))
    slips, taken_back = (sum(line[part] for line in lines) for part in ("slips", "reversed"))
    return TotalValues(
        name=name,
        standard=standard_of(lines[0]) if len(lines) == 1 else "",
        slips=f"{slips}" if not taken_back else f"+{slips} -{taken_back}",
        jin=jin,
        kilograms=kilograms,
        yuan=money(sum((line["amount_yuan"] for line in lines), Decimal(0))),
    )
