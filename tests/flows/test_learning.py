"""The classifier learns from corrections: what it is given, what may serve, and what is left."""

import json
import os
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from inbox.config import Settings
from inbox.flows import learning, models
from inbox.flows.tagging import LazyClassifier
from inbox.flows.training import Trainer
from inbox.store import learning as stored
from inbox.store.tables import Audit, Event, ModelVersion, Tagging, Training
from tests.factories import make_user
from tests.fakes import refit
from tests.flows.desk import Desk, says
from tests.flows.lessons import Guess, left, load, serves, states, tag, taught, train


def given(desk: Desk, folder: Path) -> list[dict[str, Any]]:
    """The corrections as the training gets them."""
    with desk.store.read() as session:
        found = stored.corrections(session)
    learning.write_corrections(folder / "c.jsonl", found)
    return [json.loads(line) for line in (folder / "c.jsonl").read_text("utf-8").splitlines()]


def test_a_correction_keeps_who_when_before_and_after(desk: Desk) -> None:
    desk.take(says("1"), classifier=Guess())
    tag(desk, category="payment", urgency="high", topic="charged_twice")
    tag(desk, category="payment", urgency="critical")
    tag(desk, category="refund")
    rows = [t for t in desk.rows(Tagging) if t.agent_id == desk.agent_id]
    told = [(t.before_category, t.before_urgency, t.before_topic) for t in rows]
    assert told == [
        ("general", "low", None),
        ("payment", "high", "charged_twice"),
        ("payment", "critical", "charged_twice"),
    ]
    assert [(t.category, t.urgency, t.topic) for t in rows] == [
        ("payment", "high", "charged_twice"),
        ("payment", "critical", "charged_twice"),
        ("refund", "critical", None),  # a topic is one of its category's
    ]
    assert {t.at for t in rows} == {desk.clock()}
    audited = [a for a in desk.rows(Audit) if a.action == "tag"]
    assert audited[0].detail == {
        "before": {"category": "general", "urgency": "low", "topic": None},
        "after": {"category": "payment", "urgency": "high", "topic": "charged_twice"},
    }
    assert audited[0].actor == "ada@lumen.example"


def test_the_last_word_on_each_turn_is_learned_with_its_opening_words(
    desk: Desk, tmp_path: Path
) -> None:
    desk.take(says("1", "charged twice", author="ann"), classifier=Guess())
    tag(desk, category="refund")
    tag(desk, category="payment", urgency="high", topic="charged_twice")
    desk.take(says("2", "给我退款", author="lin", conversation="c2"), classifier=Guess())
    assert given(desk, tmp_path) == [
        {
            "text": "charged twice",
            "category": "payment",
            "urgency": "high",
            "topic": "charged_twice",
            "at": desk.clock().isoformat(),
            "customer": str(desk.conversation().contact_id),
            "agent": "ada@lumen.example",
            "id": str(max(row.id for row in desk.rows(Tagging) if row.agent_id)),
            "accepted": False,
        }
    ]
    assert (tmp_path / "c.jsonl").stat().st_mode & 0o077 == 0


def test_no_letter_of_a_customer_ends_a_line(sqlite_desk: Desk, tmp_path: Path) -> None:
    words = "charged\u2028twice\u0085and\x1cagain\nplease"
    taught(sqlite_desk, words)
    assert [line["text"] for line in given(sqlite_desk, tmp_path)] == [words]


def test_what_a_customer_deleted_is_never_learned(desk: Desk, tmp_path: Path) -> None:
    taught(desk, "please forget this")
    number = desk.rows()[-1].external_id
    assert len(given(desk, tmp_path)) == 1
    gone = says(number, "", author="ann", conversation="ann", deleted_at=desk.clock())
    desk.take(gone)
    assert given(desk, tmp_path) == []


def test_a_copy_to_an_older_opener_is_no_second_correction(desk: Desk, tmp_path: Path) -> None:
    taught(desk, "charged twice")
    desk.take(says("0", "hello?", -90, author="ann", conversation="ann"), classifier=Guess())
    copies = [t for t in desk.rows(Tagging) if t.repeats is not None]
    assert len(copies) == 1
    assert [line["text"] for line in given(desk, tmp_path)] == ["charged twice"]
    with desk.store.read() as session:
        assert stored.corrections_since(session, 0) == 1


