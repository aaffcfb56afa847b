"""The page of a certificate on a telephone: a real Chromium, 390 pixels wide."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.databases import Kept, MakeSessions
from tests.web.certified import STATES, open_certified
from tests.web.pictures import PHONE, serving
from tests.web.town import Town

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def certified(
    make_sessions: MakeSessions, demo_kept: Kept, keys_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Town:
    """Open the town with certificates in every state."""
    return open_certified(make_sessions(demo_kept), keys_dir, tmp_path_factory.mktemp("certified") / "spool")


@pytest.fixture(scope="module")
def address(certified: Town) -> Iterator[str]:
    """Serve it."""
    with serving(certified) as served:
        yield served


@pytest.fixture(params=["zh-CN", "en-GB"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """Open an empty tab on a telephone in one of the languages."""
    context = browser.new_context(viewport=PHONE, device_scale_factor=2, is_mobile=True, locale=request.param)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("state", STATES)
def test_it_fits_the_screen_asks_nobody_else_and_can_be_read_by_everybody(
    page: Page, certified: Town, address: str, state: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address + certified.codes[state])
    assert all(url.startswith(address + "/") for url in asked)
    widths = "[...document.querySelectorAll('body *')].map(e => e.getBoundingClientRect().right)"
    assert page.evaluate(f"Math.max(...{widths})") <= PHONE["width"] + 0.5
    assert page.evaluate("document.scripts.length") == 0
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]})
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found.response["violations"]] == []
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("page", ["zh-CN"], indirect=True)
def test_one_goes_on_from_it_to_the_packed_tea(page: Page, certified: Town, address: str) -> None:
    page.goto(address + certified.codes["valid"])
    with page.expect_navigation():
        page.locator("a[href^='/01/']").first.click()
    assert page.locator("body").get_attribute("class") == "v-unnumbered"
