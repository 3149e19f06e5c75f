"""Samples of the page of API tokens."""

from datetime import timedelta

from inbox.domain.scopes import SCOPES, held
from inbox.web.pages import Frame
from inbox.web.pages_tokens import Token, TokensPage
from inbox.web.style_people import NOW


def sample_tokens(frame: Frame) -> TokensPage:
    """A fresh one, one in use, an expired one of somebody else."""
    week = timedelta(days=7)
    return TokensPage(
        frame=frame,
        tokens=(
            Token(3, "Shop", "rd_k4Jw", tuple(SCOPES)[:2], "Ada Voss", True, "works", None, None),
            Token(
                *(2, "Nightly figures", "rd_Zr1x", ("reports:read",), "Ada Voss", True, "works"),
                *(NOW - timedelta(hours=6), NOW + 9 * week),
            ),
            Token(
                *(1, "Old dashboard", "rd_0aQe", ("accounts:read",), "Bo Narin", False, "expired"),
                *(NOW - 10 * week, NOW - 8 * week),
            ),
        ),
        offered=held("admin"),
        api="https://desk.lumenpay.example/api/v1",
        made="rd_k4JwExampleOnlyExampleOnlyExampleOnlyExample",
    )
