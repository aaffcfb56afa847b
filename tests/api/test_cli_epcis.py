"""`flask epcis hash FILE`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli.epcis import epcis

INTEROP = Path(__file__).resolve().parents[2].parent / "shared" / "interop"


def _hash(file: Path) -> Result:
    return CliRunner().invoke(epcis, ["hash", str(file)])


@pytest.mark.interop
@pytest.mark.skipif(not INTEROP.is_dir(), reason=f"no interoperability data at {INTEROP}")
@pytest.mark.parametrize(
    "name", ["epcisDocWithVariousEventTypes.jsonld", "epcisDocWithVariousEventTypes.xml", "epcisQueryDocument.xml"]
)
def test_it_prints_one_hash_a_line_in_document_order(name: str) -> None:
    file = INTEROP / "event-hash" / name
    result = _hash(file)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == file.with_suffix(".hashes").read_text().split()
    assert result.stderr == ""


def test_a_document_without_events_prints_nothing(tmp_path: Path) -> None:
    file = tmp_path / "empty.json"
    file.write_text(json.dumps({"type": "EPCISDocument", "epcisBody": {"eventList": []}}))
    assert (_hash(file).exit_code, _hash(file).stdout) == (0, "")


@pytest.mark.parametrize(
    ("content", "chinese", "english"),
    [
        ("{\n", "不是有效的 JSON", "not valid JSON"),
        ("<a>\n<b>", "不是有效的 XML", "not valid XML"),
        ("<!DOCTYPE a><a/>", "不接受 DOCTYPE", "DOCTYPE and entity"),
        ('{"q": NaN}', "NaN", "NaN"),
        ('{"type": "ObjectEvent", "q": "\\ud800"}', "无效的 Unicode", "not Unicode"),
        ("[" * 100 + "]" * 100, "嵌套过深", "nested too deeply"),
        ("{}", "不是 EPCIS 事件", "not an EPCIS event"),
        ("<html/>", "不是 EPCIS 文档", "not an EPCIS document"),
        (None, "文件不存在", "no such file"),
    ],
)
def test_an_unreadable_file_is_told_in_one_line_of_both_languages(
    tmp_path: Path, content: str | None, chinese: str, english: str
) -> None:
    file = tmp_path / "tea.json"
    if content is not None:
        file.write_text(content)
    result = _hash(file)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert chinese in result.stderr
    assert english in result.stderr
