"""Routing rules: read, change, try on what was written."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import AfterValidator, BaseModel, Field, StrictBool

from connectors.core.text import clean
from inbox.domain import rules_written
from inbox.domain.written import Unclear
from inbox.flows import rule_book
from inbox.store import ruling as stored
from inbox.web.api.call import TheCall, TheOnce
from inbox.web.api.models import Taken, Whole
from inbox.web.api.problems import Problem
from inbox.web.desk import Desk, TheDesk

router = APIRouter(prefix="/api/v1/rules", tags=["Rules"])

Text = Annotated[str, Field(max_length=2_000), AfterValidator(clean)]
Texts = Annotated[list[Text], Field(max_length=100)]


class RuleOf(Taken):
    """A rule as it is written in a file (docs/rules.md); what is left out holds always."""

    id: Text
    name: Text
    on: StrictBool = False
    channels: Texts | None = None
    accounts: Texts | None = Field(default=None, description="Written as `x/@brand`.")
    categories: Texts | None = None
    urgencies: Texts | None = None
    languages: Texts | None = None
    words: Texts | None = Field(default=None, description="Phrases; one of them is enough.")
    contact_tags: Texts | None = None
    findings: Texts | None = None
    vip: StrictBool | None = None
    off_duty: StrictBool | None = Field(default=None, description="Whether nobody is on duty.")
    hours: Text | None = Field(default=None, examples=["18:00-08:00"])
    assign: Text | None = Field(
        default=None, description="An e-mail address, or `team:` and a name."
    )
    notify: Texts | None = Field(
        default=None, description="E-mail addresses, `team:` and a team's name, `leads`."
    )
    category: Text | None = None
    urgency: Text | None = None
    policy: Text | None = Field(default=None, description="The id of a policy.")
    tag_contact: Texts | None = None
    acknowledge: Text | None = Field(
        default=None, description="Words, with {customer}, {brand} and {due}."
    )
    hide: StrictBool | None = None
    unseen: StrictBool = Field(
        default=False,
        description="It asks for accounts, too, that only other teams see; they stay in it.",
    )


class RulesWhole(BaseModel):
    """The rules in force, in the order in which they are asked."""

    version: int
    rules: list[RuleOf]


class NewRules(Taken):
    """All rules anew. `after` is the version that they were read from."""

    rules: Annotated[list[RuleOf], Field(max_length=100)]
    after: Whole | None = None


class TryRules(Taken):
    """Rules to try, the ones in force if left out; switched-off ones are tried too."""

    rules: Annotated[list[RuleOf], Field(max_length=100)] | None = None
    days: Annotated[Whole, Field(ge=1, le=31)] = 7


class ActionOf(BaseModel):
    """On how many messages a rule would have done this."""

    action: Literal[
        "assign", "notify", "category", "urgency", "policy", "tag_contact", "acknowledge", "hide"
    ]
    value: str
    messages: int


class HitsOf(BaseModel):
    """What one rule would have done; `conversations` are the newest of them."""

    rule: str
    messages: int
    actions: list[ActionOf]
    conversations: list[int]


class TrialOf(BaseModel):
    """The result of a trial. `messages` were looked at; `is_cut`: there were more."""

    messages: int
    is_cut: bool
    rules: list[HitsOf]


@router.get("")
def rules(desk: TheDesk, _: TheCall) -> RulesWhole:
    """The rules, in the order in which they are asked."""
    return _now(desk)


@router.post("", response_model=RulesWhole)
def change(once: TheOnce, desk: TheDesk, body: NewRules) -> Response:
    """All rules anew, as a new version."""

    def work() -> RulesWhole:
        try:
            rule_book.change(
                desk.store,
                _document(body.rules),
                actor=once.person.email,
                now=desk.now(),
                after=body.after,
            )
        except Unclear as e:
            raise _not_valid(e) from e
        return _now(desk)

    return once.answer(body, work)


@router.post("/try", response_model=TrialOf)
def try_out(once: TheOnce, desk: TheDesk, body: TryRules) -> Response:
    """What rules would have done with the customers' messages of the last days. Nothing is done."""

    def work() -> TrialOf:
        with desk.store.read() as session:
            try:
                found = (
                    stored.rules(stored.newest(session))
                    if body.rules is None
                    else rules_written.rules(_document(body.rules))
                )
            except Unclear as e:
                raise _not_valid(e) from e
            trial = rule_book.try_out(session, found, desk.now(), body.days)
        return TrialOf.model_validate(rule_book.told(trial))

    return once.answer(body, work)


def _document(rules: list[RuleOf]) -> dict[str, Any]:
    return {"rule": [one.model_dump(exclude_none=True, exclude={"unseen"}) for one in rules]}


def _now(desk: Desk) -> RulesWhole:
    with desk.store.read() as session:
        row, unseen = stored.newest(session), rule_book.unseen(session, desk.store.hidden)
    said = [_told(one, unseen) for one in rules_written.document(stored.rules(row))["rule"]]
    return RulesWhole(version=row.number if row else 0, rules=said)


def _told(said: dict[str, Any], unseen: frozenset[str]) -> RuleOf:
    """A rule as it is written, but for the accounts that its reader does not see."""
    asked = said.pop("accounts", [])
    seen = [one for one in asked if one not in unseen]
    return RuleOf(**said, accounts=seen or None, unseen=len(seen) < len(asked))


def _not_valid(e: Unclear) -> Problem:
    return Problem(422, "rules", "Not valid", str(e))
