"""The browser: without one, a line says what to install; nothing installs it during a test."""

import re
import shutil
from types import SimpleNamespace

import pytest

from analysis.errors import InputError
from reporting import ROOT
from reporting.publishing import browser


def test_a_missing_browser_says_in_one_line_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(browser, "PLACES", ())
    playwright = SimpleNamespace(chromium=SimpleNamespace(executable_path=str(tmp_path / "chrome")))
    with pytest.raises(InputError, match="no browser was found") as raised:
        browser.find(playwright)
    told = str(raised.value)
    assert "\n" not in told
    for words in ("apt-get install chromium", "macOS or Windows Chrome", "python -m playwright install chromium"):
        assert words in told
    (tmp_path / "chrome").touch()
    assert browser.find(playwright) == str(tmp_path / "chrome")


def test_ci_makes_sure_of_a_browser_before_the_tests():
    commands = re.findall(r"^make (\w+)", (ROOT / ".ci" / "run").read_text("utf-8"), re.MULTILINE)
    assert commands == ["browser", "test"]
