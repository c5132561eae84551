"""axe-core in a page: what would keep somebody from using it."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

HERE = Path(__file__).parent
_RUN = """async (only) => {
  const options = only.length ? {runOnly: {type: 'rule', values: only}} : {};
  const found = await axe.run(document, {resultTypes: ['violations'], ...options});
  return found.violations.map(({id, impact, help, nodes}) =>
    ({id, impact, help, where: nodes.map(({html, failureSummary}) => `${html}: ${failureSummary}`)}));
}"""


@cache
def _source() -> str:
    return (HERE / "node_modules/axe-core/axe.min.js").read_text()


def require_accessible(page: Page, *only: str) -> None:
    """Fails where axe has a serious or a critical finding.

    The script comes in by the debugger, which no policy of the page's hinders.

    :param only: the rules that are looked at; all of them where none is named.
    """
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(_source())
    found = page.evaluate(_RUN, list(only))
    grave = [each for each in found if each["impact"] in {"serious", "critical"}]
    assert grave == [], "\n".join(f"{each['id']}: {each['help']}: {each['where'][:3]}" for each in grave)
