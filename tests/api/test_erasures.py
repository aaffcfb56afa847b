"""A person who weighed, filled in forms or worked is forgotten by name when asked for; what was recorded stays."""

from click.testing import Result

from tests.api.doors import Doors
from tests.api.moving import pick, send
from tests.api.test_field_work import work
from tests.api.test_paper_forms import issue
from tests.api.test_paper_forms import picking as on_paper
from tests.api.test_slips import take_in


def erase(doors: Doors, party: str, name: str) -> Result:
    """Ask the operator's command for it."""
    return doors.app.test_cli_runner().invoke(args=["names", "erase", "--party", party, "--name", name])


def test_a_name_is_erased_from_slips_forms_and_field_work_of_one_party(doors: Doors) -> None:
    pick(doors)
    send(doors, "HO1")
    intake = take_in(doors, weigher="赵大爷")
    [number] = issue(doors, count=1)
    assert doors.post("/v1/pickings", on_paper(doors, number)).status_code == 201
    assert doors.post("/v1/field-work", work(doors, code="W1", worker="赵大爷")).status_code == 201
    slip = f"/v1/slips/PL1/{intake['slip'].rpartition('/')[2]}"
    assert doors.get(slip, "plant").json["weigher_person"] == "赵大爷"

    assert erase(doors, "C01", "赵大爷").output == "2\n"
    form = doors.get(f"/v1/paper-forms/{number}").json
    assert (form["state"], [use["written_by"] for use in form["uses"]]) == ("used", [None])
    assert doors.get("/v1/field-work/W1").json["worker"] is None
    assert doors.get(slip, "plant").json["weigher_person"] == "赵大爷"

    before = doors.get(slip, "plant").json
    assert erase(doors, "PL1", "赵大爷").output == "1\n"
    assert doors.get(slip, "plant").json == {**before, "weigher_person": None}
    assert erase(doors, "PL1", "赵大爷").output == "0\n"


def test_a_party_that_is_not_there_is_named(doors: Doors) -> None:
    answer = erase(doors, "NOBODY", "赵大爷")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "NOBODY" in answer.stderr
