"""What Telegram's messages may hold beside words, as tables (Bot API 10.1, read Nov 2026)."""

from collections.abc import Callable, Mapping
from typing import Any

# A file's field and what it is when Telegram does not say. Animations stand before documents, and
# live photos before photos: these repeat themselves under the second name.
FILES: Mapping[str, str | None] = {
    "animation": "video/mp4",
    "live_photo": "video/mp4",
    "photo": "image/jpeg",
    "video": "video/mp4",
    "video_note": "video/mp4",
    "voice": "audio/ogg",
    "audio": "audio/mpeg",
    "sticker": "image/webp",
    "document": None,
}


def _place(held: Any) -> str:
    return f"[location: {held['latitude']}, {held['longitude']}]"


def _venue(held: Any) -> str:
    return f"[place: {held['title']}, {held['address']}]"


def _contact(held: Any) -> str:
    name = " ".join(filter(None, (held["first_name"], held.get("last_name"))))
    return f"[contact: {name}, {held['phone_number']}]"


def _sticker(held: Any) -> str:
    return f"[sticker {held['emoji']}]" if held.get("emoji") else "[sticker]"


def _poll(held: Any) -> str:
    return f"[poll: {held['question']}]"


RICH = ("text", "expression", "summary", "blocks", "items", "cells", "caption", "credit")


def _rich(held: Any) -> str:
    """The words of a rich message, a block on each line; its pictures stay in Telegram."""
    if isinstance(held, list):
        return "".join(map(_rich, held))
    if isinstance(held, dict):
        lines = (
            "\n".join(map(_rich, held[name]))
            if name in ("blocks", "items", "cells")
            else _rich(held[name])
            for name in RICH
            if name in held
        )
        return "\n".join(filter(None, lines))
    return held if isinstance(held, str) else ""


WORDS: Mapping[str, Callable[[Any], str]] = {  # a venue repeats itself as a location
    "rich_message": _rich,
    "venue": _venue,
    "location": _place,
    "contact": _contact,
    "sticker": _sticker,
    "poll": _poll,
    "dice": lambda held: f"[{held['emoji']} {held['value']}]",
    "game": lambda held: f"[game: {held['title']}]",
    "story": lambda held: "[story]",
    "checklist": lambda held: f"[checklist: {held['title']}]",
    "invoice": lambda held: f"[invoice: {held['title']}]",
    "paid_media": lambda held: "[paid media]",
}

_SERVICE = """
    boost_added channel_chat_created chat_background_set chat_owner_changed chat_owner_left
    chat_shared checklist_tasks_added checklist_tasks_done connected_website delete_chat_photo
    direct_message_price_changed forum_topic_closed forum_topic_created forum_topic_edited
    forum_topic_reopened general_forum_topic_hidden general_forum_topic_unhidden gift
    gift_upgrade_sent giveaway giveaway_completed giveaway_created giveaway_winners
    group_chat_created left_chat_member managed_bot_created message_auto_delete_timer_changed
    migrate_from_chat_id migrate_to_chat_id new_chat_members new_chat_photo new_chat_title
    paid_message_price_changed passport_data pinned_message poll_option_added poll_option_deleted
    proximity_alert_triggered refunded_payment successful_payment suggested_post_approval_failed
    suggested_post_approved suggested_post_declined suggested_post_paid suggested_post_refunded
    supergroup_chat_created unique_gift users_shared video_chat_ended
    video_chat_participants_invited video_chat_scheduled video_chat_started web_app_data
    write_access_allowed
"""
SERVICE = frozenset(_SERVICE.split())  # what is said about a chat, not what people say in it
