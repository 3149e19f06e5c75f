"""Samples of playbooks: the ready ones, some of whose steps were done."""

from datetime import timedelta

from inbox.domain import playbooks as rules
from inbox.domain.answers import language_of
from inbox.domain.playbooks import PARTS, PLACES, STEPS
from inbox.flows.playbook_lines import starters
from inbox.web.pages import Frame
from inbox.web.pages_answers import CannedVersionRow
from inbox.web.pages_composer import Pick
from inbox.web.pages_playbooks import (
    PlaybookPage,
    PlaybookPanel,
    PlaybooksPage,
    StepRow,
    Written,
)
from inbox.web.playbooks_view import row
from inbox.web.style_people import NOW

_PLACE = "refund.status"
_DONE = 2  # steps


def sample_playbooks(frame: Frame) -> PlaybooksPage:
    """Some, and a few topics without."""
    rows = tuple(row(one, frame.locale) for one in starters() if one.place.startswith("refund"))
    known = {one.place for one in rows}
    missing = [place for place in PLACES if place not in known]
    return PlaybooksPage(frame, rows, tuple((p, *rules.named(p)) for p in missing), 48)


def sample_playbook(frame: Frame) -> PlaybookPage:
    """One of them, with a canned answer that the team does not have."""
    one = next(one for one in starters() if one.place == _PLACE)
    texts = tuple(
        Written(lang, {part: "\n".join(lines.get(part, ())) for part in PARTS})
        for lang, lines in one.texts.items()
    )
    versions = (
        CannedVersionRow(2, "ada.voss@lumenpay.example", NOW),
        CannedVersionRow(1, "cli", NOW),
    )
    answers = " ".join((*one.answers, "later"))
    place = rules.named(one.place)
    return PlaybookPage(frame, one.place, *place, texts, answers, ("later",), 2, versions=versions)


def sample_panel(frame: Frame) -> PlaybookPanel:
    """Beside a conversation."""
    one = next(one for one in starters() if one.place == _PLACE)
    lang = language_of(one.texts, frame.locale)
    lines = one.texts[lang]
    done = dict.fromkeys(list(rules.steps_of(lines))[:_DONE], NOW - timedelta(minutes=9))
    parts = []
    for part in STEPS:
        keys = [(f"{part}.{n}", text) for n, text in enumerate(lines[part])]
        rows = (StepRow(k, text, "Bo Narin" if k in done else "", done.get(k)) for k, text in keys)
        parts.append((PARTS[part], tuple(rows)))
    return PlaybookPanel(
        one.place,
        *rules.named(one.place),
        version=2,
        older=False,
        lang=lang,
        parts=tuple(parts),
        rules=tuple((PARTS[part], lines[part]) for part in PARTS if part not in STEPS),
        answers=(Pick(4, "Where a refund is", "refund", "en", "Thank you for your patience."),),
    )
