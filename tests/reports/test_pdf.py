"""The report on paper says what the page says."""

from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from reports import pdf
from reports.editions import page
from reports.render import STATIC, STYLES
from tests.reports.office import Office, at
from tests.reports.test_document import TODAY

pytestmark = pytest.mark.skipif(
    not pdf.available(), reason="no Pango here: install libpango-1.0-0 and libpangoft2-1.0-0"
)


def test_a_pdf_has_the_figures_of_the_page_on_a4_and_leads_to_the_inbox(week: Office) -> None:
    base = "https://desk.lumen.example"
    shown = page(week.store, TODAY, TODAY, None, at(30), base=base)
    rows = tuple(replace(shown.broken[0], conversation=9_000 + n) for n in range(21))
    shown = replace(shown, late_now=rows, late_count=len(rows))  # where the chart meets the end
    paper = PdfReader(BytesIO(pdf.pdf_of(shown, "en")))
    assert {(round(p.mediabox.width), round(p.mediabox.height)) for p in paper.pages} == {
        (595, 842)
    }
    said = [" ".join(p.extract_text().split()).replace("\xa0", " ") for p in paper.pages]
    (where,) = (n for n, words in enumerate(said) if "The week that led here" in words)
    assert "Answers due: in time, late" in said[where], "a heading without its chart"
    text = " ".join(said)
    found = shown.figures
    assert f"{found.share_in_time:.1%} of".replace("%", " %") in text
    assert f"{found.answered_in_time} of the {found.turns_due} answers that were due" in text
    for agent in shown.by_agent:
        assert agent.name is None or agent.name in text
    by_page = [
        [
            note.get_object()["/A"]["/URI"]
            for note in p.get("/Annots", ())
            if "/A" in note.get_object()
        ]
        for p in paper.pages
    ]
    links = [link for some in by_page for link in some]
    assert links
    assert all(link.startswith(f"{base}/") for link in links)
    assert shown.broken
    for one in shown.broken:  # its name and its evidence lead there, from one page
        reason = f"{base}/conversations/{one.conversation}?at={one.opened_by}#m{one.opened_by}"
        assert max(some.count(reason) for some in by_page) >= 2


def test_a_drawings_styles_are_written_out() -> None:
    css = "\n".join((STATIC / name).read_text("utf-8") for name in STYLES)
    plain = pdf.written_out(css)
    assert "var(" not in plain
    assert "light-dark(" not in plain
    assert ".chart .bar.is-late{fill: #C32327;}" in pdf.drawn(plain, "chart")
    assert ".over .over-bar, .over .over-due{fill: #C32327;}" in pdf.drawn(plain, "over")
    assert ".chart" not in pdf.drawn(plain, "over"), "each drawing reads its own alone"
