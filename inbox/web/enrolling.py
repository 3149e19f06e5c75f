"""What opens for who must have a second step and has none yet."""

from inbox.web.permissions import ANONYMOUS, PERMISSIONS

WITHOUT_SECOND_STEP = frozenset(
    {
        ("GET", "/me/two-step"),
        ("POST", "/me/two-step/begin"),
        ("POST", "/me/two-step/confirm"),
        ("POST", "/me"),
        ("POST", "/sign-out"),
    }
)
"""What opens for who must have a second step and has none yet, besides what opens for everyone."""


def needs_second_step(method: str, template: str) -> bool:
    """Whether a route is shut for who still lacks a second step that the role must have."""
    open_to_all = ANONYMOUS in PERMISSIONS[method, template]
    return not open_to_all and (method, template) not in WITHOUT_SECOND_STEP
