"""The pages on a telephone: a real Chromium, 390 pixels wide."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, Request

from tests.web.pictures import PHONE, serving
from tests.web.town import Town

NAMES = (
    *("genuine", "recalled", "locked", "void", "inactive", "held", "unnumbered", "product", "forged", "unknown"),
    *("malformed", "start", "unreadable", "missing", "slip", "reversed slip"),
)
pytestmark = pytest.mark.browser


@dataclass
class Visit:
    """A page, and what happened while it loaded."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def note(self, asked: Request) -> None:
        """Keep a request."""
        self.requests.append(asked)


@pytest.fixture(scope="session")
def address(town: Town) -> Iterator[str]:
    """Serve the town for all visits."""
    with serving(town) as served:
        yield served


@pytest.fixture(params=["zh-CN", "en-GB"])
def visit(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Visit]:
    """Open an empty tab on a telephone in one of the languages."""
    context = browser.new_context(
        viewport=PHONE, device_scale_factor=2, is_mobile=True, has_touch=True, locale=request.param
    )
    page = context.new_page()
    watched = Visit(page)
    page.on("request", watched.note)
    page.on("console", lambda message: watched.complaints.append(message.text))
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    page.on("requestfailed", lambda asked: watched.complaints.append(asked.url))
    yield watched
    context.close()


def path_of(town: Town, name: str) -> str:
    """Return the path of a page by its name."""
    return {**town.codes, **town.slips, "start": "/", "unreadable": "/?code=x", "missing": "/nowhere"}[name]


@pytest.mark.parametrize("ratio", [1, 1.5, 2.625])
def test_no_seam_shows_below_the_hills(browser: Browser, address: str, ratio: float) -> None:
    context = browser.new_context(viewport=PHONE, device_scale_factor=ratio, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{address}/")
    for above in range(8):  # wherever the head ends between two dots
        page.evaluate(f"document.querySelector('.hero').style.paddingTop = '{20 + above / 8}px'")
        end = page.evaluate("document.querySelector('.top').getBoundingClientRect().bottom")
        shot = page.screenshot(clip={"x": 1, "y": int(end) - 3, "width": 8, "height": 6})
        assert len(Image.open(io.BytesIO(shot)).convert("RGB").getcolors() or ()) == 1
    context.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_whole_small_private_and_fits_the_screen(visit: Visit, town: Town, address: str, name: str) -> None:
    answer = visit.page.goto(address + path_of(town, name))
    assert answer
    # Chromium itself notes in the console that a page was answered 400 or 404.
    noted = [text for text in visit.complaints if f"status of {answer.status}" not in text]
    assert noted == []
    assert all(asked.url.startswith(address + "/") for asked in visit.requests)
    responses = [asked.response() for asked in visit.requests]
    assert sum(len(response.body()) for response in responses if response) < 50_000
    widths = "[...document.querySelectorAll('body *')].map(e => e.getBoundingClientRect().right)"
    assert visit.page.evaluate(f"Math.max(...{widths})") <= PHONE["width"] + 0.5
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert visit.page.evaluate("document.scripts.length") == 0


@pytest.mark.parametrize(
    ("visit", "name"),
    [
        *(("zh-CN", name) for name in NAMES),
        *(("en-GB", name) for name in ("genuine", "forged", "start", "slip", "reversed slip")),
    ],
    indirect=["visit"],
)
def test_a_page_can_be_read_by_everybody(visit: Visit, town: Town, address: str, name: str) -> None:
    visit.page.goto(address + path_of(town, name))
    found = Axe().run(visit.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]})
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found.response["violations"]] == []
    assert visit.page.locator("h1").count() == 1


@pytest.mark.parametrize("visit", ["en-GB"], indirect=True)
@pytest.mark.parametrize("name", ["genuine", "start"])
def test_the_keyboard_reaches_everything(visit: Visit, town: Town, address: str, name: str) -> None:
    visit.page.goto(address + path_of(town, name))
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.className") == "skip"
    assert visit.page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    visit.page.keyboard.press("Enter")
    assert visit.page.evaluate("document.activeElement.id") == "content"


@pytest.mark.parametrize("visit", ["en-GB"], indirect=True)
def test_the_language_can_be_switched_and_stays(visit: Visit, town: Town, address: str) -> None:
    visit.page.goto(address + town.codes["genuine"])
    before = visit.page.evaluate("document.documentElement.lang")
    with visit.page.expect_navigation():
        visit.page.locator("header nav a").click()
    after = visit.page.evaluate("document.documentElement.lang")
    assert {before, after} == {"zh-CN", "en"}
    with visit.page.expect_navigation():
        visit.page.locator("footer a").click()
    assert visit.page.evaluate("document.documentElement.lang") == after


@pytest.mark.parametrize("visit", ["en-GB"], indirect=True)
def test_a_typed_code_leads_to_its_page(visit: Visit, town: Town, address: str) -> None:
    visit.page.goto(address + "/")
    visit.page.fill("#code", town.codes["genuine"].rpartition("/")[2].lower())
    with visit.page.expect_navigation():
        visit.page.locator("button").click()
    assert visit.page.locator("body").get_attribute("class") == "v-genuine"


@pytest.mark.parametrize("visit", ["en-GB"], indirect=True)
def test_a_page_opened_again_costs_no_body(visit: Visit, town: Town, address: str) -> None:
    visit.page.goto(address + town.codes["genuine"])
    visit.page.goto("about:blank")
    visit.requests.clear()
    visit.page.goto(address + town.codes["genuine"])
    assert len(visit.requests) <= 2  # style and picture come from the browser's own store
