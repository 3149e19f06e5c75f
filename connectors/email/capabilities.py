"""What a mailbox offers, and what its form asks for.

Sources: Google's "IMAP, POP, and SMTP" (XOAUTH2, scope https://mail.google.com/) and Microsoft's
"Authenticate an IMAP, POP or SMTP connection using OAuth", both read Nov 2026. Exchange Online took
no password for IMAP any more; for SMTP passwords end with December 2026 (message center MC786329).
"""

from connectors.core.contract import Capabilities, Kind, Media, Secret, Setting, Way, word

PASSWORD, CONSENT, TOKEN = "password", "consent", "token"
MAX_FILES_BYTES = 20_000_000  # together: encoded, 27 MB, which common servers still take
MOST_FILES = 20

WAYS = (
    Way(
        PASSWORD,
        word("User name and password"),
        help=word(
            "For most mail servers. Gmail wants an app password, made in the Google account’s "
            "security page; Microsoft 365 wants one of the other ways."
        ),
    ),
    Way(
        CONSENT,
        word("Sign in at Google or Microsoft"),
        oauth=True,
        help=word(
            "You register an app there once, enter its ID and secret here, and consent on the "
            "provider’s own page."
        ),
    ),
    Way(
        TOKEN,
        word("A refresh token that you already have"),
        help=word("For any provider with OAuth 2.0, when its administrator hands out the token."),
    ),
)
SECRETS = (
    Secret(
        "username",
        word("User name"),
        plain=True,
        help=word("What you sign in to the mailbox with, often the whole address."),
    ),
    Secret(
        "password",
        word("Password or app password"),
        ways=(PASSWORD,),
        help=word("Used for both servers, the one that is read and the one that sends."),
    ),
    Secret(
        "client_id",
        word("Client ID of the app"),
        plain=True,
        ways=(CONSENT, TOKEN),
        help=word("From the app that you registered at the mail provider."),
    ),
    Secret(
        "client_secret",
        word("Client secret of the app"),
        optional=True,
        ways=(CONSENT, TOKEN),
        help=word("Leave it empty for an app that has none."),
    ),
    Secret(
        "refresh_token",
        word("Refresh token"),
        ways=(TOKEN,),
        help=word("It must allow reading by IMAP and sending by SMTP."),
    ),
    Secret("access_token", word("Access token"), optional=True, obtained=True),
)
SETTINGS = (
    Setting(
        "smtp",
        word("Mail server that sends"),
        word("For example smtps://mail.brand.example:465, or smtp://mail.brand.example:587."),
        required=True,
        leads=True,
    ),
    Setting(
        "provider",
        word("Mail provider"),
        choices=(
            ("google", "Google"),
            ("microsoft", "Microsoft"),
            ("other", word("another one, named below")),
        ),
        default="google",
        ways=(CONSENT, TOKEN),
        leads=True,
    ),
    Setting(
        "authorize_url",
        word("Sign-in page of another provider"),
        word("Where your browser is sent to consent. Its documentation names this address."),
        ways=(CONSENT,),
    ),
    Setting(
        "token_url",
        word("Token address of another provider"),
        word("Where access tokens are renewed. Its documentation names this address."),
        ways=(CONSENT, TOKEN),
        leads=True,
    ),
    Setting(
        "scope",
        word("Permissions to ask another provider for"),
        word("Separated by spaces, as its documentation names them for IMAP and SMTP."),
        ways=(CONSENT,),
    ),
    Setting(
        "address",
        word("Address of the mailbox"),
        word("What answers come from. Needed only when the account’s name is no address."),
    ),
    Setting(
        "name",
        word("Name in the From line"),
        word("What customers see beside the address, for example Lumen Support."),
    ),
    Setting(
        "folder",
        word("Folder to read"),
        word("Mails in other folders are not seen, so let no filter move customers’ mail away."),
        default="INBOX",
    ),
    Setting(
        "sent_folder",
        word("Folder of sent mail"),
        word(
            "For example Sent, or [Gmail]/Sent Mail. Without it, answers that somebody writes in a "
            "mail program are not seen here and end no customer’s wait."
        ),
    ),
    Setting(
        "sent_by",
        word("Who puts sent mail there"),
        word(
            "Gmail and Exchange file what they send by themselves. Where the server does not, "
            "Replydesk files a copy. Chosen wrongly, copies are missing or double."
        ),
        choices=(("", word("Replydesk")), ("server", word("the mail server"))),
    ),
    Setting(
        "history_days",
        word("Days of history at the first look"),
        word("Older mails stay in the mailbox and are not read."),
        default="30",
    ),
)

CAPABILITIES = Capabilities(
    channel="email",
    title="E-mail",
    kinds=(Kind.EMAIL,),
    streams=("inbox", "sent"),
    count=len,
    unit=word("characters"),
    limit_public=None,
    limit_private=100_000,
    secrets=SECRETS,
    settings=SETTINGS,
    ways=WAYS,
    server=Setting(
        "base_url",
        word("Mail server that is read"),
        word("For example imaps://mail.brand.example."),
        required=True,
    ),
    polls=True,
    poll_interval_s=30,
    read_lag_s=60,
    renews=True,
    social=False,
    copies=True,
    notes=(
        word("The first look goes 30 days back, unless set otherwise."),
        word("An uncertain send is looked up in the sent folder; without one a person decides."),
    ),
    media_private=Media(("*/*",), MAX_FILES_BYTES, MOST_FILES),
    reach=dict.fromkeys(("inbox", "sent"), word("30 days, unless set otherwise")),
)
