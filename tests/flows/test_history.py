"""A conversation's history: every fact in order, in words, in pages, without what was deleted."""

import ast
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import inbox
from connectors.core.contract import Act, Deletion
from inbox.domain import swaps
from inbox.domain.actions import Actions
from inbox.domain.acts import KINDS
from inbox.domain.conversation import EVENT_OF
from inbox.flows import bulk, complaints, correct, following, history, holding, notes, states, steps
from inbox.flows.answers import By
from inbox.flows.history import Happened
from inbox.flows.ingest import ingest
from inbox.flows.policies import apply_due, change_policies, read_toml
from inbox.store import audit, cases
from inbox.store.conversations import BadCursor, write_cursor
from inbox.store.history import Names
from inbox.store.merging import merge_threads
from inbox.store.tables import Conversation
from templates import said
from templates.happened import WORDS, Said, plain, plain_quote, who
from tests.factories import make_brand, make_user
from tests.flows.desk import Desk, says
from tests.store.test_inbox_list import counted

ADA = "ada@lumen.example"
SECRET = "my words that I took back"


def told(desk: Desk, limit: int = 100) -> list[Happened]:
    """The whole history, oldest first, read in pages of so many."""
    found: list[Happened] = []
    cursor: str | None = None
    with desk.store.read() as session:
        while True:
            page = history.history(session, desk.conversation().id, limit, cursor)
            assert len(page.lines) <= limit
            found += page.lines
            cursor = page.next_cursor
            if cursor is None:
                return found[::-1]


def sentences(desk: Desk) -> list[str]:
    return [f"{who(line)}: {plain(line)}" for line in told(desk)]


def story(desk: Desk) -> Desk:
    """A day with a bit of everything."""
    make_brand(desk.store)
    make_user(desk.store, "Bo Narin", email="bo@lumen.example")
    desk.take(says("1", "where is my refund", -20), says("2", SECRET, -10))
    here: dict[str, Any] = {"conversation_id": desk.conversation().id}
    mine = here | {"agent_id": desk.agent_id, "actor": ADA}

    def now() -> Any:
        return desk.clock.forward(seconds=60)

    steps.assign(desk.store, **mine, expected=None, now=now())
    labels: dict[str, Any] = {"category": "refund", "urgency": "high"}
    correct.correct(desk.store, **mine, **labels, now=now())
    notes.write(desk.store, **mine, text="@bo look here", form_key="n", now=now())
    desk.clock.forward(seconds=60)
    first = desk.answer("taken back", "f-1")
    holding.take_back(desk.store, outbox_id=first, agent_id=desk.agent_id, actor=ADA, now=now())
    complaints.mark(
        desk.store,
        **here,
        template_id="psd2",
        message_id=desk.message("1").id,
        reason="asks for it",
        actor=ADA,
        now=now(),
    )
    excused: dict[str, Any] = {"kind": "resolve", "reason": "only thanks", "seen": desk.newest()}
    states.move(desk.store, **mine, **excused, now=now())
    gone = (Deletion("2", now()),)
    ingest(desk.store, desk.account, (), classifier=None, now=now(), events=gone)
    following.follow(desk.store, **here, user_id=desk.agent_id, actor=ADA, now=now())
    return desk


def test_every_fact_is_told_in_order_with_who_it_was_in_pages_of_any_size(desk: Desk) -> None:
    lines = sentences(story(desk))
    wanted = (
        "Ann: Wrote a message",
        "automatically: A wait began: due 2026-11-24 08:40 UTC by “Social media”",
        "Ada: Took it",
        "Ada: Tagged Refund · High by hand",
        "Ada: Wrote a note",
        "Ada: Queued an answer",
        "Ada: Took an answer back before it left",
        "Ada: Marked it as a complaint",
        "Ada: Resolved it",
        "Ann: Deleted a message",
        "Ada: Follows it",
    )
    places = [lines.index(one) for one in wanted]
    assert places == sorted(places), lines
    assert "Ada: The wait ended: no reply needed" in lines
    whole = told(desk)
    at = [line.at for line in whole]
    assert at == sorted(at)
    assert len(whole) > 15
    for limit in (3, 7):
        assert told(desk, limit) == whole


def test_what_was_deleted_or_never_sent_is_not_quoted(sqlite_desk: Desk) -> None:
    whole = str(told(story(sqlite_desk)))
    assert SECRET not in whole
    assert "taken back" not in [line.quote for line in told(sqlite_desk)]
    assert "where is my refund" in whole
    assert "@bo look here" in whole


