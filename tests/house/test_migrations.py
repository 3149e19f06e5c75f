"""The migrations make exactly the tables that the code describes, on both engines."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import select, text

from inbox.store import notices, report_mails
from inbox.store.session import MIGRATIONS, Store
from inbox.store.tables import Base, Brand, Conversation, Notice, User, UserSession
from tests.clock import MONDAY
from tests.factories import make_conversation, make_user


def described(name: str | None, _kind: str, _parents: object) -> bool:
    """The full-text tables and indexes of search are made by their migration alone."""
    return "_words" not in (name or "")


SAME = {"compare_type": True, "include_name": described}


def test_the_migrated_schema_is_the_described_one(store: Store) -> None:
    with store.reader.connect() as connection:
        context = MigrationContext.configure(connection, opts=SAME)
        assert compare_metadata(context, Base.metadata) == []


def test_a_fresh_store_is_current(store: Store) -> None:
    assert store.is_current()


def test_sqlite_is_durable_and_checks_its_keys(sqlite_store: Store) -> None:
    with sqlite_store.write() as session:
        found = [
            session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]


def test_an_upgrade_keeps_what_is_stored(sqlite_url: str) -> None:
    """Rows from before a version are all there after it, with those that refer to them."""
    store = Store(sqlite_url)
    _to(store, "0002")
    with store.writer.begin() as connection:
        for statement in OLD_ROWS:
            connection.execute(text(statement))
    store.migrate()
    with store.reader.connect() as connection:
        found = [connection.execute(text(f"SELECT count(*) FROM {t}")).scalar() for t in TABLES]
    store.close()
    assert found == [1] * len(TABLES)


TABLES = ("accounts", "contacts", "conversations", "messages", "steps")
AT = "'2026-11-20 09:00:00'"
OLD_ROWS = (
    "INSERT INTO accounts (id, channel, handle, settings, state, hook_key, outside_counts,"
    f" created_at, failures) VALUES (1, 'x', '@brand', '{{}}', 'active', 'k', 1, {AT}, 0)",
    f"INSERT INTO contacts (id, account_id, external_id, created_at) VALUES (1, 1, 'u', {AT})",
    "INSERT INTO conversations (id, account_id, thread, contact_id, kind, visibility, token,"
    " status, alternatives, needs_review, findings, last_message_at, last_is_ours, preview,"
    " read_up_to, unread, dirty, created_at) VALUES"
    f" (1, 1, 't', 1, 'dm', 'private', 'tok', 'open', '[]', 0, '[]', {AT}, 0, '', 0, 0, 0, {AT})",
    "INSERT INTO messages (id, account_id, external_id, thread, conversation_id, direction, role,"
    " kind, visibility, text, sent_at, sent_at_source, time_cut, stored_at, automated, attachments,"
    " can_reply_publicly, platform, findings, alternatives, needs_review) VALUES (1, 1, 'm', 't',"
    f" 1, 'in', 'customer', 'dm', 'private', 'hello', {AT}, 'platform', 0, {AT}, 0, '[]', 1,"
    " '{}', '[]', '[]', 0)",
    f"INSERT INTO steps (id, conversation_id, kind, at, seen) VALUES (1, 1, 'resolve', {AT}, 1)",
)


def _to(store: Store, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.writer.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def test_corrections_from_before_learn_what_stood_before_them(sqlite_url: str) -> None:
    """A copy to another opener, which left no audit row, becomes no correction."""
    store = Store(sqlite_url)
    _to(store, "0004")
    with store.writer.begin() as connection:
        for statement in (*OLD_ROWS_0004, *OLD_TAGS):
            connection.execute(text(statement))
    store.migrate()
    with store.reader.connect() as connection:
        columns = "id, before_category, before_urgency, repeats"
        found = connection.execute(text(f"SELECT {columns} FROM taggings ORDER BY id")).all()
    store.close()
    assert [tuple(row) for row in found] == [
        (1, None, None, None),
        (2, "general", "low", None),
        (3, None, None, 2),
    ]


OLD_ROWS_0004 = (
    "INSERT INTO users (id, email, name, role, created_at)"
    f" VALUES (1, 'ada@lumen.example', 'Ada', 'agent', {AT})",
    *OLD_ROWS[:3],
)
LATER = "'2026-11-20 10:00:00'"
_TAG = "INSERT INTO taggings (id, conversation_id, opener_id, category, urgency, agent_id, at)"
OLD_TAGS = (
    f"{_TAG} VALUES (1, 1, 1, 'general', 'low', NULL, {AT})",
    f"{_TAG} VALUES (2, 1, 1, 'payment', 'high', 1, {LATER})",
    f"{_TAG} VALUES (3, 1, 2, 'payment', 'high', 1, '2026-11-20 11:00:00')",
    "INSERT INTO audit (id, at, actor, action, subject, detail)"
    f" VALUES (1, {LATER}, 'ada@lumen.example', 'tag', 'conversation:1', '{{}}')",
)


def test_tags_from_before_keep_their_one_label_and_claim_no_set(store: Store) -> None:
    """Who needed no review had one label; which ones the others had was not kept."""
    sure = make_conversation(store, needs_review=False)
    unsure = make_conversation(store, needs_review=True)
    untagged = make_conversation(store, category=None)
    _to(store, "0005")
    store.migrate()
    with store.read() as session:
        found = {row.id: row for row in session.scalars(select(Conversation))}
    assert [(found[c.id].labels, found[c.id].topic) for c in (sure, unsure, untagged)] == [
        (["refund"], None),
        ([], None),
        ([], None),
    ]


def test_people_and_sessions_from_before_are_whole_and_without_a_second_step(
    store_url: str,
) -> None:
    store = Store(store_url)
    _to(store, "0005")
    with store.writer.begin() as connection:
        for statement in PEOPLE:
            connection.execute(text(statement))
    store.migrate()
    with store.read() as session:
        user, signed = session.get_one(User, 1), session.get_one(UserSession, "h")
        assert (user.email, user.totp_since, user.totp_step) == ("ada@lumen.example", None, None)
        assert (signed.user_id, signed.half, signed.browser) == (1, False, "")
        assert session.get_one(Brand, 1).two_step_roles == []
    store.close()


PEOPLE = (
    "INSERT INTO users (id, email, name, role, password_hash, created_at)"
    f" VALUES (1, 'ada@lumen.example', 'Ada', 'admin', 'x', {AT})",
    "INSERT INTO sessions (token_hash, user_id, created_at, seen_at, expires_at)"
    f" VALUES ('h', 1, {AT}, {AT}, {AT})",
    "INSERT INTO brand (id, name, zone, locale, report_at, report_recipients, target_share,"
    f" created_at) VALUES (1, 'Lumen', 'UTC', 'en', '07:00', '[]', 0.95, {AT})",
)


def test_warnings_told_before_stand_in_the_one_list_of_notices(store: Store) -> None:
    """With their numbers, which letters are named by, and their state; new ones come after them."""
    user, conversation = make_user(store), make_conversation(store)
    _to(store, BEFORE_NOTICES)
    with store.writer.begin() as connection:
        for statement in OLD_NOTICES:
            connection.execute(text(statement.format(user=user.id, conversation=conversation.id)))
    store.migrate()
    with store.write() as session:
        notices.add(session, {user.id: "wide"}, 0, MONDAY, kind="webhook", endpoint_id=None)
    with store.read() as session:
        rows = session.scalars(select(Notice).order_by(Notice.id)).all()
    found = [(n.id, n.kind, n.conversation_id, n.why, n.channel, n.state, n.batch) for n in rows]
    assert found[:-1] == [
        (7, "warning", conversation.id, "lead", "app", "read", None),
        (8, "warning", conversation.id, "lead", "mail", "waiting", 8),
        (9, "webhook", None, "wide", "app", "unread", None),
    ]
    assert found[-1][0] > 9


_TOLD = "INSERT INTO warning_notices (id, warning_id, user_id, channel, why, state, at, batch,"
OLD_NOTICES = (
    "INSERT INTO turn_warnings (id, conversation_id, opened_by, target, part, policy, due_at,"
    f" passed_at, at) VALUES (3, {{conversation}}, 1, 'public', 90, 'social', {AT}, {AT}, {AT})",
    f"{_TOLD} failures) VALUES (7, 3, {{user}}, 'app', 'lead', 'read', {AT}, NULL, 0)",
    f"{_TOLD} failures) VALUES (8, 3, {{user}}, 'mail', 'lead', 'waiting', {AT}, 8, 0)",
    f"{_TOLD} failures) VALUES (9, NULL, {{user}}, 'app', 'wide', 'unread', {AT}, NULL, 0)",
)
BEFORE_NOTICES = "0026"


def test_recipients_from_before_get_the_daily_report_and_mails_keep_their_edition(
    store_url: str,
) -> None:
    """SQLite makes the table of editions anew: the mails that hang on it stay."""
    store = Store(store_url)
    _to(store, "0056")
    with store.writer.begin() as connection:
        for statement in OLD_REPORTS:
            connection.execute(text(statement))
    store.migrate()
    with store.read() as session:
        gets = [(r.address, r.locale, r.kinds, r.at) for r in report_mails.recipients(session)]
        mail, edition = report_mails.with_edition(session, 7)
    assert gets == [(a, "zh_Hans_CN", ["day"], None) for a in ("ada@l.example", "bo@l.example")]
    assert (mail.locale, mail.tries, mail.state) == ("zh_Hans_CN", 2, "accepted")
    assert (edition.id, edition.kind, edition.edition) == (3, "day", 1)
    _to(store, "0056")
    with store.writer.begin() as connection:
        kept = connection.execute(text("SELECT edition_id FROM report_mails")).all()
        addresses = connection.execute(text("SELECT report_recipients FROM brand")).scalar_one()
    assert [tuple(row) for row in kept] == [(3,)]
    assert "bo@l.example" in str(addresses)
    store.close()


OLD_REPORTS = (
    "INSERT INTO brand (id, name, zone, locale, report_at, report_recipients, target_share,"
    " created_at, two_step_roles, assigns, approval_roles, approval_people, approval_findings,"
    " approval_own, settled) VALUES (1, 'Lumen', 'UTC', 'zh', '07:00',"
    f" '[\"ada@l.example\", \"bo@l.example\"]', 0.95, {AT}, '[]', false, '[]', '[]', false,"
    " false, '[]')",
    "INSERT INTO editions (id, local_date, edition, zone, as_of, figures, made_at)"
    f" VALUES (3, '2026-11-19', 1, 'UTC', {AT}, '{{}}', {AT})",
    "INSERT INTO report_mails (id, edition_id, recipient, message_id, state, failures,"
    f" accepted_at) VALUES (7, 3, 'ada@l.example', 'm', 'accepted', 1, {AT})",
)
