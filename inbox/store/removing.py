"""Takes an account out of the database with everything that came by it.

What hangs on a row goes with it (`ON DELETE CASCADE`); here is what does not, in an order that no
foreign key refuses. The audit log stays.
"""

from collections.abc import Collection

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from inbox.domain.contacts import people
from inbox.store import persons
from inbox.store.sql import chunks
from inbox.store.tables import (
    Account,
    ActionRun,
    BulkJob,
    Contact,
    Conversation,
    HookDelivery,
    Message,
    Notice,
    Reply,
    Surge,
    SurgeMember,
)


def conversations(session: Session, account_id: int) -> int:
    """How many conversations came by this account."""
    found = select(func.count()).where(Conversation.account_id == account_id)
    return session.scalar(found) or 0


def remove_account(session: Session, account_id: int) -> set[int]:
    """Removes it. Returns the contacts of other accounts that were one person with one of its own,
    and are not any more."""
    _leave_cases(session, account_id)
    parted = _part_people(session, account_id)
    _tell_nobody(session, session.get_one(Account, account_id))
    for table in (Reply, Message, Conversation, Contact):
        session.execute(delete(table).where(table.account_id == account_id))
    session.execute(delete(Account).where(Account.id == account_id))
    _settle_surges(session)
    _settle_jobs(session)
    return parted


def _tell_nobody(session: Session, account: Account) -> None:
    """What other programs were told of it or are to be told. An event names one account."""
    for about, name in (("conversation", "account"), ("account", "handle")):
        said = HookDelivery.said[about]
        theirs = (
            said["channel"].as_string() == account.channel,
            said[name].as_string() == account.handle,
        )
        session.execute(delete(HookDelivery).where(*theirs))


def _leave_cases(session: Session, account_id: int) -> None:
    """A matter that is named after one of its conversations, or has one other only, is none."""
    own = (Conversation.account_id == account_id, Conversation.case_id.is_not(None))
    cases = list(session.scalars(select(Conversation.case_id).where(*own).distinct()))
    for case in cases:
        rest = list(session.scalars(_of_case(account_id, case)))
        name = min(rest) if len(rest) > 1 else None
        session.execute(update(Conversation).where(Conversation.id.in_(rest)).values(case_id=name))


def _of_case(account_id: int, case: int | None) -> Select[int]:
    others = (Conversation.case_id == case, Conversation.account_id != account_id)
    return select(Conversation.id).where(*others)


def _part_people(session: Session, account_id: int) -> set[int]:
    own = set(
        session.scalars(
            select(Contact.id).where(
                Contact.account_id == account_id, Contact.person_id.is_not(None)
            )
        )
    )
    edges = persons.edges(session, persons.heads(session, sorted(own)))
    left = {one: None if to in own else to for one, to in edges.items() if one not in own}
    persons.name_after(session, people(left))
    _let_go(session, [one for one in left if edges[one] in own])
    return set(left)


def _let_go(session: Session, contact_ids: Collection[int]) -> None:
    for some in chunks(list(contact_ids)):
        joined = update(Contact).where(Contact.id.in_(some))
        session.execute(joined.values(joined_to=None, joined_at=None, joined_by=None))


def _settle_surges(session: Session) -> None:
    """A surge of nobody is none, and nobody is told of it; one that has lost its most typical
    message shows another."""
    session.execute(delete(Surge).where(Surge.id.not_in(select(SurgeMember.surge_id))))
    session.execute(delete(Notice).where(Notice.surge_id.not_in(select(Surge.id))))
    opener = select(func.min(SurgeMember.opener)).where(SurgeMember.surge_id == Surge.id)
    lost = update(Surge).where(Surge.sample.not_in(select(Message.id)))
    session.execute(
        lost.values(sample=opener.scalar_subquery()).execution_options(synchronize_session=False)
    )


def _settle_jobs(session: Session) -> None:
    """A job on no conversation is none."""
    runs = select(ActionRun.id).where(ActionRun.job_id == BulkJob.id)
    session.execute(delete(BulkJob).where(~runs.exists()))
