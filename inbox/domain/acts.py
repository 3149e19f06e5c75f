"""The kinds of acts in the audit log: what somebody looks for there, and the acts that it is.

An act that stands in none of them is found without a kind, and by its own name.
"""

from collections.abc import Mapping
from typing import Final

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "people": (
        *("setup", "user_add", "invite", "invite_withdraw", "join", "role", "disable", "enable"),
        *("rename", "team.add", "team.change", "team.remove"),
    ),
    "sign_in": (
        *("password_change", "password_reset", "password_forgot", "password_link"),
        *("two_step_on", "two_step_off", "two_step_reset", "recovery_code", "recovery_codes"),
        *("session_end", "sessions_end"),
    ),
    "programs": (
        *("token_add", "token_revoke", "webhook_add", "webhook_change", "webhook_remove"),
        *("webhook_test", "webhook_again", "webhook_pause", "webhook_resume", "webhook_stop"),
    ),
    "accounts": ("connect", "reconnect", "configure", "paused", "active", "reconcile"),
    "data": (
        *("transfer_import", "transfer_export", "transfer_fetch", "transfer_stop"),
        *("demo", "demo_removed"),
    ),
    "settings": (
        *("brand", "first_run", "approval", "assignment", "rules.change", "sla.change"),
        *("complaint.template", "complaint.template.remove", "notices_by_mail"),
        *("report_recipient_add", "report_recipient_change", "report_recipient_remove"),
        *("report_recipient_restore", "report_mail_again", "report_mail_test"),
        "report_edition",
        *("report_link", "report_link_renew", "report_link_revoke", "report_link_restore"),
        *("add_view", "change_view", "move_view", "remove_view", "restore_view"),
    ),
    "classifier": ("classifier.train", "classifier.made", "classifier.use"),
    "roster": (
        *("roster.change", "absence", "absence_back", "absence_withdraw"),
        *("swap", "swap_accept", "swap_decline", "swap_withdraw", "presence", "work"),
        *("roster_link", "roster_link_end", "roster_import", "roster_import_undo"),
    ),
    "texts": (
        *("answer_add", "answer_change", "answer_remove", "answer_restore", "answer_share"),
        *("macro_add", "macro_change", "macro_remove"),
        *("playbook_write", "playbook_remove"),
    ),
    "replies": (
        *("reply", "reply_back", "reply_now", "reply_later", "reply_stopped", "reply_approved"),
        *("reply_sent_back", "reply_arrived", "reply_again", "reply_dropped"),
        *("surge_send", "surge_keep", "surge_close", "surge_open"),
    ),
    "conversations": (
        *("assign", "assign_team", "excuse", "wait_on_customer", "wait_on_third", "snooze"),
        *("resolve", "spam", "reopen", "wake", "undo", "tag", "note", "note_back"),
        *("follow", "unfollow", "complaint", "undo_complaint", "final_response"),
        *("undo_final_response", "join_case", "leave_case", "undo_case"),
        *("playbook_step", "act", "act_undo", "bulk", "bulk_undo", "rule", "warn", "breach"),
    ),
    "messages": (
        *("hide", "unhide", "like", "unlike", "delete", "block", "unblock", "mute", "unmute"),
        "report",
    ),
    "customers": (
        *("contact.vip", "contact.muted", "contact.blocked", "contact.tags", "contact.note"),
        *("contact.note_edit", "contact.note_remove", "contact.join", "contact.separate"),
    ),
}


def acts_of(kind: str) -> tuple[str, ...]:
    """The acts of a kind; anything else is the name of one act. Of nothing: all."""
    return KINDS.get(kind, (kind,)) if kind else ()
