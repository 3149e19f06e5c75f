"""Routing rules: leads change and try them, everybody may read them."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from inbox.domain import rules_written
from inbox.domain.rules import Rule
from inbox.domain.written import Unclear
from inbox.flows import rule_book
from inbox.store import ruling as stored
from inbox.web import rules_view as view
from inbox.web.auth import Agent
from inbox.web.desk import Given, TheDesk, frame, html

router = APIRouter(prefix="/rules")

DONE = frozenset({"saved", "on", "off", "removed", "moved", "restored"})
Field = Annotated[str, Form()]


@router.get("")
def rules(request: Request, desk: TheDesk, done: str = "", undo: str = "") -> Response:
    """The rules in their order, and their history."""
    back = int(undo) if undo.isdecimal() and len(undo) < 10 else None
    page = view.rules_page(
        desk.store, frame(request, "policies"), done=done if done in DONE else "", undo=back
    )
    return html(page)


@router.get("/edit")
def form(request: Request, desk: TheDesk, id: str = "") -> Response:
    """One rule, or a new one."""
    rows, version = _now(desk)
    given = next((row for row in rows if row["id"] == id), None)
    if id and given is None:
        raise HTTPException(404)
    page = view.rule_form(
        desk.store, frame(request, "policies"), given or {"on": True}, version, known=bool(id)
    )
    return html(page)


@router.post("/edit")
def edit(
    request: Request, desk: TheDesk, agent: Agent, given: Given, do: Field = "", version: Field = ""
) -> Response:
    """Saves a rule, removes it, or tries it on what was written in the last week."""
    rows, newest = _now(desk)
    row = view.given_rule(given, {one["id"] for one in rows})
    after = int(version) if version.isdecimal() and len(version) < 10 else newest
    known = any(one["id"] == row["id"] for one in rows)
    where = frame(request, "policies")
    if do == "remove":
        left = [one for one in rows if one["id"] != row["id"]]
        return _changed(request, desk, agent.email, left, after, "removed")
    try:
        (rule,) = rules_written.rules({"rule": [row]})
        if do == "try":
            with desk.store.read() as session:
                trial = rule_book.try_out(session, [rule], desk.now())
            return html(view.rule_form(desk.store, where, row, after, trial, known=known))
        made = rule_book.change(
            desk.store,
            {"rule": _with(rows, rules_written.row(rule))},
            actor=agent.email,
            now=desk.now(),
            after=after,
        )
    except Unclear as e:
        return html(view.rule_form(desk.store, where, row, after, known=known, trouble=str(e)), 422)
    return RedirectResponse(f"/rules?done=saved&undo={made - 1}", 303)


@router.post("/order")
def order(
    request: Request,
    desk: TheDesk,
    agent: Agent,
    id: Field = "",
    do: Field = "",
    version: Field = "",
) -> Response:
    """Asks a rule earlier or later, or switches it on or off."""
    rows, newest = _now(desk)
    at = next((n for n, row in enumerate(rows) if row["id"] == id), None)
    if at is None or do not in ("up", "down", "on", "off"):
        raise HTTPException(404)
    if do in ("on", "off"):
        rows[at] = rows[at] | {"on": do == "on"}
    else:
        rows.insert(max(at - 1, 0) if do == "up" else at + 1, rows.pop(at))
    after = int(version) if version.isdecimal() and len(version) < 10 else newest
    done = do if do in ("on", "off") else "moved"
    return _changed(request, desk, agent.email, rows, after, done)


@router.post("/restore")
def restore(request: Request, desk: TheDesk, agent: Agent, version: Field = "") -> Response:
    """Goes back to an earlier version; 0 is the time before the first."""
    number = int(version) if version.isdecimal() and len(version) < 10 else -1

    def work() -> int:
        return rule_book.restore(desk.store, number, actor=agent.email, now=desk.now())

    return _stored(request, desk, work, "restored")


def _changed(
    request: Request, desk: TheDesk, actor: str, rows: list[dict[str, Any]], after: int, done: str
) -> Response:
    def work() -> int:
        said = {"rule": rows}
        return rule_book.change(desk.store, said, actor=actor, now=desk.now(), after=after)

    return _stored(request, desk, work, done)


def _stored(request: Request, desk: TheDesk, work: Callable[[], int], done: str) -> Response:
    try:
        made = work()
    except Unclear as e:
        page = view.rules_page(desk.store, frame(request, "policies"), trouble=str(e))
        return html(page, 422)
    return RedirectResponse(f"/rules?done={done}&undo={made - 1}", 303)


def _with(rows: list[dict[str, Any]], row: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules with one changed, or a new one at the end."""
    known = any(one["id"] == row["id"] for one in rows)
    return [row if one["id"] == row["id"] else one for one in rows] + ([] if known else [row])


def _now(desk: TheDesk) -> tuple[list[dict[str, Any]], int]:
    """The rules in force as they are written, and their version."""
    with desk.store.read() as session:
        newest = stored.newest(session)
    found: tuple[Rule, ...] = stored.rules(newest)
    return [rules_written.row(rule) for rule in found], newest.number if newest else 0
