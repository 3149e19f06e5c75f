"""What happened in a conversation, in plain words: one table for the page, programs and terminal.

A sentence has no subject: who it was stands beside it. Its places are filled with values: others'
words (`str`), instants, spans, numbers, and keys of this program's own words (`Said`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from gettext import NullTranslations
from typing import Final, Protocol, TypeAlias

from babel import Locale
from markupsafe import Markup, escape

from templates import words
from templates.audited import HOUSE
from templates.closing import closed_up
from templates.times import Clock
from templates.words import N_


@dataclass(frozen=True, slots=True)
class Said:
    """Words of the program: a key of one of the tables of `templates.words`, or, without `table`,
    a text that is translated as it is."""

    text: str
    table: str = ""


Value: TypeAlias = str | int | datetime | timedelta | Said | Sequence[Said]


class Line(Protocol):
    """Something that happened: `what` is a key of `WORDS`, `by` one of `WHO` or empty: then `name`
    is a person's, else what the words need."""

    @property
    def by(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def what(self) -> str: ...
    @property
    def values(self) -> Mapping[str, Value]: ...
    @property
    def quote(self) -> str | Said: ...


WORDS: Final = {
    **HOUSE,
    "in": N_("Wrote a message"),
    "out": N_("Answered"),
    "out.automated": N_("Answered automatically"),
    "out.outside": N_("Answered outside Replydesk"),
    "edited": N_("Edited a message"),
    "deleted": N_("Deleted a message"),
    "failed": N_("An answer did not arrive after all"),
    "delivered": N_("An answer was delivered"),
    "read": N_("An answer was read"),
    "tagged": N_("Tagged %(tags)s"),
    "tag": N_("Corrected the tag to %(after)s, before: %(before)s"),
    "tag.first": N_("Tagged %(after)s by hand"),
    "clock": N_("A wait began: due %(due)s by “%(policy)s”"),
    "clock_moved": N_("Reckoned anew: due %(due)s by “%(policy)s”, before: %(before)s"),
    "answered": N_("The wait ended in time, after %(waited)s"),
    "answered.late": N_("The wait ended too late, after %(waited)s"),
    "excused": N_("The wait ended: no reply needed"),
    "withdrawn": N_("The wait ended: the customer deleted what they had written"),
    "case": N_("A clock began: “%(clock)s”, due %(due)s"),
    "case.still": N_("A clock began: “%(clock)s”; it stands still"),
    "case_stopped": N_("The clock “%(clock)s” stands still"),
    "case_runs": N_("The clock “%(clock)s” runs again: due %(due)s"),
    "case_moved": N_("Reckoned anew: “%(clock)s” is due %(due)s, before: %(before)s"),
    "case_ended": N_("The clock “%(clock)s” ended in time"),
    "case_ended.late": N_("The clock “%(clock)s” ended too late"),
    "case_ended.off": N_("The clock “%(clock)s” needed no end"),
    "warn": N_("%(part)s %% of the time gone; told: %(n)s"),
    "warn.internal": N_("%(part)s %% of the time within the team gone; told: %(n)s"),
    "warn.case": N_("%(part)s %% of the time gone by “%(policy)s”; told: %(n)s"),
    "breach": N_("Past due; told: %(n)s"),
    "breach.internal": N_("Past due within the team; told: %(n)s"),
    "breach.case": N_("Past due by “%(policy)s”; told: %(n)s"),
    "assign": N_("Gave it to %(person)s"),
    "assign.self": N_("Took it"),
    "assign.none": N_("Gave it back to the team"),
    "assign.duty": N_("Given to %(person)s, who is on duty"),
    "assign.rule": N_("Given to %(person)s"),
    "assign.shift_ended": N_("Given back to the team: the shift ended"),
    "assign_team": N_("Left it to the team %(team)s"),
    "assign_team.rule": N_("Left to the team %(team)s"),
    "excuse": N_("Said that no reply is needed"),
    "wait_on_customer": N_("Set it aside: waiting on the customer"),
    "wait_on_third": N_("Set it aside: waiting on others"),
    "snooze": N_("Snoozed it until %(until)s"),
    "resolve": N_("Resolved it"),
    "spam": N_("Marked it as spam"),
    "reopen": N_("Brought it back"),
    "wake": N_("Came back from a snooze"),
    "undo": N_("Took back: %(step)s"),
    "reply": N_("Queued an answer"),
    "reply.later": N_("Queued an answer for %(at)s"),
    "reply_back": N_("Took an answer back before it left"),
    "reply_now": N_("Let an answer leave at once"),
    "reply_later": N_("Put an answer off until %(at)s"),
    "reply_later.soon": N_("Let an answer leave in a moment"),
    "reply_stopped.customer": N_("Stopped an answer: the customer had written again"),
    "reply_stopped.answered": N_("Stopped an answer: somebody had answered"),
    "reply_approved": N_("Approved an answer"),
    "reply_sent_back": N_("Sent an answer back to its author"),
    "reply_arrived": N_("Saw that an answer arrived"),
    "reply_again": N_("Sent an answer again"),
    "reply_dropped": N_("Gave an answer up"),
    "reply_refused": N_("Refused an answer"),
    "reply_failed": N_("An answer could not be sent"),
    "reply_unknown": N_("Whether an answer arrived is not known"),
    "note": N_("Wrote a note"),
    "note_back": N_("Took a note back"),
    "follow": N_("Follows it"),
    "unfollow": N_("Follows it no more"),
    "complaint": N_("Marked it as a complaint"),
    "undo_complaint": N_("Said that it is no complaint"),
    "final_response": N_("Said which answer was the final response"),
    "undo_final_response": N_("Took back which answer was the final response"),
    "join_case": N_("Joined it with another conversation as one matter"),
    "leave_case": N_("Took it out of its matter"),
    "undo_case": N_("Took back a joining or leaving of matters"),
    "act": N_("Ran the macro “%(name)s”"),
    "act_undo": N_("Took back what was done at once"),
    "bulk": N_("Did it with several conversations: %(name)s"),
    "bulk.unnamed": N_("Did it with several conversations"),
    "bulk.refused": N_("It was not done here with the others: %(name)s"),
    "bulk.refused.unnamed": N_("It was not done here with the others"),
    "rule": N_("Did: %(does)s %(value)s"),
    "rule.bare": N_("Did: %(does)s"),
    "rule.failed": N_("Could not be done: %(does)s"),
    "playbook_step": N_("Did a step of the playbook: %(step)s"),
    "playbook_step.off": N_("Took back a step of the playbook: %(step)s"),
    "hide": N_("Hid a message on the platform"),
    "unhide": N_("Showed a message on the platform again"),
    "like": N_("Liked a message"),
    "unlike": N_("Took a like back"),
    "delete": N_("Deleted a message on the platform"),
    "block": N_("Blocked the customer on the platform"),
    "unblock": N_("Unblocked the customer on the platform"),
    "mute": N_("Muted the customer on the platform"),
    "unmute": N_("Unmuted the customer on the platform"),
    "report": N_("Reported a message to the platform"),
    "contact.vip": N_("Made the customer a VIP"),
    "contact.vip.off": N_("The customer is no VIP any more"),
    "contact.muted": N_("Muted the customer"),
    "contact.muted.off": N_("Unmuted the customer"),
    "contact.blocked": N_("Blocked the customer"),
    "contact.blocked.off": N_("Unblocked the customer"),
    "contact.tags": N_("Tagged the customer: %(added)s"),
    "contact.tags.gone": N_("Took tags off the customer: %(removed)s"),
    "contact.tags.both": N_("Tagged the customer: %(added)s; took off: %(removed)s"),
    "contact.note": N_("Wrote a note about the customer"),
    "contact.note_edit": N_("Changed a note about the customer"),
    "contact.note_remove": N_("Removed a note about the customer"),
    "contact.join": N_("Joined two customers: they are one person"),
    "contact.separate": N_("Took two customers apart"),
    "other": N_("Something else was done (%(action)s)"),
}
WHO: Final = {
    "customer": N_("the customer"),
    "platform": N_("the platform"),
    "classifier": N_("the classifier"),
    "outside": N_("somebody outside Replydesk"),
    "system": N_("automatically"),
    "cli": N_("the command line"),
    "rule": N_("rule “%(name)s”"),
}
"""Whose doing it was, where it was nobody of the team."""

Translate: TypeAlias = Callable[[str], str]


def told(translate: Translate, speak: Translate, clock: Clock, line: Line) -> Markup:
    """The sentence for a page: others' words escaped and isolated. `speak` translates what a flow
    said (`templates.said`)."""

    def shown(value: Value) -> Markup:
        if isinstance(value, str):
            return Markup("<bdi>{}</bdi>").format(value)
        return escape(_own(translate, speak, clock, value))

    filled = {name: shown(value) for name, value in line.values.items()}
    return escape(closed_up(_sentence(translate, line), filled)) % filled


def maker(name: str, translate: Translate) -> str:
    """Who made something, as it is stored: an address, or a word of ours for what is no person."""
    return translate(WHO[name]) if name in {"cli", "system"} else name


def plain(line: Line) -> str:
    """The same in English for programs and terminals, instants in UTC."""

    def shown(value: Value) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, datetime):
            return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
        return _own(_as_it_is, _as_it_is, _english(), value)

    return _sentence(_as_it_is, line) % {name: shown(v) for name, v in line.values.items()}


