"""The names of channels in reports, and of what a report is filtered by."""

from collections.abc import Mapping

from connectors.core.registry import capabilities, channels
from templates.filters import Filter


def title_of(channel: str) -> str:
    """As the platform writes its own name: WhatsApp, LINE."""
    return capabilities(channel).title if channel in channels() else channel.capitalize()


def people_and_channels(names: Mapping[str, str], only: Filter) -> dict[str, str]:
    """What a filter's values are called: people by address, channels by key."""
    return {**names, **{channel: title_of(channel) for channel in only.channel}}
