"""What a person sees (ADR 47): everything but the accounts that only teams of others serve.

Whoever reads for a person reads through `Store.seen_by(hidden)`: its sessions know the accounts
that are hidden, and `seen` is the condition that keeps them out. A brand without teams hides
nothing, and then there is no condition at all. Work of the house itself reads and writes unbound.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import ColumnElement, Exists, Select, and_, delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from inbox.domain.conversation import RESOLVED, SPAM
from inbox.store.kept import HIDDEN, kept
from inbox.store.sql import chunks
from inbox.store.tables import (
    Account,
    ActionRun,
    Contact,
    ContactNote,
    Conversation,
    File,
    Message,
    Notice,
    Reply,
    SurgeMember,
    TeamAccount,
    TeamMember,
    TeamRow,
    User,
)

Kind: TypeAlias = Literal[
    "account",
    "conversation",
    "message",
    "reply",
    "file",
    "contact",
    "contact_note",
    "run",
    "job",
    "surge",
]
"""What a number in an address can name of an account."""

_Own = aliased(Contact)
_Same = aliased(Contact)


def hidden(session: Session) -> frozenset[int]:
    """The accounts that are hidden from who reads in this session."""
    found: frozenset[int] = session.info.get(HIDDEN, frozenset())
    return found


def seen(
    session: Session, account_id: Any = Conversation.account_id
) -> tuple[ColumnElement[bool], ...]:
    """The one condition on an account that holds for what this session's reader sees; none where
    nothing is hidden."""
    return without(hidden(session), account_id)


def without(
    hidden: frozenset[int], account_id: Any = Conversation.account_id
) -> tuple[ColumnElement[bool], ...]:
    """The same where the hidden accounts are known."""
    return (account_id.not_in(sorted(hidden)),) if hidden else ()


def seen_conversation(session: Session, conversation_id: Any) -> tuple[ColumnElement[bool], ...]:
    """The same of a column that names a conversation, or none."""
    return of_seen(hidden(session), conversation_id)


def of_seen(hidden: frozenset[int], conversation_id: Any) -> tuple[ColumnElement[bool], ...]:
    """The same where the hidden accounts are known."""
    if not hidden:
        return ()
    here = Conversation.id == conversation_id, Conversation.account_id.in_(sorted(hidden))
    return (~exists().where(*here),)


def known(session: Session, conversation_ids: Collection[int]) -> set[int]:
    """Those of these conversations that this session's reader sees."""
    if not hidden(session):
        return set(conversation_ids)
    found: set[int] = set()
    for part in chunks(sorted(conversation_ids)):
        here = select(Conversation.id).where(Conversation.id.in_(part), *seen(session))
        found |= set(session.scalars(here))
    return found


def borders() -> Exists:
    """Whether any team serves anything. Read with who is signed in: a brand without teams has to
    ask nothing more."""
    return exists(select(TeamAccount.team_id))


@kept
def hidden_from(session: Session, user_id: int, role: str) -> frozenset[int]:
    """The accounts that a person does not see (`domain.teams.hidden`)."""
    if role == "admin":
        return frozenset()
    theirs = (
        select(TeamAccount.account_id)
        .join(TeamMember, TeamMember.team_id == TeamAccount.team_id)
        .where(TeamMember.user_id == user_id)
    )
    served = select(TeamAccount.account_id).where(TeamAccount.account_id.not_in(theirs))
    return frozenset(session.scalars(served.distinct()))


def hides(session: Session, kind: Kind, id: int, from_: frozenset[int]) -> bool:
    """Whether an object is none of what somebody sees from whom these accounts are hidden. A person
    on several accounts is seen with one of them, a job or a surge only with all."""
    found = set(session.scalars(_ACCOUNTS[kind](id)))
    if kind in ("contact", "contact_note"):
        return bool(found) and found <= from_
    return bool(found & from_)


@dataclass(frozen=True, slots=True)
class Seers:
    """Who sees a conversation of teams: `people` besides the admins, and those of the teams' own
    `leads` who can sign in."""

    people: frozenset[int]
    leads: tuple[int, ...]


def seers(session: Session, conversation_ids: Collection[int]) -> dict[int, Seers]:
    """Who sees each of these conversations; one that is everyone's is left out."""
    here = User.id == TeamRow.lead_id, User.disabled_at.is_(None), User.password_hash.is_not(None)
    rows = session.execute(
        select(Conversation.id, User.id, TeamMember.user_id)
        .join(TeamAccount, TeamAccount.account_id == Conversation.account_id)
        .join(TeamRow, TeamRow.id == TeamAccount.team_id)
        .outerjoin(User, and_(*here))
        .outerjoin(TeamMember, TeamMember.team_id == TeamRow.id)
        .where(Conversation.id.in_(list(conversation_ids)))
    )
    people: dict[int, set[int]] = {}
    leads: dict[int, set[int]] = {}
    for id_, lead, person in rows:
        people.setdefault(id_, set()).update(() if person is None else (person,))
        leads.setdefault(id_, set()).update(() if lead is None else (lead,))
    return {id_: Seers(frozenset(some), tuple(sorted(leads[id_]))) for id_, some in people.items()}


