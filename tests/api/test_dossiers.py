"""`/v1/lots/{code}/dossier`: a PDF that says all, JSON of the same, and nothing of what the caller may not know."""

import io

import pypdfium2 as pdfium
import pytest
import zxingcpp

from tests.api.conftest import Asking


def _text(ask: Asking, path: str, caller: str = "operator", **headers: str) -> str:
    answer = ask(path, caller, **headers)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    pdf = pdfium.PdfDocument(io.BytesIO(answer.data))
    text = "".join(pdf[number].get_textpage().get_text_range() for number in range(len(pdf)))
    pdf.close()
    return text


def test_the_paper_tells_the_story_of_the_recalled_pack(ask: Asking) -> None:
    text = _text(ask, "/v1/lots/PK008/dossier")
    for words in (
        *("批次档案 PK008", "召回", "PL3/PK008", "双松茶叶加工厂（示例）", "来源和占比", "27.3%", "松岭后村"),
        *("吡虫啉", "10 天", "CT0027", "403.900 kg", "杀青", "4.57", "T016", "0.74 mg/kg", "不合格", "未答复"),
        *("1,200", "511", "PK008 506–689", "RC01", "追溯图", "第 1 页 共", "operator"),
    ):
        assert words in text


def test_the_symbol_on_the_paper_leads_to_the_page_of_the_pack(ask: Asking) -> None:
    pdf = pdfium.PdfDocument(io.BytesIO(ask("/v1/lots/PK008/dossier").data))
    [found] = zxingcpp.read_barcodes(pdf[0].render(scale=3).to_pil())
    pdf.close()
    assert found.text.endswith("/01/09520000010041/10/L008")


def test_the_paper_speaks_english_to_who_asks_for_it(ask: Asking) -> None:
    text = _text(ask, "/v1/lots/L008/dossier", Accept_Language="en")
    for words in ("Lot dossier L008", "Sources and shares", "not answered", "recalled", "finished tea"):
        assert words in text


def test_json_holds_the_same_records_as_their_nouns_show_them(ask: Asking) -> None:
    dossier = ask("/v1/lots/PK008/dossier", Accept="application/json").json
    assert dossier == ask("/v1/lots/PK008/dossier?format=json").json
    assert dossier["lot"] == ask("/v1/lots/PK008").json
    assert dossier["back"] == ask("/v1/lots/PK008/trace").json
    assert dossier["signs"] == ["recalled", "held"]
    assert dossier["packs"] == [ask("/v1/packs/PK008").json]
    assert dossier["pickings"][0] == ask(f"/v1/pickings/{dossier['pickings'][0]['code']}").json
    assert [work["ratio"] for work in dossier["runs"]] == [4.57, 5.43, 4.52]


def test_a_cooperative_does_not_read_who_bought_the_tea(ask: Asking) -> None:
    dossier = ask("/v1/lots/C05/H0075/dossier?format=json", "grower coop").json
    assert dossier["shipments"] == dossier["packs"] == dossier["results"] == []
    assert {one["party"] for one in dossier["happenings"] if one["lot"] in {"L008", "PK008"}} == {None}
    text = _text(ask, "/v1/lots/C05/H0075/dossier", "grower coop")
    assert "BUY-" not in text
    assert "没有记录，或您看不到" in text


@pytest.mark.parametrize("caller", ["coop", "laboratory"])
def test_a_lot_that_is_not_found_has_no_dossier(ask: Asking, caller: str) -> None:
    assert ask("/v1/lots/PK008/dossier", caller).status_code == 404


def test_a_form_of_a_dossier_that_there_is_not_is_refused(ask: Asking) -> None:
    assert ask("/v1/lots/PK008/dossier?format=docx").status_code == 400
    assert ask("/v1/lots/PK008/dossier", Accept="image/png").status_code == 406
