"""What Bluesky offers: limits, credentials, moderation (its lexicons and docs, Apr 2026)."""

from connectors.bluesky.richtext import measure
from connectors.core.contract import (
    Act,
    Capabilities,
    Kind,
    Media,
    MovePrivate,
    Offer,
    On,
    Secret,
    word,
)

LIMIT, LIMIT_BYTES = 300, 3_000
DM_LIMIT, DM_LIMIT_BYTES = 1_000, 10_000
PUBLIC = (Kind.MENTION, Kind.COMMENT)

# No `idempotent_send`: public answers have a key of their own, but direct messages have none.
CAPABILITIES = Capabilities(
    channel="bluesky",
    private_deletions_are_ours=True,
    title="Bluesky",
    kinds=(Kind.MENTION, Kind.COMMENT, Kind.DM),
    streams=("notifications", "replies", "dms"),
    count=measure(LIMIT, LIMIT_BYTES),
    count_private=measure(DM_LIMIT, DM_LIMIT_BYTES),
    unit="characters",
    limit_public=LIMIT,
    limit_private=DM_LIMIT,
    secrets=(
        Secret(
            "app_password",
            word("App password"),
            help=word("Settings → Privacy and security → App passwords; allow direct messages"),
        ),
        Secret("access_jwt", word("Access token"), optional=True, obtained=True),
        Secret("refresh_jwt", word("Refresh token"), optional=True, obtained=True),
        Secret("did", word("Account’s DID"), optional=True, obtained=True),
        Secret("pds", word("Account’s own server"), optional=True, obtained=True),
    ),
    base_url="https://bsky.social",
    poll_interval_s=60,
    busy_interval_s=15,
    read_lag_s=20,
    fetches=True,
    renews=True,
    notes=(
        word("Direct messages need an app password that allows them."),
        word("Message requests from strangers are shown; the first answer accepts them."),
        word("Direct messages carry no files."),
    ),
    move_private=MovePrivate(),
    media_public=Media(
        types=("image/jpeg", "image/png", "image/webp"), max_bytes=1_000_000, most=4
    ),
    offers=(
        Offer(Act.LIKE, On.THEIRS, PUBLIC, Act.UNLIKE, word("Everybody can see it.")),
        Offer(Act.UNLIKE, On.THEIRS, PUBLIC),
        Offer(Act.DELETE, On.OURS, PUBLIC),
        Offer(Act.MUTE, On.PERSON, undo=Act.UNMUTE, note=word("Their posts no longer arrive.")),
        Offer(Act.UNMUTE, On.PERSON),
        Offer(Act.BLOCK, On.PERSON, undo=Act.UNBLOCK, note=word("Everybody can see it.")),
        Offer(Act.UNBLOCK, On.PERSON),
        Offer(
            Act.REPORT,
            On.THEIRS,
            note=word("Goes to Bluesky’s moderators; asked twice, they get it twice."),
        ),
    ),
    reach={"replies": word("the newest 50 posts")},
)