def among(session: Session, conversation_id: int, user_ids: Iterable[int]) -> set[int]:
    """Those of these people who see a conversation."""
    wanted = set(user_ids)
    if not wanted:
        return wanted
    found = select(User.id).where(User.id.in_(wanted), sees(User.id, conversation_id))
    return set(session.scalars(found))


def sees(user_id: Any, conversation_id: Any) -> ColumnElement[bool]:
    """The same as a condition on a column that names a person."""
    account = select(Conversation.account_id).where(Conversation.id == conversation_id)
    return ~outside(user_id, account.scalar_subquery())


def release_unseen(session: Session) -> list[int]:
    """Takes conversations from people who do not see them (any more); those of them that are still
    to be done. What is unread of one, or of a surge, they are not told."""
    mine = outside(Conversation.assignee_id, Conversation.account_id)
    rows = session.execute(
        update(Conversation)
        .where(Conversation.assignee_id.is_not(None), mine)
        .values(assignee_id=None)
        .returning(Conversation.id, Conversation.status),
        execution_options={"synchronize_session": False},
    )
    freed = sorted(id_ for id_, status in rows if status not in (RESOLVED, SPAM))
    end_leaving(session)
    about = exists().where(
        Conversation.id == Notice.conversation_id, outside(Notice.user_id, Conversation.account_id)
    )
    session.execute(delete(Notice).where(Notice.settled_at.is_(None), about | _in_surge()))
    return freed


def forget_surges(session: Session) -> None:
    """What is unread of a surge that somebody from a hidden account has joined is not told."""
    session.execute(delete(Notice).where(Notice.settled_at.is_(None), _in_surge()))


def _in_surge() -> Exists:
    return exists().where(
        SurgeMember.surge_id == Notice.surge_id,
        Conversation.id == SurgeMember.conversation_id,
        outside(Notice.user_id, Conversation.account_id),
    )


def end_leaving(session: Session) -> None:
    """What is left to a team of whom nobody may answer it (any more) is anybody's."""
    one, person = aliased(TeamMember), aliased(User)
    answers = exists().where(
        one.team_id == Conversation.team_id,
        person.id == one.user_id,
        person.disabled_at.is_(None),
        person.role != "auditor",
        ~outside(one.user_id, Conversation.account_id),
    )
    left = update(Conversation).where(Conversation.team_id.is_not(None), ~answers)
    session.execute(left.values(team_id=None), execution_options={"synchronize_session": False})


def outside(user_id: Any, account_id: Any) -> ColumnElement[bool]:
    """Whether only teams of others serve an account; of two columns."""
    served, own, admin = aliased(TeamAccount), aliased(TeamAccount), aliased(User)
    theirs = (
        select(1)
        .select_from(own)
        .join(TeamMember, TeamMember.team_id == own.team_id)
        .where(own.account_id == account_id, TeamMember.user_id == user_id)
    )
    return and_(
        exists().where(served.account_id == account_id),
        ~exists().where(admin.id == user_id, admin.role == "admin"),
        ~exists(theirs.correlate_except(own, TeamMember)),
    )


def _contact(id: Any) -> Select[Any]:
    """Every account on which this person is known."""
    head = func.coalesce(_Own.person_id, _Own.id)
    same = (_Same.id == head) | (_Same.person_id == head)
    return select(_Same.account_id).select_from(_Own).join(_Same, same).where(_Own.id == id)


def _contact_note(id: int) -> Select[Any]:
    return _contact(select(ContactNote.contact_id).where(ContactNote.id == id).scalar_subquery())


def _run(which: Any, id: int) -> Select[Any]:
    runs = select(Conversation.account_id).join(
        ActionRun, ActionRun.conversation_id == Conversation.id
    )
    return runs.where(which == id).distinct()


def _surge(id: int) -> Select[Any]:
    members = select(Conversation.account_id).join(
        SurgeMember, SurgeMember.conversation_id == Conversation.id
    )
    return members.where(SurgeMember.surge_id == id).distinct()


_ACCOUNTS: Final[Mapping[Kind, Callable[[int], Select[Any]]]] = {
    "account": lambda id: select(Account.id).where(Account.id == id),
    "conversation": lambda id: select(Conversation.account_id).where(Conversation.id == id),
    "message": lambda id: select(Message.account_id).where(Message.id == id),
    "reply": lambda id: select(Reply.account_id).where(Reply.id == id),
    "file": lambda id: select(File.account_id).where(File.id == id),
    "contact": _contact,
    "contact_note": _contact_note,
    "run": lambda id: _run(ActionRun.id, id),
    "job": lambda id: _run(ActionRun.job_id, id),
    "surge": _surge,
}