def who(line: Line, translate: Translate | None = None) -> str:
    """Whose doing it was: a name, or words of the program."""
    speak = translate or _as_it_is
    return speak(WHO[line.by]) % {"name": line.name} if line.by else line.name


def quoted(translate: Translate, speak: Translate, line: Line) -> str:
    """What was said with it: others' words as they are, the program's own in the reader's."""
    said = _said(translate, speak, line.quote) if isinstance(line.quote, Said) else line.quote
    return " ".join(said.split())


def plain_quote(line: Line) -> str:
    """The same in English."""
    return quoted(_as_it_is, _as_it_is, line)


def _said(translate: Translate, speak: Translate, said: Said) -> str:
    return words.FILTERS[said.table](translate, said.text) if said.table else speak(said.text)


def _sentence(translate: Translate, line: Line) -> str:
    return translate(WORDS.get(line.what, WORDS["other"]))


def _own(translate: Translate, speak: Translate, clock: Clock, value: Value) -> str:
    if isinstance(value, datetime):
        return clock.local(value, "exact_short")
    if isinstance(value, timedelta):
        return clock.duration(value.total_seconds())
    if isinstance(value, Said):
        return _said(translate, speak, value)
    if isinstance(value, str | int):
        return str(value)
    return " · ".join(_own(translate, speak, clock, one) for one in value)


def _as_it_is(text: str) -> str:
    return text


@lru_cache
def _english() -> Clock:
    return Clock(Locale.parse("en"), "UTC", NullTranslations())
