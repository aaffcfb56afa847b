"""The papers of a recall hold what they are about, as text that can be searched and printed."""

import pypdfium2
import pytest

from api.state import state_of
from tests.api.doors import Doors
from tests.api.recalling.test_cases import give_back, report, start
from trace.keys import create_first_key

pytestmark = pytest.mark.usefixtures("goods")


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "".join("".join(page.get_textpage().get_text_bounded().split()) for page in document)


def printed(doors: Doors, path: str) -> str:
    answer = doors.get(f"{path}/print", "plant")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf"), answer.text
    return words(answer.data)


def test_a_notice_names_the_goods_of_its_buyer_and_has_a_part_to_send_back(doors: Doors) -> None:
    start(doors, reason="吡虫啉超标")
    [notice] = doors.post("/v1/recalls/RC1/notices", {}, "plant").json["notices"]
    text = printed(doors, f"/v1/recall-notices/{notice['code']}")
    assert [
        part for part in ("产品召回通知", "吡虫啉超标", "RC1", "1–4", "回执", "已通知下家") if part not in text
    ] == []


def test_a_notice_says_where_goods_go_back_to_and_has_no_goods_for_who_holds_none(doors: Doors) -> None:
    reach = {"address": "日照市某镇 8 号", "contact": "0633-7654321"}
    headers = {"Authorization": f"Bearer {doors.tokens['plant']}"}
    tag = {"If-Match": doors.get("/v1/parties/PL1", "plant").headers["ETag"]}
    assert doors.client.patch("/v1/parties/PL1", json=reach, headers={**headers, **tag}).status_code == 200
    start(doors)
    body = {"others": [{"name": "县市场监管局", "channel": "print"}]}
    buyer, authority = doors.post("/v1/recalls/RC1/notices", body, "plant").json["notices"]
    assert "联系我方退回（日照市某镇 8 号 0633-7654321）。" in buyer["text_zh"]
    assert "return them to us (日照市某镇 8 号 0633-7654321)." in buyer["text_en"]
    held, told = (printed(doors, f"/v1/recall-notices/{one['code']}") for one in (buyer, authority))
    assert ("尚在贵方的产品" in held, "尚在贵方的产品" in told) == (True, False)
    assert ("现有库存" in held, "现有库存" in told) == (True, False)
    assert "0633-7654321" in held


def test_a_report_after_the_last_day_says_that_it_is_late(doors: Doors) -> None:
    moments = {"known_at": "2026-05-01T08:00:00+08:00", "started_at": "2026-05-04T10:00:00+08:00"}
    start(doors, **moments)
    text = printed(doors, f"/v1/recall-reports/{report(doors, kind='progress').json['code']}")
    assert "2026-05-0410:00（逾期late）" in text
    assert "（逾期late）" in text.partition("应完成")[2], "and is not done yet"


def test_a_report_has_the_columns_of_the_regulator(doors: Doors) -> None:
    start(doors)
    give_back(doors, 1, 3)
    told = report(doors, kind="progress").json
    text = printed(doors, f"/v1/recall-reports/{told['code']}")
    parts = ("召回进展报告", "3/4", "75.0%", "吡虫啉超标", "全部焚烧", "未了事项", "还没有通知", "王芳")
    assert [part for part in parts if part not in text] == []


def test_a_drill_is_printed_with_its_score(doors: Doors) -> None:
    create_first_key(state_of(doors.app).settings.keys_dir)
    drill = doors.post("/v1/recall-drills", {"lots": ["PK1"], "person": "王芳"}, "plant").json
    text = printed(doors, f"/v1/recall-drills/{drill['code']}")
    assert [
        part
        for part in ("召回演练记录", str(drill["score"]), "/40", "演练人Heldby：王芳", "PK1", "次包装，共")
        if part not in text
    ] == []
