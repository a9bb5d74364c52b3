"""The frame of all pages: navigation, appearance, errors."""

from playwright.sync_api import Page, expect

from tests.browsers import Watch, assert_accessible, assert_fits, take_picture
from tests.consoles import Team


def test_a_page_that_does_not_exist_is_told_of_in_the_frame(owner: Page, team: Team, watch: Watch) -> None:
    watch.allowed = "status of 404"
    owner.goto(f"{team.server.url}/console/no-such-page")
    expect(owner).to_have_title("Error · Geostead")
    assert_accessible(owner)
    assert_fits(owner)
    take_picture(owner, "not-found")
