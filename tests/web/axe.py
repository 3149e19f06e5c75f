"""axe on an open page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_SCRIPT = Axe().axe_script
_RUN = """async (options) => (await axe.run(document, options)).violations
  .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target}`))"""
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def violations(page: Page, *, colours: bool = False) -> list[str]:
    """What axe finds, one line each. `colours`: by the rules about colour alone, for a page that
    was looked at whole in another scheme."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_SCRIPT)
    options = {"resultTypes": ["violations"], **(COLOURS if colours else {})}
    found: list[str] = page.evaluate(_RUN, options)
    return found
