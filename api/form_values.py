"""What stands on blank forms before anybody writes: number, party, its plots, columns."""

from sqlalchemy.orm import Session

from api.slip_values import named
from labels.documents.form import Column, FormValues
from trace.nouns.paper_forms import numbers_of
from trace.paper_forms import LINES, FormKind
from trace.places import list_plots_of
from trace.prices import plain_digits
from trace.records import Record

_PLOT, _DAY, _WEATHER = Column("地块", "plot", 20), Column("日期", "date", 15), Column("天气", "weather", 13)
_TITLES = {
    FormKind.PICKINGS: ("采摘记录表", "Pickings"),
    FormKind.INPUTS: ("农药肥料使用记录表", "Sprays and fertilizers"),
    FormKind.INTAKES: ("鲜叶收购记录表", "Intakes"),
}
_COLUMNS = {
    FormKind.PICKINGS: (
        *(_PLOT, _DAY, Column("采摘标准", "standard", 26), Column("重量（斤）", "jin", 24)),
        *(Column("人数", "pickers", 14), _WEATHER),
    ),
    FormKind.INPUTS: (
        *(_PLOT, _DAY, Column("药肥名称和登记证号", "product, registration", 42), Column("每亩用量", "per mu", 19)),
        *(Column("面积（亩）", "mu", 17), Column("防治对象", "target", 20), _WEATHER),
    ),
    FormKind.INTAKES: (
        *(Column("交售人", "giver", 24), _DAY, Column("毛重（斤）", "gross", 17), Column("皮重（斤）", "tare", 17)),
        *(Column("扣重、原因", "off, why", 18), Column("净重（斤）", "net", 17)),
        *(Column("单价（元/斤）", "price", 18), Column("标准等级", "standard", 18)),
        Column("合格证号，或农户自检", "certificate, own test", 25),
    ),
}
_MOST_PLOTS = 12  # on a sheet; a party with more has its list in the register


def form_values(session: Session, run: Record) -> FormValues:
    """Return what stands on the sheets of a run."""
    kind = FormKind(run["kind"])
    plots = [] if kind is FormKind.INTAKES else list_plots_of(session, run["party_id"], _MOST_PLOTS + 1)
    title, english = _TITLES[kind]
    return FormValues(
        title=title,
        english=english,
        party=named(run["owner_name"], run["owner"], None),
        numbers=numbers_of(run),
        columns=_COLUMNS[kind],
        lines=LINES[kind],
        plots=[f"{code} {village} {plain_digits(area)}亩" for code, village, area in plots[:_MOST_PLOTS]],
        more_plots=len(plots) > _MOST_PLOTS,
    )
