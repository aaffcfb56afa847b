"""What stands on the papers of a recall, as text; and their addresses: `…/print` of a notice, of a report."""

from typing import TYPE_CHECKING, Any

from flask import Response, g
from flask.views import MethodView
from sqlalchemy import select

from api.auth import open_to_all
from api.openapi import Blueprint
from api.papers import PDF, send_paper
from api.recalling.texts import day_of, reach_of
from api.state import current_state
from trace import clock
from trace.nouns.recalling import RECALL_NOTICES, RECALL_REPORTS
from trace.parties import Party
from trace.recalling.drills import points_of
from trace.recalling.notices import RecallNotice
from trace.recalling.scope import Start, find_scope
from trace.recalls import Recall
from trace.records import Record, get_record

if TYPE_CHECKING:
    from labels.documents.recall import DrillValues, NoticeValues, ReportValues

blueprint = Blueprint("recall-papers", __name__, url_prefix="/v1", description="召回文书 · recall papers")
_KINDS = {"progress": ("召回进展报告", "Recall: progress report"), "final": ("召回总结报告", "Recall: final report")}


@blueprint.route("/recall-notices/<path:code>/print")
class NoticePrint(MethodView):
    """A notice on paper."""

    @open_to_all
    @blueprint.files(PDF)
    def get(self, code: str) -> Response:
        """Print the notice to one buyer on A4, with what it received and a part to send back."""
        from labels.documents.recall import draw_notice  # noqa: PLC0415 -- drawing is heavy

        record = get_record(g.session, g.caller, RECALL_NOTICES, code)
        values = _notice_values(record)
        return send_paper({}, f"recall-notice-{record['code'][:8]}", lambda paper: draw_notice(paper, values))


@blueprint.route("/recall-reports/<path:code>/print")
class ReportPrint(MethodView):
    """A report on paper."""

    @open_to_all
    @blueprint.files(PDF)
    def get(self, code: str) -> Response:
        """Print a report to the regulator on A4."""
        from labels.documents.recall import draw_report  # noqa: PLC0415 -- drawing is heavy

        record = get_record(g.session, g.caller, RECALL_REPORTS, code)
        values = report_values(record)
        name = f"recall-report-{record['recall']}-{record['number']}"
        return send_paper({}, name, lambda paper: draw_report(paper, values))


def _notice_values(record: Record) -> "NoticeValues":
    from labels.documents.recall import NoticeValues  # noqa: PLC0415

    notice = g.session.get_one(RecallNotice, record["key"])
    recall = g.session.get_one(Recall, notice.recall_id)
    scope = find_scope(g.session, Start.of_recall(recall.id))
    ranges = [
        (
            pack.product.name,
            pack.label_lot,
            f"{one.first}–{one.last}",
            f"{one.shipment} {one.shipped_on}",
            str(one.size),
        )
        for _, pack in scope.packs
        for one in pack.stretches
        if one.buyer and one.buyer.code == record["buyer"]
    ]
    owner = g.session.get_one(Party, recall.owner_id)
    return NoticeValues(
        number=record["code"][:8],
        owner=owner.name,
        reach=reach_of(owner),
        is_holder=record["buyer"] is not None,
        recipient=record["recipient"],
        case=recall.code,
        level=f"{recall.level} 级",
        written_at=day_of(record["created_at"]),
        chinese=record["text_zh"],
        english=record["text_en"],
        ranges=ranges,
    )


