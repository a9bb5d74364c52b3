"""Drafts over HTTP: what a person collects is published or staged as one load, by who may and when it still fits."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from geostead.model.person import Role
from tests.console.test_explorer_urls import SHOPS, client_of
from tests.consoles import Console, Team

Reply = dict[str, Any]
AWKWARD = 'a|b,"c"\nd\te \U0001f600 \'ü'


class Editor:
    """Somebody who edits the data source Shops."""

    def __init__(self, team: Team, role: Role = Role.EDITOR) -> None:
        self._team = team
        self._client = client_of(team, role)
        page = self._client.get(f"{team.server.url}/console/me").raise_for_status().text
        (token,) = set(re.findall(r'name="csrf_token" value="([^"]+)"', page))
        self._headers = {"x-csrf-token": token}

    def does(self, action: str, status: int = 200, **form: str) -> Reply:
        reply = self._client.post(f"draft/{action}", data=form, headers=self._headers)
        assert reply.status_code == status, reply.text
        found: Reply = reply.json() if "json" in reply.headers["content-type"] else {}
        return found

    def takes(self, status: int = 200, **step: str) -> Reply:
        """Take one step that changes the properties."""
        return self.does("schema", status, steps=json.dumps([step]))

    def sees(self, path: str, status: int = 200, **query: str) -> Reply:
        reply = self._client.get(path, params=query)
        assert reply.status_code == status, reply.text
        found: Reply = reply.json()
        return found

    def sends(self, **form: str) -> str:
        """Send the draft; return the status of its load in the end."""
        job = self.does("send", **form)["job"]
        self.job = self._team.server.finished(self._team.keys["master"], job)
        status: str = self.job["status"]
        return status

    def values(self, entity_id: str, **query: str) -> dict[str, str]:
        found: dict[str, str] = self.sees("entities/one", id=entity_id, **query)["values"]
        return found

    def ids(self, **query: str) -> list[str]:
        return [row["id"] for row in self.sees("entities/rows", **query)["rows"]]

    def close(self) -> None:
        self._client.close()


@pytest.fixture(scope="module")
def team(console: Console) -> Team:
    return console.new_team()


def load(team: Team, text: str = SHOPS, operation: str = "complete") -> None:
    job = team.load("Shops", text.encode(), input="pipe", loadOperation=operation)
    assert job["status"] == "Completed"


@pytest.fixture
def editor(team: Team) -> Iterator[Editor]:
    load(team)
    editor = Editor(team)
    yield editor
    editor.does("discard")
    editor.close()


def test_changes_of_all_kinds_are_published_together(editor: Editor) -> None:
    assert editor.sees("draft")["state"] == "none"
    assert editor.sees("draft/new-id") == {"id": "5"}
    editor.does("add", **{"id": "5", "value.Name": AWKWARD, "value.Latitude": "1e-3", "value.Longitude": "-0.1"})
    editor.does("change", **{"id": "1", "value.Seats": "-9223372036854775808"})
    editor.does("move", id="3", latitude="47.123456789", longitude="181")
    told = editor.does("delete", id="2")
    assert (told["state"], told["counts"]) == ("open", {"added": 1, "changed": 2, "deleted": 1})
    assert "changes" not in told, "however large the draft is, an act answers with what changed"
    assert (told["id"], told["change"]["kind"], told["change"]["label"]) == ("2", "deleted", 'Bäcker "am" Eck')
    draft = editor.sees("draft")
    assert [(change["id"], change["kind"]) for change in draft["changes"]] == [
        ("1", "changed"),
        ("2", "deleted"),
        ("3", "changed"),
        ("5", "added"),
    ]
    assert (draft["state"], draft["counts"], draft["moved"]) == ("open", told["counts"], False)
    seats = draft["changes"][0]
    assert (seats["values"], seats["before"]) == ({"Seats": "-9223372036854775808"}, {"Seats": "5"})
    assert draft["changes"][1] == told["change"]
    assert editor.sees("draft/status") == {"state": "open", "job": None}
    assert editor.sees("draft/one", id="5")["values"]["Name"] == AWKWARD
    assert editor.ids() == ["1", "2", "3", "4"], "nothing is published yet"
    assert editor.sends() == "Completed"
    assert editor.sees("draft")["state"] == "none"
    assert editor.ids() == ["1", "3", "4", "5"]
    assert editor.values("5")["Name"] == AWKWARD
    assert editor.values("1") | {"Seats": "-9223372036854775808"} == editor.values("1")
    assert (editor.values("3")["Latitude"], editor.values("3")["Longitude"]) == ("47.123457", "-179")


def test_an_earlier_change_of_each_kind_is_put_back_in_one_step(editor: Editor) -> None:
    editor.does("delete", id="1")
    told = editor.does("undo", **{"id": "1", "kind": "changed", "value.Seats": "6"})
    assert (told["change"]["kind"], told["change"]["values"]) == ("changed", {"Seats": "6"})
    editor.does("change", **{"id": "1", "value.Name": "Other"})
    told = editor.does("undo", **{"id": "1", "kind": "changed", "value.Seats": "6"})
    assert told["change"]["values"] == {"Seats": "6"}
    assert editor.does("undo", id="1", kind="deleted")["change"]["kind"] == "deleted"
    assert editor.does("undo", id="1")["change"] is None
    told = editor.does("undo", **{"id": "9", "kind": "added", "value.Name": AWKWARD})
    assert (told["change"]["kind"], told["change"]["label"]) == ("added", AWKWARD)
    assert editor.does("undo", 400, id="9", kind="gone")["parameter"] == "kind"
    editor.does("undo", 404, id="1", kind="added")
    editor.does("undo", 404, id="9", kind="changed")
    editor.does("undo", 422, **{"id": "1", "kind": "changed", "value.Seats": "many"})


def test_a_staged_draft_leaves_what_is_published(editor: Editor) -> None:
    editor.does("delete", id="1")
    assert editor.sends(target="staged") == "Completed"
    assert editor.ids() == ["1", "2", "3", "4"]
    assert editor.ids(version="staged") == ["2", "3", "4"]


def test_wrong_values_are_told_by_property_and_not_kept(editor: Editor) -> None:
    typed = {"id": "9", "value.Seats": "many", "value.Latitude": "91", "value.Longitude": "x", "value.Geom": "POINT"}
    refused = editor.does("add", 422, **typed)
    assert set(refused["errors"]) == {"Seats", "Latitude", "Longitude", "Geom"}
    assert refused["errors"]["Latitude"] == "a number from -90 to 90"
    assert refused["values"]["Seats"] == "many"
    assert set(editor.does("add", 422, id="1")["errors"]) == {"ShopId"}
    assert set(editor.does("add", 422, id="")["errors"]) == {"ShopId"}
    assert set(editor.does("change", 422, **{"id": "1", "value.Latitude": ""})["errors"]) == {"Latitude"}
    for wrong in ("nan", "", "1_0", "\u0663", " 1", "91"):
        assert editor.does("move", 400, id="1", latitude=wrong, longitude="1")["parameter"] == "latitude"
    assert editor.does("delete", 404, id="99")["message"]
    assert editor.sees("draft")["state"] == "none"


def test_an_id_cannot_be_changed_and_a_change_of_nothing_is_none(editor: Editor) -> None:
    refused = editor.does("change", 422, **{"id": "1", "value.ShopId": "2"})
    assert set(refused["errors"]) == {"ShopId"}
    assert editor.does("change", id="1", **{"value.ShopId": "1"})["change"] is None
    assert editor.sees("draft")["state"] == "none"
    before = editor.values("1")
    editor.does("change", id="1", **{"value.Name": "Other"})
    assert editor.does("change", id="1", **{"value.Name": before["Name"]})["change"] is None
    assert sum(editor.sees("draft")["counts"].values()) == 0


def test_what_a_draft_does_with_an_entity_is_taken_back(editor: Editor) -> None:
    editor.does("add", id="7")
    gone = editor.does("delete", id="7")
    assert (gone["id"], gone["change"], gone["counts"]["added"]) == ("7", None, 0)
    editor.does("delete", id="1")
    editor.does("change", 404, id="1")
    assert editor.does("undo", id="1")["change"] is None
    assert editor.sees("draft")["changes"] == []
    assert "nothing in it" in editor.does("send", 404)["message"]


def test_properties_are_added_renamed_removed_and_retyped_for_all_entities(editor: Editor) -> None:
    editor.does("change", **{"id": "1", "value.Name": "New"})
    editor.takes(step="rename", name="name", newName="Title")
    editor.takes(step="add", name="Name", type="Edm.Boolean")
    editor.takes(step="remove", name="Geom")
    editor.takes(step="rename", name="ShopId", newName="Code")
    draft = editor.takes(step="retype", name="Seats", type="Edm.String")
    assert [(p["name"], p["was"]) for p in draft["properties"]][:4] == [
        ("Code", "ShopId"),
        ("Title", "Name"),
        ("Seats", "Seats"),
        ("Latitude", "Latitude"),
    ]
    editor.does("change", **{"id": "2", "value.Name": "yes", "value.Seats": "a few"})
    assert editor.sends() == "Completed"
    assert editor.values("1") == {
        "Code": "1",
        "Title": "New",
        "Seats": "5",
        "Latitude": "47.5",
        "Longitude": "-122.5",
        "Name": "",
    }
    two = editor.values("2")
    assert (two["Title"], two["Name"], two["Seats"]) == ('Bäcker "am" Eck', "true", "a few")
    assert editor.ids() == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("step", "parameter"),
    [
        ({"step": "remove", "name": "ShopId"}, "name"),
        ({"step": "retype", "name": "ShopId", "type": "Edm.Int64"}, "name"),
        ({"step": "remove", "name": "Latitude"}, "name"),
        ({"step": "add", "name": "seats", "type": "Edm.Int64"}, "name"),
        ({"step": "add", "name": "no good", "type": "Edm.Int64"}, "name"),
        ({"step": "add", "name": "Shape", "type": "Edm.Geography"}, "name"),
        ({"step": "add", "name": "Shape", "type": "Edm.Blob"}, "type"),
        ({"step": "rename", "name": "Name", "newName": "__x"}, "newName"),
        ({"step": "rename", "name": "Name", "newName": "__DeleteEntity"}, "newName"),
        ({"step": "add", "name": "__deleteEntity", "type": "Edm.Boolean"}, "name"),
        ({"step": "rename", "name": "Nome", "newName": "X"}, "name"),
        ({"step": "turn", "name": "Name"}, "step"),
    ],
)
def test_steps_that_the_rules_do_not_allow_are_refused(editor: Editor, step: dict[str, str], parameter: str) -> None:
    assert editor.takes(400, **step)["parameter"] == parameter
    assert editor.sees("draft")["state"] == "none"


def test_all_steps_are_taken_or_none(editor: Editor) -> None:
    steps = [
        {"step": "rename", "name": "Seats", "newName": "Chairs", "type": None},
        {"step": "add", "name": "2 bad", "newName": None, "type": "Edm.String"},
    ]
    refused = editor.does("schema", 400, steps=json.dumps(steps))
    assert (refused["step"], refused["parameter"]) == (1, "name")
    assert refused["message"].startswith("The property name '2 bad' is not possible")
    assert editor.sees("draft")["steps"] == []
    for wrong in ("", "{}", "[1]"):
        assert editor.does("schema", 400, steps=wrong)["parameter"] == "steps"


def test_what_a_rename_leaves_is_not_told_as_changed(editor: Editor) -> None:
    editor.does("change", **{"id": "1", "value.Seats": "6"})
    draft = editor.takes(step="rename", name="Name", newName="Title")
    assert [(one["values"], one["before"]) for one in draft["changes"]] == [({"Seats": "6"}, {"Seats": "5"})]


def test_the_job_of_a_draft_tells_where_it_goes(editor: Editor, team: Team) -> None:
    load(team, operation="completeStaging")
    step = {"step": "retype", "name": "Name", "type": "Edm.Int64"}
    editor.does("schema", version="staged", steps=json.dumps([step]))
    assert editor.sends(target="staged") == "Aborted"
    assert editor.sees("draft/status")["job"]["target"] == "staged"


def test_values_that_do_not_fit_their_new_type_abort_the_load_unless_they_may_be_left_out(editor: Editor) -> None:
    editor.takes(step="retype", name="Name", type="Edm.Int64")
    assert editor.sends() == "Aborted"
    assert "a whole number" in editor.job["errorMessage"]
    draft = editor.sees("draft")
    assert (draft["state"], draft["job"]["status"]) == ("open", "Aborted")
    assert "a whole number" in draft["job"]["error"]
    assert editor.ids() == ["1", "2", "3", "4"]
    editor.does("change", 422, **{"id": "1", "value.Name": "x"})
    editor.does("change", **{"id": "1", "value.Name": "17"})
    assert editor.sends(leaveOut="1") == "Completed"
    assert editor.ids() == ["1"]


def test_values_of_the_draft_itself_are_held_against_later_steps(editor: Editor) -> None:
    editor.does("change", **{"id": "1", "value.Name": "new"})
    editor.takes(step="retype", name="Name", type="Edm.Int64")
    refused = editor.does("send", 422)
    assert refused["entities"] == [{"id": "1", "property": "Name", "expected": "a whole number of at most 64 bits"}]
    editor.does("schema/undo")
    assert editor.sends() == "Completed"


def test_who_sends_over_another_version_is_asked_and_told_what_was_changed_by_both(editor: Editor, team: Team) -> None:
    editor.does("change", **{"id": "1", "value.Name": "mine"})
    editor.does("change", **{"id": "2", "value.Name": "mine, too"})
    load(team, SHOPS.replace("Al's", "theirs"))
    draft = editor.sees("draft")
    assert (draft["moved"], draft["conflicts"]) == (True, ["1"])
    asked = editor.does("send", 409)
    assert (asked["current"], asked["conflicts"]) == (draft["current"], ["1"])
    assert editor.does("send", 409, over="0" * 32)["conflicts"] == ["1"]
    assert editor.sends(over=asked["current"]) == "Completed"
    assert (editor.values("1")["Name"], editor.values("2")["Name"]) == ("mine", "mine, too")


def test_a_draft_is_of_one_person_and_needs_a_role_that_edits(editor: Editor, team: Team) -> None:
    editor.does("delete", id="1")
    owner, viewer = Editor(team, Role.OWNER), Editor(team, Role.VIEWER)
    assert owner.sees("draft")["state"] == viewer.sees("draft")["state"] == "none"
    viewer.does("delete", 403, id="1")
    for other in (owner, viewer):
        other.close()


def test_previous_versions_are_looked_at_and_not_changed(editor: Editor, team: Team) -> None:
    before = editor.sees("entities/rows")["version"]
    load(team, SHOPS.replace("Al's", "theirs"))
    assert editor.values("1", version=before)["Name"] == "Al's"
    assert editor.does("delete", 400, id="1", version=before)["parameter"] == "version"
