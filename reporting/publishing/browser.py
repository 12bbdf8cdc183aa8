"""Find a Chromium-like browser on this machine, and run it without a window."""

import contextlib
import os
import shutil
from pathlib import Path

from analysis.errors import InputError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
MISSING = (
    "no browser was found; install one and run again: on Debian or Ubuntu `apt-get install chromium` (or `make "
    "browser` as root), on macOS or Windows Chrome, or anywhere `python -m playwright install chromium`"
)


def find(playwright):
    """Return the path of a browser on this machine; without one, an `InputError` says what to install."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    for path in (*PLACES, playwright.chromium.executable_path):
        if Path(path).exists():
            return path
    raise InputError(MISSING)


@contextlib.contextmanager
def running():
    """Give a running headless browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--disable-gpu", "--disable-background-networking"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            arguments.append("--no-sandbox")  # Chromium refuses its sandbox to root
        chromium = playwright.chromium.launch(executable_path=find(playwright), args=arguments)
        try:
            yield chromium
        finally:
            chromium.close()
