"""Pages of other origins in a real browser: an allowed one walks by links and writes, none reads HTML."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, FrameLocator, Page, expect

from tests.browser.chromium import opened
from tests.browser.conftest import Sandbox
from tests.browser.watching import Watched

WALK = """async ([base, token]) => {
  const client = new Client(base);
  client.use((request, next) => {
    request.headers.set('Authorization', `Bearer ${token}`);
    request.headers.set('FOXY-API-VERSION', '1');
    return next(request);
  });
  const page = await client.follow('fx:store').follow('fx:customers');
  const state = await page.get();
  const customers = state.followAll('fx:customers');
  const one = await (await customers)[0].get();
  const create = state.actions().find(({method}) => method === 'POST');
  const answer = await create.submit({email: 'elsewhere@walk.example', first_name: 'Elsa'});
  const made = client.go(answer.headers.get('Location'));
  const read = await made.get();
  await made.patch({data: {first_name: 'Elspeth'}, headers: {'If-Match': read.headers.get('ETag')}});
  const again = await made.refresh();
  await made.delete();
  const title = one.links.get('self').title;
  return {title, made: made.uri, before: read.data.first_name, after: again.data.first_name};
}"""
ASK = """async ([url, options]) => {
  const answer = await fetch(url, options);
  return {status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text()};
}"""
FRAME = """(url) => {
  document.querySelector('iframe')?.remove();
  const frame = document.createElement('iframe');
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
  frame.src = url;
  document.body.append(frame);
  return loaded.then(() => null);
}"""


@pytest.fixture
def elsewhere_page(chromium: Browser, sandbox: Sandbox, elsewhere: int) -> Iterator[Page]:
    """A page of the origin that the sandbox's list names."""
    base = f"http://127.0.0.1:{elsewhere}"
    with opened(chromium, "desktop") as context:
        watched = Watched(context, sandbox.base, base)
        watched.page.goto(base)
        watched.page.wait_for_function("Boolean(window.Client)")
        yield watched.page
        watched.require_no_fault()


@pytest.fixture
def strange_page(chromium: Browser, elsewhere: int) -> Iterator[Page]:
    """The same page by another name, which the list does not know."""
    with opened(chromium, "desktop") as context:
        page = context.new_page()
        page.goto(f"http://localhost:{elsewhere}")
        yield page


def asked(page: Page, url: str, **options: Any) -> dict[str, Any]:
    """What a page's script is told of an answer."""
    told: dict[str, Any] = page.evaluate(ASK, [url, options])
    return told


def kept_from(page: Page, url: str, **options: Any) -> bool:
    """Whether the browser keeps the answer from the page."""
    try:
        asked(page, url, **options)
    except Error as error:
        return "Failed to fetch" in str(error)
    return False


def test_a_public_client_walks_by_links_and_writes_from_another_origin(
    elsewhere_page: Page, sandbox: Sandbox
) -> None:
    seen = elsewhere_page.evaluate(WALK, [sandbox.base, sandbox.token])

    assert seen["made"].startswith(f"{sandbox.base}/customers/")
    assert (seen["title"], seen["before"], seen["after"]) == ("This Customer", "Elsa", "Elspeth")


def test_a_page_elsewhere_reads_the_headers_that_it_needs(elsewhere_page: Page, sandbox: Sandbox) -> None:
    proof = {"Authorization": f"Bearer {sandbox.token}"}
    url = f"{sandbox.base}/customers/115"

    assert {"etag", "link"} <= asked(elsewhere_page, url, headers=proof)["headers"].keys()
    assert {"allow", "accept-patch"} <= asked(elsewhere_page, url, headers=proof, method="OPTIONS")[
        "headers"
    ].keys()


def test_a_page_elsewhere_is_not_signed_in_as_the_explorer_is(
    chromium: Browser, sandbox: Sandbox, elsewhere: int
) -> None:
    with opened(chromium, "desktop") as context:
        page = context.new_page()
        page.goto(f"{sandbox.base}/customers/115")  # which shows the sandbox's own explorer a customer
        page.goto(f"http://127.0.0.1:{elsewhere}")
        url = f"{sandbox.base}/customers/115"

        assert asked(page, url, headers={"Accept": "application/hal+json"})["status"] == 401
        assert kept_from(page, url, headers={"Accept": "text/html"})
        assert kept_from(page, url, credentials="include", headers={"Accept": "application/hal+json"})
        assert kept_from(page, url, headers={"X-Patron-Explorer": "1"})
        assert kept_from(page, url, method="DELETE", headers={"X-Patron-Explorer": "1"})
        assert kept_from(page, f"{sandbox.base}/token", method="POST")
        page.goto(url)
        assert page.get_by_role("heading", level=1).text_content() == "This Customer"


def test_a_page_that_the_list_does_not_name_reads_nothing(strange_page: Page, sandbox: Sandbox) -> None:
    for path in ("/", "/customers/115", "/rels"):
        for headers in ({}, {"Authorization": f"Bearer {sandbox.token}"}):
            assert kept_from(strange_page, sandbox.base + path, headers=headers)


def frame(page: Page, url: str) -> FrameLocator:
    """What the browser shows of an address within a page."""
    page.evaluate(FRAME, url)
    return page.frame_locator("iframe")


def keeps_from_frame(page: Page, url: str) -> bool:
    """Whether the browser does not show an address within a page, and says why."""
    with page.expect_console_message(lambda said: "frame-ancestors" in said.text):
        shown = frame(page, url)
    return shown.get_by_role("main").count() == 0


def test_a_page_elsewhere_shows_documentation_in_a_frame_where_it_does_nothing(
    elsewhere_page: Page, sandbox: Sandbox
) -> None:
    url = f"{sandbox.base}/rels/customer"
    shown = frame(elsewhere_page, url)

    expect(shown.get_by_role("heading", level=1)).to_contain_text("customer")
    assert shown.locator("pre").count()
    assert shown.locator("pre span").count() == 0  # as the script would have painted it
    elsewhere_page.goto(url)
    expect(elsewhere_page.locator("pre span").first).to_be_attached()


def test_no_other_page_is_shown_in_a_frame_and_none_to_who_is_not_on_the_list(
    chromium: Browser, strange_page: Page, sandbox: Sandbox, elsewhere: int
) -> None:
    with opened(chromium, "desktop") as context:
        page = context.new_page()
        page.goto(f"{sandbox.base}/customers/115")  # which signs in
        page.goto(f"http://127.0.0.1:{elsewhere}")
        for path in ("/", "/customers/115", "/explorer/session"):
            assert keeps_from_frame(page, sandbox.base + path)
    assert keeps_from_frame(strange_page, f"{sandbox.base}/rels/customer")
