"""Reading a channel's comments in steps of one call each.

A look is three things, one after the other, all kept in the cursor so that a crash loses nothing:

1. *walk*: the list of threads, newest first, down to what is stored;
2. *check*: threads that were active lately and that the walk did not show, fifty in one call,
   because a new answer does not lift its thread in the list;
3. *deep*: wherever the count of answers changed and not all of them came along (lists show five
   at most), the thread's own list, page by page. These go first, as soon as they are known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from connectors.core.contract import Json
from connectors.core.errors import Refused, Transient
from connectors.youtube.client import UNREADABLE, StalePage, YouTube
from connectors.youtube.parse import Found, Thread, listed, read_comments, read_threads

PAGE = 100
BATCH = 50
MOST_WATCHED = 500
LATE_S = 600  # a comment may be listed this long after newer ones
PARTS: Mapping[str, str | int] = {"part": "snippet,replies", "textFormat": "plainText"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a look stands. Times are unix seconds.

    All threads begun up to `floor` are stored; `ceiling` is the newest of the walk under way and
    `next` its next page. `threads` are those watched: id → (answers, last active). `check` are
    still to be asked for in this look, `deep` are threads to be read in full, each with its page.
    """

    floor: int | None = None
    ceiling: int | None = None
    walking: bool = False
    next: str | None = None
    threads: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    check: tuple[str, ...] = ()
    deep: tuple[tuple[str, str | None], ...] = ()

    @classmethod
    def from_json(cls, cursor: Json) -> "Place":
        return cls(
            cursor.get("floor"),
            cursor.get("ceiling"),
            bool(cursor.get("walking")),
            cursor.get("next"),
            {name: (int(n), int(at)) for name, (n, at) in (cursor.get("threads") or {}).items()},
            tuple(cursor.get("check") or ()),
            tuple((name, token) for name, token in cursor.get("deep") or ()),
        )

    def to_json(self) -> Json:
        return {
            "floor": self.floor,
            "ceiling": self.ceiling,
            "walking": self.walking,
            "next": self.next,
            "threads": {name: list(known) for name, known in self.threads.items()},
            "check": list(self.check),
            "deep": [list(entry) for entry in self.deep],
        }

    @property
    def under_way(self) -> bool:
        return self.walking or bool(self.check or self.deep)

    def having_seen(self, threads: Iterable[Thread], now_s: int) -> "Place":
        """With these threads watched, and those read in full later whose answers are not all here.
        A count that changed was changed since the last look: that thread is active now."""
        known, deep, seen = dict(self.threads), list(self.deep), set()
        for thread in threads:
            before = known.get(thread.id)
            same = before is not None and before[0] == thread.total and thread.active_s <= before[1]
            active = thread.active_s if before is None else before[1] if same else now_s
            known[thread.id] = (thread.total, active)
            if thread.total > thread.shown and not same:
                deep.append((thread.id, None))
            seen.add(thread.id)
        left = tuple(name for name in self.check if name not in seen)
        return replace(self, threads=known, deep=tuple(deep), check=left)

    def without_sleepers(self, since_s: int) -> "Place":
        """Watches no thread that was last active before `since_s`, nor more than `MOST_WATCHED`."""
        awake = [(at, name) for name, (_, at) in self.threads.items() if at >= since_s]
        kept = {name for _, name in sorted(awake)[-MOST_WATCHED:]}
        return replace(self, threads={n: t for n, t in self.threads.items() if n in kept})


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads as the channel `me`. `status` lists what is not public; `oldest_s` is how far back the
    first walk goes, `awake_s` since when a thread must have been active to be watched."""

    youtube: YouTube
    me: str
    now_s: int
    oldest_s: int
    awake_s: int
    status: str = ""

    def step(self, place: Place) -> tuple[Found, Place]:
        """One call further."""
        if place.deep:
            return self._deep(place)
        if place.check and not place.walking:
            return self._check(place)
        if not place.walking:
            awake = place.without_sleepers(self.awake_s)
            place = replace(awake, walking=True, next=None, check=tuple(awake.threads))
        return self._walk(place)

    def _walk(self, place: Place) -> tuple[Found, Place]:
        about = {**all_threads(self.me), "order": "time"}
        page = {"pageToken": place.next} if place.next else {}
        status = {"moderationStatus": self.status} if self.status else {}
        try:
            body = self.youtube.get("commentThreads", **about, **page, **status)
        except StalePage:
            return Found(()), replace(place, next=None, ceiling=None)  # from the top
        found = _threads(body, self.me)
        shown = tuple(replace(m, hidden=bool(self.status)) for m in found.messages)
        found = replace(found, messages=shown)
        floor = place.floor if place.floor is not None else self.oldest_s
        times = [t.started_s for t in found.threads]
        ceiling = place.ceiling if place.ceiling is not None else max(times, default=None)
        token, reached = body.get("nextPageToken"), min(times, default=floor) < floor - LATE_S
        seen = place if self.status else place.having_seen(found.threads, self.now_s)
        if isinstance(token, str) and token and not reached:
            return found, replace(seen, floor=place.floor, ceiling=ceiling, next=token)
        done = max(floor, ceiling if ceiling is not None else floor)
        return found, replace(seen, floor=done, ceiling=None, walking=False, next=None)

    def _check(self, place: Place) -> tuple[Found, Place]:
        batch, rest = place.check[:BATCH], place.check[BATCH:]
        found = _threads(self.youtube.get("commentThreads", **PARTS, id=",".join(batch)), self.me)
        return found, replace(place.having_seen(found.threads, self.now_s), check=rest)

    def _deep(self, place: Place) -> tuple[Found, Place]:
        """One thread that YouTube does not show holds up no others: it is forgotten, so that the
        next look which meets it tries again."""
        (thread, token), rest = place.deep[0], place.deep[1:]
        try:
            found, token = replies(self.youtube, self.me, thread, token)
        except StalePage:
            return Found(()), replace(place, deep=((thread, None), *rest))
        except Refused:
            others = {name: known for name, known in place.threads.items() if name != thread}
            return Found(()), replace(place, deep=rest, threads=others)
        more = ((thread, token),) if token else ()
        return found, replace(place, deep=(*more, *rest))


def all_threads(channel: str) -> Mapping[str, str | int]:
    """All comments under a channel's videos and on the channel itself."""
    return {**PARTS, "allThreadsRelatedToChannelId": channel, "maxResults": PAGE}


def replies(youtube: YouTube, me: str, thread: str, token: str | None) -> tuple[Found, str | None]:
    """A page of a thread's answers, and the token of the next one."""
    about: dict[str, str | int] = {"part": "snippet", "textFormat": "plainText", "maxResults": PAGE}
    page = {"pageToken": token} if token else {}
    body = youtube.get("comments", parentId=thread, **about, **page)
    after = body.get("nextPageToken")
    return read_comments([*listed(body)], me), after if isinstance(after, str) and after else None


def _threads(body: Json, me: str) -> Found:
    if "items" not in body and "pageInfo" not in body:
        raise Transient(UNREADABLE)
    return read_threads([*listed(body)], me)