def test_a_page_costs_the_same_queries_however_much_happened(sqlite_desk: Desk) -> None:
    desk = story(sqlite_desk)
    taken = []
    for n in range(2):
        with counted(desk.store) as statements:
            told(desk)
        taken.append(len([s for s in statements if s.startswith("SELECT")]))
        desk.take(*(says(f"m{n}{more}", minutes=more) for more in range(12)))
    assert taken[0] == taken[1] == 9


def test_the_newest_cost_a_query_for_each_kind_among_them(sqlite_desk: Desk) -> None:
    """Every look at a conversation reads them."""
    desk = story(sqlite_desk)
    here = desk.conversation().id
    with counted(desk.store) as statements, desk.store.read() as session:
        lines = history.history(session, here, 6).lines
    assert {line.what for line in lines} == {
        *("follow", "deleted", "resolve", "excused", "complaint", "case_ended"),
    }
    assert len([one for one in statements if one.startswith("SELECT")]) == 1 + 4


def test_jobs_are_told_by_their_name_or_without_and_why_one_was_refused(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(says("1"))
    by = By(desk.agent_id, ADA, "Ada", leads=True)
    for name, wanted in (("Mine", Actions(assign="me")), ("", Actions(move="resolve"))):
        about: dict[str, Any] = {"name": name, "by": by, "key": name, "now": desk.clock()}
        bulk.begin(desk.store, [desk.conversation().id], wanted, **about)
        bulk.work(desk.store, desk.clock)
    found = [line for line in told(desk) if line.what.startswith("bulk")]
    assert [plain(line) for line in found] == [
        "Did it with several conversations: Mine",
        "It was not done here with the others",
    ]
    why = found[1].quote
    assert isinstance(why, Said)
    assert said("zh_Hans_CN", why.text) != why.text == plain_quote(found[1])


def test_a_note_that_was_taken_back_does_not_say_what_the_next_one_says(desk: Desk) -> None:
    desk.take(says("1"))
    here: dict[str, Any] = {"conversation_id": desk.conversation().id, "agent_id": desk.agent_id}
    by: dict[str, Any] = {"actor": ADA}
    first = notes.write(desk.store, **here, **by, text="first", form_key="1", now=desk.clock())
    notes.take_back(desk.store, note_id=first, **by, now=desk.clock.forward(seconds=1))
    notes.write(
        desk.store, **here, **by, text="second", form_key="2", now=desk.clock.forward(seconds=1)
    )
    quotes = [(line.what, line.quote) for line in told(desk) if line.what.startswith("note")]
    assert quotes == [("note", ""), ("note_back", ""), ("note", "second")]


def test_a_reason_that_was_chosen_is_told_in_words(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(says("1"))
    steps.excuse(
        desk.store,
        conversation_id=desk.conversation().id,
        agent_id=desk.agent_id,
        actor=ADA,
        reason="elsewhere: by phone",
        seen=desk.newest(),
        now=desk.clock(),
    )
    quotes = [plain_quote(line) for line in told(desk) if line.what in ("excuse", "excused")]
    assert quotes == ["Answered in another place: by phone"] * 2


def test_a_changed_policy_is_told_with_both_due_times(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    make_brand(desk.store)
    desk.take(says("1", minutes=-10))
    said = '[[policy]]\nid = "fast"\nname = "Fast"\nfirst = "2h"\n'
    now = desk.clock.forward(minutes=1)
    change_policies(
        desk.store, read_toml(said), actor="cli", now=now, since=now - timedelta(hours=2)
    )
    apply_due(desk.store, now)
    assert (
        "automatically: Reckoned anew: due 2026-11-23 10:50 UTC by “Fast”, "
        "before: 2026-11-24 08:50 UTC" in sentences(desk)
    )


def test_two_threads_that_are_one_have_one_history(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.take(says("1"), says("2", conversation="c2"))
    two = desk.rows(Conversation)[1]
    took: dict[str, Any] = {"agent_id": desk.agent_id, "expected": None, "actor": ADA}
    steps.assign(desk.store, conversation_id=two.id, **took, now=desk.clock())
    with desk.store.write() as session:
        merge_threads(session, desk.account.id, "c2", "c1")
    assert "Ada: Took it" in sentences(desk)


def test_a_cursor_of_somebody_else_is_refused(sqlite_desk: Desk) -> None:
    sqlite_desk.take(says("1"))
    id_ = sqlite_desk.conversation().id
    with sqlite_desk.store.read() as session:
        places = ("99 2026-11-23T09:00:00+00:00", "1", "1 0001-01-01T00:00:00+14:00")
        for cursor in ("x", *(write_cursor((place, 1)) for place in places)):
            with pytest.raises(BadCursor):
                history.history(session, id_, 10, cursor)


def test_an_action_without_words_is_named_as_it_is(sqlite_desk: Desk) -> None:
    sqlite_desk.take(says("1"))
    subject = f"conversation:{sqlite_desk.conversation().id}"
    with sqlite_desk.store.write() as session:
        audit.record(session, "cli", "juggle", subject, sqlite_desk.clock())
    assert sentences(sqlite_desk)[-1] == "the command line: Something else was done (juggle)"


Sources = Iterator[tuple[ast.expr, ast.FunctionDef]]
GIVEN = {
    "ACTIONS[kind]": tuple(states.ACTIONS[kind] for kind in EVENT_OF if kind in states.ACTIONS),
    "after": ("active", "paused"),
    "f'swap_{event}'": tuple(f"swap_{event}" for event in swaps.EVENTS),
    "f'transfer_{kind}'": ("transfer_import", "transfer_export"),
    "act.value": tuple(act.value for act in Act),
    "f'contact.{mark}'": ("contact.vip", "contact.muted", "contact.blocked"),
    "cases.JOIN": (cases.JOIN,),
    "cases.LEAVE": (cases.LEAVE,),
    "cases.UNDO": (cases.UNDO,),
}
"""Actions that are reckoned: what the expression can be."""


def actions() -> Iterator[tuple[str, str]]:
    """(place, action) of everything that the code writes into the audit log."""
    for path in sorted(Path(inbox.__file__).parent.rglob("*.py")):
        if "audit.record(" not in (text := path.read_text("utf-8")):
            continue
        tree = ast.parse(text)
        for function in _functions(tree):
            for call in _calls(function, "audit.record"):
                for one in _values(call.args[2], function, tree):
                    yield f"{path.name}:{call.lineno}", one


@cache
def _functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]


@cache
def _all_calls(function: ast.FunctionDef) -> list[tuple[str, ast.Call]]:
    calls = (one for one in ast.walk(function) if isinstance(one, ast.Call))
    return [(ast.unparse(one.func), one) for one in calls]


def _calls(function: ast.FunctionDef, name: str) -> list[ast.Call]:
    return [call for called, call in _all_calls(function) if called == name]


def _sources(name: str, function: ast.FunctionDef, tree: ast.Module) -> Sources:
    """What a name stands for: what is assigned to it, or what callers in the module hand over."""
    names = [one.arg for one in function.args.args]
    for one in ast.walk(function):
        if isinstance(one, ast.Assign) and name in ast.unparse(one.targets[0]):
            yield one.value, function
    for caller in _functions(tree) if name in names else ():
        for call in _calls(caller, function.name):
            yield call.args[names.index(name)], caller


def _values(action: ast.expr, function: ast.FunctionDef, tree: ast.Module) -> list[str]:
    """What the action can be."""
    if isinstance(action, ast.Constant):
        return [str(action.value)]
    if isinstance(action, ast.IfExp):
        return [*_values(action.body, function, tree), *_values(action.orelse, function, tree)]
    if (spelled := ast.unparse(action)) in GIVEN:
        return list(GIVEN[spelled])
    assert isinstance(action, ast.Name), f"say in GIVEN what {spelled} can be"
    sources = _sources(action.id, function, tree)
    found = [value for one in sources for value in _values(*one, tree)]
    assert found, f"say in GIVEN what {spelled} in {function.name} can be"
    return found


def test_every_action_that_the_code_writes_has_words() -> None:
    written = list(actions())
    assert len(written) > 100
    kinds = [act for acts in KINDS.values() for act in acts]
    assert len(kinds) == len(set(kinds))
    silent = []
    for place, action in written:
        if action not in kinds:
            silent.append((place, action))
        what = history.sentence(action, {"until": "2026-11-23T09:00:00+00:00"}, Names({}, {}))[0]
        if what not in WORDS or what == "other":
            silent.append((place, action))
    assert silent == []
