"""What the API says of mailed reports, and what it takes."""

from datetime import date, datetime
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from connectors.core.text import clean
from inbox.domain.ids import BIGGEST_ID
from inbox.flows.report_recipients import MOST_ADDRESS
from inbox.web.api.models import Taken
from templates import LOCALES
from templates.periods import ReportKind

Locale = Literal["en", "zh_Hans_CN"]
assert set(get_args(Locale)) == set(LOCALES)
Address = Annotated[str, Field(min_length=1, max_length=MOST_ADDRESS), AfterValidator(clean)]


class NewRecipient(Taken):
    """Who gets which reports, in which language and when."""

    address: Address = Field(examples=["lead@lumenpay.example"])
    kinds: Annotated[list[ReportKind], Field(min_length=1, max_length=3)]
    locale: Locale = "en"
    at: Annotated[str, Field(max_length=5), AfterValidator(clean)] | None = Field(
        None, description="Local time, HH:MM; null: the brand's report time.", examples=["08:30"]
    )


class Recipient(BaseModel):
    """Who gets reports. `at` null: at the brand's report time."""

    id: int
    address: str
    locale: str
    kinds: list[str]
    at: str | None


class Recipients(BaseModel):
    """Everybody who gets reports, by address."""

    recipients: list[Recipient]


class ReportMail(BaseModel):
    """A report on its way to somebody. `from` and `to` are its days."""

    model_config = ConfigDict(serialize_by_alias=True)

    id: int = Field(le=BIGGEST_ID)
    recipient: str
    locale: str
    kind: str = Field(description="day, week, month.")
    first: date = Field(alias="from")
    to: date
    edition: int
    made_at: datetime
    state: str = Field(
        description="queued, accepted (by the mail server), refused (see `reason`), removed (was "
        "queued for somebody who gets no reports any more)."
    )
    not_before: datetime | None = Field(description="When a queued one leaves, or is tried again.")
    accepted_at: datetime | None
    tries: int
    tried_at: datetime | None
    reason: str | None
    message_id: str


class ReportMails(BaseModel):
    """A page of mails, newest first."""

    mails: list[ReportMail]
    next_cursor: int | None = Field(description="Of the next page; null at the end.")


class MailPreview(BaseModel):
    """A mail as its reader sees it."""

    subject: str
    text: str
    html: str


class MailTest(Taken):
    """Which mail to try out; `to` left out: on the token's person."""

    kind: ReportKind
    locale: Locale = "en"
    to: Address | None = None


class MailTested(BaseModel):
    """The mail server took it."""

    to: str
