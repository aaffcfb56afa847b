"""`flask epcis …`: what the command line does with EPCIS documents."""

from pathlib import Path

import click

_REASONS = {
    "not-found": ("文件不存在或无法读取", "there is no such file, or it cannot be read"),
    "not-json": ("不是有效的 JSON", "not valid JSON"),
    "not-xml": ("不是有效的 XML", "not valid XML"),
    "not-a-number": ("含有 NaN 或 Infinity", "holds NaN or Infinity"),
    "not-unicode": ("含有无效的 Unicode 字符", "holds characters that are not Unicode"),
    "doctype": ("不接受 DOCTYPE 和实体声明", "DOCTYPE and entity declarations are not accepted"),
    "too-deep": ("嵌套过深", "nested too deeply"),
    "no-event-type": ("有一项不是 EPCIS 事件", "something in it is not an EPCIS event"),
    "not-epcis": ("不是 EPCIS 文档", "not an EPCIS document"),
}


@click.group("epcis")
def epcis() -> None:
    """Work with EPCIS documents."""


@epcis.command("hash")
@click.argument("file", type=click.Path(path_type=Path))
def hash_file(file: Path) -> None:
    """Print the event hash (CBV 2.0 §8.9) of each event of FILE, JSON or XML, one a line, in document order."""
    from trace.epcis.errors import EpcisUnreadableError  # noqa: PLC0415 -- other commands start without an XML parser
    from trace.epcis.event_hash import document_hashes  # noqa: PLC0415 -- likewise

    try:
        hashes = document_hashes(file.read_bytes())
    except OSError:
        raise _refusal(file, "not-found") from None
    except EpcisUnreadableError as refusal:
        raise _refusal(file, str(refusal.facts["reason"]), str(refusal.facts.get("detail", ""))) from None
    for line in hashes:
        click.echo(line)


def _refusal(file: Path, reason: str, detail: str = "") -> click.ClickException:
    """Return what ends the command with exit code 1 and one line in both languages."""
    chinese, english = _REASONS[reason]
    line = f"无法读取 {file}：{chinese} / cannot read {file}: {english}{f' ({detail})' if detail else ''}"
    return click.ClickException(" ".join(line.split()))
