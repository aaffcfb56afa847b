"""What a code is: every verdict, their order, and what looking up costs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from tests.tea import FARMER, GTIN, LOT, PHONE, PLOT_CODE, Tea, hold, instance_name, make_tea, recall, settle, ship
from trace.findings import Finding, Severity, answer_finding
from trace.keys import ALPHABET, KeyRing, load_keys
from trace.lots import Lot
from trace.serials import check_character, seal
from trace.stories import StoryShelf, group_steps, read_story
from trace.units import Fate
from trace.verdicts import Answer, Code, Verdict, judge_code

OTHER_GTIN = "09520000010010"


@pytest.fixture
def keys(keys_dir: Path) -> KeyRing:
    return load_keys(keys_dir)


@pytest.fixture
def tea(session: Session, keys: KeyRing) -> Tea:
    return make_tea(session, keys)


@pytest.fixture
def judge(session: Session, keys: KeyRing) -> Callable[..., Answer]:
    """Ask what a code is; the serial's GTIN and lot unless others are given."""

    def ask(serial: str | None, gtin: str = GTIN, lot: str | None = LOT) -> Answer:
        return judge_code(session, keys, instance_name(session), Code(gtin=gtin, lot=lot, serial=serial))

    return ask


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """Gather the statements sent meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            sent.append(statement)

    bind = session.get_bind()
    event.listen(bind, "before_cursor_execute", note)
    yield sent
    event.remove(bind, "before_cursor_execute", note)


def test_a_shipped_position_is_genuine(tea: Tea, judge: Callable[..., Answer]) -> None:
    answer = judge(tea.printed[0])
    assert (answer.verdict, answer.position, answer.pack_id) == (Verdict.GENUINE, 1, tea.pack.id)


def test_a_link_without_lot_is_told_the_lot(tea: Tea, judge: Callable[..., Answer]) -> None:
    answer = judge(tea.printed[0], lot=None)
    assert (answer.verdict, answer.code.lot) == (Verdict.GENUINE, LOT)


def test_a_printed_position_without_a_fate_is_inactive(tea: Tea, judge: Callable[..., Answer]) -> None:
    assert judge(tea.printed[3]).verdict is Verdict.INACTIVE


def test_an_activated_position_is_genuine(session: Session, tea: Tea, judge: Callable[..., Answer]) -> None:
    settle(session, tea, Fate.ACTIVATED, 4)
    assert judge(tea.printed[3]).verdict is Verdict.GENUINE


def test_a_spoiled_position_is_void_though_its_range_was_shipped(
    session: Session, tea: Tea, judge: Callable[..., Answer]
) -> None:
    settle(session, tea, Fate.VOID, 2)
    assert [judge(serial).verdict for serial in tea.printed[:3]] == [Verdict.GENUINE, Verdict.VOID, Verdict.GENUINE]


def test_a_locked_position_is_locked_though_it_was_void(
    session: Session, tea: Tea, judge: Callable[..., Answer]
) -> None:
    settle(session, tea, Fate.LOCKED, 2)
    settle(session, tea, Fate.VOID, 2)
    assert judge(tea.printed[1]).verdict is Verdict.LOCKED


@pytest.mark.parametrize("severity", [Severity.REASON, Severity.REFUSE])
def test_an_unanswered_finding_holds_a_pack(
    session: Session, tea: Tea, judge: Callable[..., Answer], severity: Severity
) -> None:
    hold(session, tea, severity)
    assert judge(tea.printed[0]).verdict is Verdict.HELD
    assert judge(tea.printed[3]).verdict is Verdict.INACTIVE
    assert judge(None).verdict is Verdict.HELD


def test_a_note_holds_nothing(session: Session, tea: Tea, judge: Callable[..., Answer]) -> None:
    hold(session, tea, Severity.NOTE)
    assert judge(tea.printed[0]).verdict is Verdict.GENUINE


def test_an_answered_finding_frees_the_pack(session: Session, tea: Tea, judge: Callable[..., Answer]) -> None:
    hold(session, tea, Severity.REASON)
    before = judge(tea.printed[0])
    answer_finding(session, session.query(Finding).one(), by="officer", answer="weighed again")
    after = judge(tea.printed[0])
    assert (before.verdict, after.verdict) == (Verdict.HELD, Verdict.GENUINE)
    assert after.revision > before.revision


def test_a_recall_stands_before_all_else_that_is_known(
    session: Session, tea: Tea, judge: Callable[..., Answer]
) -> None:
    recall(session, tea)
    hold(session, tea, Severity.REFUSE)
    settle(session, tea, Fate.LOCKED, 1)
    assert judge(tea.printed[0]).verdict is Verdict.RECALLED
    assert judge(tea.printed[3]).verdict is Verdict.RECALLED
    assert judge(None).verdict is Verdict.RECALLED
    assert judge(None, lot=None).verdict is Verdict.UNNUMBERED


def test_every_altered_character_is_forged(tea: Tea, judge: Callable[..., Answer]) -> None:
    serial = tea.printed[0]
    for place in range(len(serial)):
        other = ALPHABET[(ALPHABET.index(serial[place]) + 7) % 32]
        assert judge(serial[:place] + other + serial[place + 1 :]).verdict is Verdict.FORGED


def test_a_serial_with_a_mended_check_character_is_forged(tea: Tea, judge: Callable[..., Answer]) -> None:
    body = tea.printed[0][:10] + ("7" if tea.printed[0][10] != "7" else "8") + tea.printed[0][11:-1]
    assert judge(body + check_character(body)).verdict is Verdict.FORGED


def test_a_position_never_printed_is_forged(
    session: Session, keys: KeyRing, tea: Tea, judge: Callable[..., Answer]
) -> None:
    unprinted = seal(keys.signing, instance_name(session), GTIN, tea.pack.id, 6)
    assert judge(unprinted).verdict is Verdict.FORGED


def test_a_serial_of_another_installation_is_forged(keys: KeyRing, tea: Tea, judge: Callable[..., Answer]) -> None:
    assert judge(seal(keys.signing, "another", GTIN, tea.pack.id, 1)).verdict is Verdict.FORGED


def test_a_foreign_gtin_is_unknown(tea: Tea, judge: Callable[..., Answer]) -> None:
    assert judge(tea.printed[0], gtin=OTHER_GTIN).verdict is Verdict.UNKNOWN
    assert judge(None, gtin=OTHER_GTIN, lot=None).verdict is Verdict.UNKNOWN


def test_a_lot_that_is_not_ours_is_unknown(tea: Tea, judge: Callable[..., Answer]) -> None:
    assert judge(tea.printed[0], lot="NOPE").verdict is Verdict.UNKNOWN
    assert judge("NOTHING", lot="NOPE").verdict is Verdict.UNKNOWN
    assert judge(None, lot="NOPE").verdict is Verdict.UNKNOWN


def test_a_pack_that_is_not_ours_is_unknown(
    session: Session, keys: KeyRing, tea: Tea, judge: Callable[..., Answer]
) -> None:
    lost = seal(keys.signing, instance_name(session), GTIN, tea.pack.id + 1000, 1)
    assert judge(lost).verdict is Verdict.UNKNOWN


def test_a_serial_under_the_lot_of_another_pack_is_forged(
    session: Session, tea: Tea, judge: Callable[..., Answer]
) -> None:
    session.execute(update(type(tea.pack)).values(label_lot="MOVED"))
    other = make_second_pack(session, tea)
    assert judge(tea.printed[0], lot=other).verdict is Verdict.FORGED


def make_second_pack(session: Session, tea: Tea) -> str:
    """Write one more pack of the same item and return its lot code."""
    pack = tea.pack
    lot = session.get_one(Lot, pack.lot_id)
    twin = Lot(code="PK10", uri="urn:x:pk10", party_id=lot.party_id, kind=lot.kind, made_on=lot.made_on, units=0)
    session.add(twin)
    session.flush()
    session.add(
        type(pack)(
            lot_id=twin.id,
            trade_item_id=pack.trade_item_id,
            label_lot="T002",
            packed_on=pack.packed_on,
            best_before=pack.best_before,
            units=1,
            event_id=pack.event_id,
        )
    )
    session.flush()
    return "T002"


def test_a_link_without_serial_is_never_genuine(tea: Tea, judge: Callable[..., Answer]) -> None:
    assert judge(None).verdict is Verdict.UNNUMBERED
    assert judge(None, lot=None).verdict is Verdict.UNNUMBERED


def test_a_party_without_gtin_has_serials_too(session: Session, keys: KeyRing, judge: Callable[..., Answer]) -> None:
    tea = make_tea(session, keys, gtin=None)
    assert judge(tea.printed[0], gtin="", lot=None).verdict is Verdict.GENUINE
    assert judge("JUSTLETTERS", gtin="", lot=None).verdict is Verdict.FORGED


def test_a_look_up_takes_two_statements_and_one_when_the_story_is_kept(
    session: Session, keys: KeyRing, tea: Tea
) -> None:
    shelf, instance = StoryShelf(), instance_name(session)
    session.flush()
    costs = []
    for serial in tea.printed[:3]:
        with statements(session) as sent:
            shelf.get_story(session, judge_code(session, keys, instance, Code(gtin=GTIN, lot=LOT, serial=serial)))
        costs.append(len(sent))
    assert costs == [2, 1, 1]


def test_a_new_revision_is_told_anew(session: Session, tea: Tea, judge: Callable[..., Answer]) -> None:
    shelf = StoryShelf()
    before = shelf.get_story(session, judge(tea.printed[0]))
    recall(session, tea)
    after = shelf.get_story(session, judge(tea.printed[0]))
    assert [step.step for step in after.steps if step not in before.steps] == ["recall"]


def test_a_shipment_is_told_though_the_story_was_kept(session: Session, tea: Tea, judge: Callable[..., Answer]) -> None:
    shelf, before = StoryShelf(), judge(tea.printed[3])
    assert shelf.get_story(session, before)
    ship(session, tea.pack, tea.parties, 4, 5)
    after = judge(tea.printed[3])
    assert (before.verdict, after.verdict) == (Verdict.INACTIVE, Verdict.GENUINE)
    assert after.revision > before.revision


def test_the_shelf_forgets_what_was_told_longest_ago(session: Session, tea: Tea, judge: Callable[..., Answer]) -> None:
    shelf, pack, product = StoryShelf(size=1), judge(None), judge(None, lot=None)
    shelf.get_story(session, pack)
    shelf.get_story(session, product)
    with statements(session) as sent:
        shelf.get_story(session, pack)
    assert len(sent) == 1


def test_the_story_follows_the_tea_from_village_to_shop(
    session: Session, tea: Tea, judge: Callable[..., Answer]
) -> None:
    story = read_story(session, judge(tea.printed[0]))
    assert [(village.name, village.town, round(village.share, 6)) for village in story.villages] == [
        ("上茶沟村", "云溪岭镇", 0.75),
        ("雾峪村", "云溪岭镇", 0.25),
    ]
    assert [(stage.step, str(stage.first), str(stage.last), stage.parties) for stage in group_steps(story.steps)] == [
        ("picking", "2026-04-13", "2026-04-14", ("雾峪合作社",)),
        ("intake", "2026-04-14", "2026-04-14", ("雾海制茶厂",)),
        ("run", "2026-04-14", "2026-04-14", ("雾海制茶厂",)),
        ("testing", "2026-04-22", "2026-04-22", ("示例检验中心",)),
        ("packing", "2026-04-26", "2026-04-26", ("雾海制茶厂",)),
        ("shipping", "2026-05-03", "2026-05-03", ("雾海制茶厂",)),
    ]
    assert [word.en for word in story.work] == ["Spreading", "Fixing", "Rolling"]


def test_results_keep_their_digits_and_limits(session: Session, tea: Tea, judge: Callable[..., Answer]) -> None:
    items = read_story(session, judge(tea.printed[0])).reports[0].items
    assert [(item.analyte.en, item.value, item.words, item.limit, item.unit, item.passed) for item in items] == [
        ("Bifenthrin", None, "未检出", "5", "mg/kg", True),
        ("Moisture", "5.130", None, "7.0", "%", True),
    ]


def test_a_product_alone_tells_which_lots_are_recalled(
    session: Session, tea: Tea, judge: Callable[..., Answer]
) -> None:
    recall(session, tea)
    story = read_story(session, judge(None, lot=None))
    assert (story.product.recalled_lots, story.packing, story.steps) == ((LOT,), None, ())


def test_a_story_holds_no_person_and_no_plot(session: Session, tea: Tea, judge: Callable[..., Answer]) -> None:
    told = repr(read_story(session, judge(tea.printed[0])))
    assert not [secret for secret in (FARMER, PHONE, PLOT_CODE, "128", "某经销商", "茶农") if secret in told]
