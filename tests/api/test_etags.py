"""ETags: who has an answer already is told so."""

from tests.api.conftest import Asking


def test_a_record_read_again_is_not_sent_again(ask: Asking) -> None:
    first = ask("/v1/lots/L001")
    again = ask("/v1/lots/L001", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert ask("/v1/lots/L002", If_None_Match=first.headers["ETag"]).status_code == 200


def test_two_callers_who_see_different_things_get_different_tags(ask: Asking) -> None:
    assert ask("/v1/findings", "plant").headers["ETag"] != ask("/v1/findings", "coop").headers["ETag"]


def test_a_stream_has_no_tag(ask: Asking) -> None:
    assert "ETag" not in ask("/v1/exports/lots").headers


def test_a_read_under_a_condition_that_does_not_hold_is_refused_as_any_other(ask: Asking) -> None:
    answer = ask("/v1/lots/L001", If_Match='"another"')
    assert (answer.status_code, answer.content_type) == (412, "application/problem+json")
    assert answer.json["code"] == "state-changed"
    assert answer.headers["Cache-Control"] == "no-store"
    for named in (ask("/v1/lots/L001").headers["ETag"], "*"):
        assert ask("/v1/lots/L001", If_Match=named).status_code == 200
