"""axe on an open page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_SCRIPT = Axe().axe_script
_RUN = """async ([within, options]) => (await axe.run(within ?? document, options)).violations
  .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target}`))"""
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def violations(page: Page, within: str | None = None, *, colours: bool = False) -> list[str]:
    """What axe finds, one line each. `within`: in this part, for a page that was looked at whole
    without it. `colours`: by the rules about colour alone, for a page that was looked at whole in
    another scheme."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_SCRIPT)
    options = {"resultTypes": ["violations"], **(COLOURS if colours else {})}
    found: list[str] = page.evaluate(_RUN, [within, options])
    return found
