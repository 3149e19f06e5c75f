"""The documents name what exists: links lead somewhere, settings and commands are all there."""

import re

import typer.main

from connectors.core.registry import channels
from inbox.cli import app
from inbox.config import Settings
from tests.house.tree import ROOT, files

LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")


def test_every_link_between_documents_leads_to_a_file() -> None:
    broken = [
        f"{path.relative_to(ROOT)} → {target}"
        for path in files(".md")
        for target in LINK.findall(path.read_text("utf-8"))
        if not (path.parent / target).exists()
    ]
    assert broken == []


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    missing = [name for name in Settings.model_fields if f"`REPLYDESK_{name.upper()}`" not in text]
    assert missing == []


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs" / "cli.md").read_text("utf-8")
    root = typer.main.get_command(app)
    names: list[str] = []
    for name, command in getattr(root, "commands", {}).items():
        below = getattr(command, "commands", {})
        names += [f"{name} {sub}" for sub in below] or [name]
    assert [name for name in names if f"`replydesk {name}" not in text] == []


def test_every_channel_has_a_page_that_the_index_names() -> None:
    index = (ROOT / "docs" / "channels.md").read_text("utf-8")
    linked = set(re.findall(r"\]\(channels/([a-z0-9_]+)\.md\)", index))
    pages = {path.stem for path in (ROOT / "docs" / "channels").glob("*.md")}
    assert linked == pages == set(channels())
