"""What X offers, as data."""

from connectors.core.contract import (
    Capabilities,
    Kind,
    MovePrivate,
    Price,
    Secret,
    Setting,
    Visibility,
    Way,
    word,
)
from connectors.x import acts, media
from connectors.x.client import ORIGIN
from connectors.x.length import weighted
from connectors.x.lists import FIRST_LOOK, SOURCES

KEYS, TOKEN = ("oauth1",), ("oauth2",)
SECRETS = (
    Secret("consumer_key", word("API key"), ways=KEYS),
    Secret("consumer_secret", word("API key secret"), ways=KEYS),
    Secret("access_token", word("Access token"), ways=KEYS),
    Secret("access_token_secret", word("Access token secret"), ways=KEYS),
    Secret("client_id", word("Client ID"), ways=TOKEN, plain=True),
    Secret(
        "client_secret",
        word("Client secret"),
        optional=True,
        help=word("Only confidential clients (web apps) have one."),
        ways=TOKEN,
    ),
    Secret(
        "webhook_secret",
        word("API key secret of the app"),
        optional=True,
        help=word("Proves that a webhook call comes from X. Not needed for polling."),
        ways=TOKEN,
    ),
    Secret(
        "bearer_token",
        word("Bearer token of the app"),
        optional=True,
        help=word("Registers the webhook with X. Not needed for polling."),
    ),
    Secret("user_token", word("Access token"), optional=True, ways=TOKEN, obtained=True),
    Secret("refresh_token", word("Refresh token"), optional=True, ways=TOKEN, obtained=True),
    Secret("scopes", word("Granted rights"), optional=True, ways=TOKEN, obtained=True),
)
SETTINGS = (
    Setting(
        "search",
        word("Search for replies that do not mention us"),
        help=word(
            "Brings answers to our posts whose authors removed the mention, and shows the rest of"
            " our threads. X charges $0.005 for each post found, ours too; so it is off at first."
        ),
        choices=(("off", word("Off")), ("on", word("On"))),
        default="off",
    ),
    Setting("timeout_s", word("Seconds to wait for an answer"), default="30"),
)
DM_READ = 0.010 + 0.010  # the message, and its sender's name, which X counts as a user read
PRICE = Price(
    source=word("X’s pay-per-use prices, August 2026; an item is charged once per UTC day"),
    per_item={
        "mentions": 0.001,
        "search": 0.005,
        "replies": 0.001,
        "dms": DM_READ,
        "single messages": 0.005,
    },
    per_day={"dms": FIRST_LOOK * DM_READ},  # the newest ones, read again on the next day
    per_answer={Visibility.PUBLIC: 0.010, Visibility.PRIVATE: 0.015},
)

CAPABILITIES = Capabilities(
    channel="x",
    private_deletions_are_ours=True,
    title="X",
    kinds=(Kind.MENTION, Kind.COMMENT, Kind.DM),
    streams=tuple(SOURCES),
    count=weighted,
    count_private=len,
    unit=word("weighted characters"),
    limit_public=280,
    limit_private=10_000,
    secrets=SECRETS,
    settings=SETTINGS,
    ways=(
        Way(
            "oauth1",
            word("Keys (OAuth 1.0a)"),
            help=word("Four keys from X’s developer console. They do not run out."),
        ),
        Way(
            "oauth2",
            word("Sign in on X (OAuth 2.0)"),
            oauth=True,
            help=word("Needed for webhooks. X’s page asks for consent; tokens renew themselves."),
        ),
    ),
    base_url=ORIGIN,
    receives=True,
    subscribes=True,
    poll_interval_s=60,  # direct messages may be listed 15 times in 15 minutes
    read_lag_s=90,  # own posts appear in lists up to about 30 s late
    fetches=True,
    renews=True,
    notes=(
        word("Encrypted X Chat messages are not visible to apps."),
        word("The first connection brings the last 30 days of direct messages and 800 mentions."),
        word("Public answers only where the customer mentioned or quoted the account (X’s rule)."),
        word("X took likes from apps in April 2026. A public answer with a link costs $0.20."),
    ),
    move_private=MovePrivate(),
    media_public=media.PUBLIC,
    media_private=media.PRIVATE,
    offers=acts.OFFERS,
    price=PRICE,
    reach={
        "mentions": word("the last 800 mentions"),
        "search": word("the last 7 days"),
        "replies": word("the last 3,200 posts"),
        "dms": word("the last 30 days"),
    },
    switched={"search": "search"},
)
