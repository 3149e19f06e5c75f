"""What Mastodon offers: limits, ways of signing in, moderation (its documentation, Jul 2026)."""

from connectors.core.contract import (
    Act,
    Author,
    Capabilities,
    Kind,
    Media,
    MovePrivate,
    Offer,
    On,
    Secret,
    Setting,
    Visibility,
    Way,
    word,
)
from connectors.mastodon.length import LIMIT, characters

SCOPES = (
    "read:accounts",
    "read:notifications",
    "read:statuses",
    "write:blocks",
    "write:favourites",
    "write:media",
    "write:mutes",
    "write:reports",
    "write:statuses",
)
PICTURES = Media(
    types=("image/jpeg", "image/png", "image/gif", "image/webp"), max_bytes=10_485_760, most=4
)


def addressed(text: str, to: Author, visibility: Visibility) -> str:
    """The text with the mention without which nobody would be told of the post."""
    name = f"@{to.handle}" if to.handle else ""
    written = {w.rstrip(".,:;!?").lower() for w in text.split() if w.startswith("@")}
    return text if name.lower() in {"", *written} else f"{name} {text}".rstrip()


CAPABILITIES = Capabilities(
    channel="mastodon",
    title="Mastodon",
    kinds=(Kind.MENTION, Kind.DM),
    streams=("notifications", "replies"),
    count=characters,
    unit="characters",
    limit_public=LIMIT,
    limit_private=LIMIT,
    secrets=(
        Secret(
            "access_token",
            word("Access token"),
            help=word("Preferences → Development → New application, with the scopes read, write"),
            ways=("token",),
        ),
        Secret("client_id", word("Client key"), optional=True, obtained=True),
        Secret("client_secret", word("Client secret"), optional=True, obtained=True),
    ),
    ways=(
        Way("oauth", word("Sign in on the server’s own page"), oauth=True),
        Way("token", word("Paste an access token")),
    ),
    server=Setting(
        "base_url",
        word("Address of your server"),
        word("For example https://social.brand.example."),
        required=True,
    ),
    poll_interval_s=60,
    busy_interval_s=15,
    read_lag_s=30,
    idempotent_send=True,
    fetches=True,
    notes=(
        word("Direct posts are not encrypted: the servers’ administrators can read them."),
        word("A reply whose author removed your mention is not told by the server."),
    ),
    addressed=addressed,
    move_private=MovePrivate(),
    media_public=PICTURES,
    media_private=PICTURES,
    offers=(
        Offer(Act.LIKE, On.THEIRS, undo=Act.UNLIKE, note=word("Everybody can see it.")),
        Offer(Act.UNLIKE, On.THEIRS),
        Offer(Act.DELETE, On.OURS),
        Offer(Act.MUTE, On.PERSON, undo=Act.UNMUTE, note=word("Their messages no longer arrive.")),
        Offer(Act.UNMUTE, On.PERSON),
        Offer(Act.BLOCK, On.PERSON, undo=Act.UNBLOCK, note=word("Both stop following each other.")),
        Offer(Act.UNBLOCK, On.PERSON),
        Offer(
            Act.REPORT,
            On.THEIRS,
            note=word("Goes to your server’s moderators; asked twice, they get it twice."),
        ),
    ),
    reach={"replies": word("the newest 40 posts")},
)