def test_what_was_held_back_is_learned_once_a_lead_has_accepted_it(
    desk: Desk, tmp_path: Path
) -> None:
    lea = make_user(desk.store, "Lea Lund", "lead")
    taught(desk, "charged twice", author="ann")
    taught(desk, "who took my money", author="ben")
    train(desk, "hold")

    def held() -> list[str]:
        with desk.store.read() as session:
            return [one.text for one in learning.held(session)]

    assert held() == ["who took my money", "charged twice"]
    with desk.store.read() as session:
        number = learning.held(session)[0].id
    who: dict[str, Any] = {"agent_id": lea.id, "actor": lea.email, "now": desk.clock()}
    learning.accept(desk.store, number, **who)
    assert held() == ["charged twice"]
    with pytest.raises(learning.NotHeld):
        learning.accept(desk.store, number, **who)
    told = {line["text"]: (line["agent"], line["accepted"]) for line in given(desk, tmp_path)}
    assert told["who took my money"] == (lea.email, True)
    assert told["charged twice"] == ("ada@lumen.example", False)
    with desk.store.read() as session:
        assert learning.news(session) == 1
    tag(desk, "ann", "refund")  # put right in its conversation
    assert held() == []


def test_a_version_that_passes_serves_and_shows_its_figures(desk: Desk) -> None:
    taught(desk)
    done = train(desk)
    assert (done.state, done.corrections, done.reason) == (
        "activated",
        1,
        "At least as good on both sets.",
    )
    assert [line["words"] for line in done.said] == ["1 corrections", "measured"]
    assert states(desk) == {done.version: "serving"}
    assert left(desk) == {done.version}
    row = desk.rows(ModelVersion)[0]
    assert (row.made_by, row.corrections) == ("ada@lumen.example", 1)
    assert row.gate["frozen"]["after"] == 0.84
    assert row.scores["category"]["macro_f1"] == 0.84
    assert "classifier" in {e.topic for e in desk.rows(Event)}


def test_a_refused_candidate_never_serves(desk: Desk) -> None:
    taught(desk)
    first = train(desk)
    taught(desk, "refund me", author="bob")
    done = train(desk, "refuse")
    assert (done.state, done.reason) == ("refused", "Worse on the frozen set.")
    assert done.said[-1]["words"] == f"beside {first.version}"  # what serves is compared with
    assert states(desk) == {first.version: "serving", done.version: "refused"}
    assert left(desk) == {first.version}
    assert done.version is not None
    with pytest.raises(models.NotUsable, match="refused"):
        models.use(desk.store, desk.settings.folder, done.version, actor="ada", now=desk.clock())
    assert serves(desk) == first.version


@pytest.mark.parametrize(
    ("mode", "words"), [("crash", "MemoryError: no room left"), ("babble", "It said nothing.")]
)
def test_a_training_without_a_verdict_leaves_all_as_it_was(
    desk: Desk, mode: str, words: str
) -> None:
    taught(desk)
    done = train(desk, mode)
    assert done.state == "failed"
    assert done.reason is not None
    assert words in done.reason
    assert (states(desk), left(desk), serves(desk)) == ({}, set(), models.SHIPPED)


def test_nobody_waits_for_a_training_and_one_that_hangs_is_ended(desk: Desk) -> None:
    taught(desk)
    learning.ask(desk.store, actor="ada", now=desk.clock())
    trainer = Trainer(desk.store, desk.settings.folder, refit.command("stay"))
    trainer.look(desk.clock())
    while not desk.rows(Training)[0].said:
        trainer.wait(10)
        trainer.look(desk.clock())
    assert trainer.busy
    assert desk.rows(Training)[0].said[0]["words"] == "1 corrections"
    other = Trainer(desk.store, desk.settings.folder, refit.command("pass"))
    other.look(desk.clock())  # one training at a time, whoever looks
    assert not other.busy
    trainer.look(desk.clock.forward(minutes=31))
    assert not trainer.busy
    assert desk.rows(Training)[0].state == "failed"
    assert left(desk) == set()


