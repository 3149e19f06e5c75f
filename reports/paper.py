"""`python -m reports.paper 60`: a page of HTML on standard input becomes a PDF on standard output,
unless that takes more than so many seconds of the processor: then SIGPROF ends it.

A process of its own, because it keeps a core busy for seconds, and because WeasyPrint tells Pillow
to take cut pictures for whole, which the guard of attachments must not.
"""

import logging
import signal
import sys
from collections.abc import Mapping
from typing import Any, Final

from weasyprint import HTML

SCALE: Final = 595 / 1120 * 96 / 72
"""CSS pixels of an A4 page by those that `@page` in pdf.css is wide."""


def main() -> None:
    """Reads, draws, writes."""
    signal.setitimer(signal.ITIMER_PROF, float(sys.argv[1]))
    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # not of each rule that is for screens
    page = HTML(string=sys.stdin.buffer.read().decode(), url_fetcher=_nothing)
    sys.stdout.buffer.write(page.write_pdf(zoom=SCALE))


def _nothing(url: str, *_: Any, **__: Any) -> Mapping[str, Any]:
    """A report is whole: nothing is fetched for it, whatever somebody wrote into a name."""
    raise ValueError(f"a report fetches nothing: {url[:80]}")


if __name__ == "__main__":
    main()
