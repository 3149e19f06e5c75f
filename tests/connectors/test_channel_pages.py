"""A channel's page says what its connector has: settings with their defaults, window, tests."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.core.registry import capabilities, channels

ROOT = Path(__file__).parents[2]
PLATFORMS = tuple(channel for channel in channels() if channel != "demo")


def page(channel: str) -> str:
    return (ROOT / "docs" / "channels" / f"{channel}.md").read_text("utf-8")


@pytest.mark.parametrize("channel", PLATFORMS)
def test_every_setting_is_named_with_its_default(channel: str) -> None:
    told = page(channel)
    for setting in capabilities(channel).settings:
        assert re.search(rf"`{setting.name}[`=]", told), f"{setting.name} is not named"
        if setting.default not in ("", "no"):
            about = [told[m.start() : m.start() + 400] for m in re.finditer(setting.name, told)]
            shown = f"{int(setting.default):,}" if setting.default.isdecimal() else setting.default
            assert any(shown in words or setting.default in words for words in about), setting.name


@pytest.mark.parametrize("channel", PLATFORMS)
def test_the_page_tells_the_platforms_time_for_an_answer(channel: str) -> None:
    told, window = page(channel), capabilities(channel).window
    if window is None:
        return
    hours = window.standard // timedelta(hours=1)
    assert re.search(rf"\*?\*?{hours} hours", told)
    if window.most is not None:
        assert f"**{window.most}**" in told


def test_every_test_that_a_ledger_names_is_there() -> None:
    files = [*(ROOT / "tests").rglob("*.py")]
    names = {str(file.relative_to(ROOT).with_suffix("")) for file in files}
    names |= {file.stem for file in files}
    names |= {n for file in files for n in re.findall(r"def (test_\w+)", file.read_text("utf-8"))}
    for channel in PLATFORMS:
        for named, cut in re.findall(r"`(test_\w+|tests/[\w/]+\w)(…)?(?:\.py)?`", page(channel)):
            known = [n for n in names if n.startswith(named)] if cut else {named} & names
            assert known, f"{channel}: {named} is nowhere"