def test_kill_9_in_the_middle_leaves_the_serving_model_and_no_half_version(desk: Desk) -> None:
    taught(desk)
    first = train(desk)
    taught(desk, "refund me", author="bob")
    learning.ask(desk.store, actor="ada", now=desk.clock())
    desk.store.close()  # a fork must not share a connection
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        trainer = Trainer(desk.store, desk.settings.folder, refit.command("stay"))
        trainer.look(desk.clock())
        trainer.wait(10)
        os.write(tell, b"runs")
        signal.pause()
    assert os.read(told, 4) == b"runs"
    orphan = next((desk.settings.folder / "models").glob(".training-*"))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(told)
    os.close(tell)
    assert orphan.exists()
    assert desk.rows(Training)[-1].state == "running"
    assert serves(desk) == first.version
    trainer = Trainer(desk.store, desk.settings.folder, refit.command("pass"))
    trainer.look(desk.clock())  # the same training, begun again
    assert not orphan.exists()
    while trainer.busy:
        trainer.wait(0.1)
        trainer.look(desk.clock())
    done = desk.rows(Training)[-1]
    assert (done.state, done.tries) == ("activated", 2)
    assert left(desk) == {first.version, done.version}
    _end_orphans(orphan)


def _end_orphans(folder: Path) -> None:
    """The fake of a killed worker stays for ever; the real one ends at its next word."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder).encode() in (entry / "cmdline").read_bytes():
                os.kill(int(entry.name), signal.SIGKILL)
        except OSError:
            continue


def test_a_training_that_kills_its_worker_is_not_begun_for_ever(desk: Desk) -> None:
    taught(desk)
    number = learning.ask(desk.store, actor="ada", now=desk.clock())
    with desk.store.write() as session:
        row = session.get_one(Training, number)
        row.state, row.tries = stored.RUNNING, learning.TRIES
    Trainer(desk.store, desk.settings.folder, refit.command("pass")).look(desk.clock())
    assert desk.rows(Training)[0].state == "failed"
    assert left(desk) == set()


def test_a_worker_that_stops_hands_its_training_on(desk: Desk) -> None:
    taught(desk)
    learning.ask(desk.store, actor="ada", now=desk.clock())
    trainer = Trainer(desk.store, desk.settings.folder, refit.command("stay"))
    trainer.look(desk.clock())
    trainer.stop(desk.clock())
    assert [(t.state, t.tries) for t in desk.rows(Training)] == [("queued", 0)]
    assert left(desk) == set()
    assert train(desk).state == "activated"


def test_a_version_chosen_meanwhile_is_not_pushed_aside(desk: Desk) -> None:
    taught(desk)
    first = train(desk)
    taught(desk, "refund me", author="bob")
    learning.ask(desk.store, actor="ada", now=desk.clock())
    trainer = Trainer(desk.store, desk.settings.folder, refit.command("pass"))
    trainer.look(desk.clock())
    folder = desk.settings.folder
    models.use(desk.store, folder, models.SHIPPED, actor="ada", now=desk.clock())
    while trainer.busy:
        trainer.wait(0.1)
        trainer.look(desk.clock())
    done = desk.rows(Training)[-1]
    assert done.state == "kept"
    assert states(desk) == {first.version: "earlier", done.version: "candidate"}
    assert serves(desk) == models.SHIPPED


def test_only_the_last_ten_versions_are_kept_and_the_one_that_serves(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    taught(desk)
    first = train(desk).version
    for n in range(models.KEEP + 1):
        desk.clock.forward(minutes=1)
        taught(desk, f"message {n}", author=f"u{n}")
        train(desk, "refuse")
    found = states(desk)
    assert len(found) == models.KEEP + 1
    assert found[str(first)] == "serving"
    for n in range(2):
        desk.clock.forward(minutes=1)
        taught(desk, f"more {n}", author=f"m{n}")
        train(desk)
    assert str(first) not in states(desk)
    assert str(first) not in left(desk)
    assert len(states(desk)) == models.KEEP


def test_a_switch_reaches_every_process_and_goes_back(desk: Desk) -> None:
    folder = desk.settings.folder
    web = LazyClassifier(desk.store, folder, load, look_s=0)
    assert (web.tag(["a"]), web.explain("a")) == (["shipped"], "shipped: a")
    taught(desk)
    version = train(desk).version
    assert (web.tag(["a"]), web.explain("a")) == ([version], f"{version}: a")
    models.use(desk.store, folder, models.SHIPPED, actor="ada", now=desk.clock())
    assert (web.tag(["a"]), web.explain("a")) == (["shipped"], "shipped: a")
    assert version is not None
    models.use(desk.store, folder, version, actor="ada", now=desk.clock())
    assert web.tag(["a"]) == [version]
    used = [a.detail["before"] for a in desk.rows(Audit) if a.action == "classifier.use"]
    assert used == [version, "shipped"]


def test_another_process_follows_a_switch_without_a_restart(desk: Desk) -> None:
    taught(desk)
    version = str(train(desk).version)
    desk.store.close()  # a fork must not share a connection
    hear, ask = os.pipe()
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        web = LazyClassifier(desk.store, desk.settings.folder, load, look_s=0)
        while os.read(hear, 1) == b"?":
            os.write(tell, str(web.tag(["a"])[0]).encode())
        os._exit(0)

    def there() -> str:
        os.write(ask, b"?")
        return os.read(told, 100).decode()

    assert there() == version
    folder = desk.settings.folder
    models.use(desk.store, folder, models.SHIPPED, actor="ada", now=desk.clock())
    assert there() == models.SHIPPED
    models.use(desk.store, folder, version, actor="ada", now=desk.clock())
    assert there() == version
    os.write(ask, b".")
    assert os.waitpid(child, 0)[1] == 0
    for end in (hear, ask, told, tell):
        os.close(end)


def test_a_missing_or_broken_folder_falls_back_to_the_shipped_model(desk: Desk) -> None:
    folder = desk.settings.folder
    taught(desk)
    version = train(desk).version
    assert version is not None
    place = models.folder_of(folder, version)
    place.rename(place.with_name("elsewhere"))
    web = LazyClassifier(desk.store, folder, load, look_s=0)
    assert web.tag(["a"]) == ["shipped"]
    found = {one.version: one for one in models.everything(desk.store, folder)}
    assert (found[version].serves, found[version].whole) == (True, False)
    place.with_name("elsewhere").rename(place)  # brought back: no restart is needed
    assert web.tag(["a"]) == [version]
    (place / "model.npz").write_bytes(b"half")
    (place / "meta.json").touch()
    assert LazyClassifier(desk.store, folder, load).tag(["a"]) == ["shipped"]
    models.use(desk.store, folder, models.SHIPPED, actor="ada", now=desk.clock())
    with pytest.raises(models.NotUsable, match="missing here, broken, or of another release"):
        models.use(desk.store, folder, version, actor="ada", now=desk.clock())
    with pytest.raises(models.NotUsable, match="no version"):
        models.use(desk.store, folder, "../../etc", actor="ada", now=desk.clock())


def test_the_clock_asks_when_there_is_enough_that_is_new(desk: Desk) -> None:
    settings = Settings(data=desk.settings.data, train_every_days=7, train_after=2)
    store, clock = desk.store, desk.clock
    taught(desk)
    assert not learning.start_due(store, settings, clock())
    taught(desk, "refund me", author="bob")
    never = Settings(data=desk.settings.data, train_every_days=0, train_after=1)
    assert not learning.start_due(store, never, clock())
    assert learning.start_due(store, settings, clock())
    assert not learning.start_due(store, settings, clock())  # it is under way
    assert desk.rows(Training)[0].asked_by == "system"
    train(desk)
    clock.forward(days=8)
    assert not learning.start_due(store, settings, clock())  # nothing new
    for author in ("cleo", "dan"):
        taught(desk, "hello", author=author)
    clock.now -= timedelta(days=2)
    assert not learning.start_due(store, settings, clock())  # six days
    clock.forward(days=2)
    assert learning.start_due(store, settings, clock())


def test_without_a_correction_there_is_nothing_to_learn(desk: Desk) -> None:
    desk.take(says("1"), classifier=Guess())
    with pytest.raises(learning.NothingToLearn, match="nothing to learn"):
        learning.ask(desk.store, actor="ada", now=desk.clock())
    assert desk.rows(Training) == []