def report_values(record: Record) -> "ReportValues":
    """Return what stands on a report."""
    from labels.documents.recall import ReportValues  # noqa: PLC0415

    figures: dict[str, Any] = record["figures"]
    title, below = _KINDS[record["kind"].value]
    owner, recall = g.session.execute(
        select(Party.name, Recall)
        .join(Party, Recall.owner_id == Party.id)
        .where(Recall.code == record["recall"], Party.code == record["owner"])
    ).one()
    total = figures.get("totals", {})
    texts = (
        ("原因 Cause", record["cause"]),
        ("处置措施 Measures", record["measures"]),
        ("未追回原因 Why units stay out", record["unrecovered"]),
    )
    return ReportValues(
        title=title,
        below=below,
        number=record["code"],
        facts=[
            ("单位 Party", owner),
            ("案号 Case", recall.code),
            ("召回等级 Level", f"{recall.level} 级"),
            ("知悉 Known", day_of(recall.known_at)),
            ("启动 Started", f"{day_of(recall.started_at)}{_late(recall.started_at > recall.start_by)}"),
            ("最迟启动 To start by", day_of(recall.start_by)),
            ("应完成 To finish by", f"{recall.finish_by}{_late(clock.day_of(record['made_at']) > recall.finish_by)}"),
            ("报告时间 Reported", day_of(record["made_at"])),
            (
                "追回率 Recovered",
                f"{total.get('recovered', 0)} / {total.get('shipped', 0)}（{figures.get('recovered_share', 1):.1%}）",
            ),
        ],
        products=[
            [row["product"], "、".join(row["lots"]), *(str(row[name]) for name in _MADE)]
            for row in figures.get("products", ())
        ],
        buyers=[
            [row["name"], "、".join(_state(one) for one in row["notices"]), *(str(row[name]) for name in _SOLD)]
            for row in figures.get("buyers", ())
        ],
        texts=[(name, words) for name, words in texts if words],
        open_items=[_open_item(one) for one in figures.get("open_items", ())]
        if record["kind"].value == "progress"
        else [],
        person=record["person"],
    )


_MADE = ("produced", "out", "back", "destroyed", "reworked", "in_stock")
_SOLD = ("shipped", "recovered", "out", "destroyed", "reworked")


def _state(word: str) -> str:
    return current_state().catalogue.text(f"recall.notice-state.{word}", "zh")


def _late(is_late: bool) -> str:
    return "（逾期 late）" if is_late else ""


def _open_item(item: dict[str, Any]) -> str:
    return current_state().catalogue.sentence(f"recall.open.{item['item']}", item, "zh")


def drill_values(record: Record) -> "DrillValues":
    """Return what stands on the sheet of a drill."""
    from labels.documents.recall import DrillValues  # noqa: PLC0415

    figures: dict[str, Any] = record["figures"]
    points = points_of(figures, record["buyers_ms"])
    buyers, leaf_g = figures["buyers"], figures["leaf_g"]
    traced = figures["leaf_from_plots_g"] / leaf_g if leaf_g else 0
    return DrillValues(
        number=record["code"],
        score=str(record["score"]),
        facts=[
            ("起点 Begun with", "、".join(record["begun_with"])),
            ("开始 Begun at", day_of(record["known_at"])),
        ],
        times=[
            ["范围 Scope", f"{record['scope_ms'] / 1000:.3f} s"],
            ["全部受影响的码 Every code", f"{record['codes_ms'] / 1000:.3f} s"],
            ["买方名单与联系方式 Buyers and contacts", f"{record['buyers_ms'] / 1000:.3f} s"],
        ],
        shares=[
            [
                "有联系方式的买方 Buyers with a contact",
                f"{figures['buyers_with_contact']} / {buyers}",
                f"{points[0]:.0f} / 40",
            ],
            ["追溯到地块的鲜叶 Leaf traced to plots", f"{traced:.1%}", f"{points[1]:.0f} / 40"],
            ["用时 Time", f"{record['buyers_ms'] / 1000:.1f} s", f"{points[2]:.0f} / 20"],
        ],
        figures=[
            ("批次 Lots", str(figures["lots"])),
            ("包装与件数 Packs, units", f"{figures['packs']} 次包装，共 {figures['units']} 件"),
            ("已发、库存 Shipped, in stock", f"已发 {figures['shipped']} 件，库存 {figures['in_stock']} 件"),
            ("码 Codes", str(figures["codes"])),
            ("买方 Buyers", "、".join(one["name"] for one in figures["buyers_listed"][:20]) or "—"),
            ("地块 Plots", str(figures["plots"])),
        ],
        person=record["person"],
    )
