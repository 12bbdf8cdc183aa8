"""Find a Chromium-like browser, or install one, and say what was done."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from analysis.errors import InputError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)


def say(words):
    print(f"\nbrowser: {words}", file=sys.__stderr__, flush=True)


def find(playwright):
    """Return the path of a browser on this machine, or None."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    candidates = [*PLACES, playwright.chromium.executable_path]
    return next((path for path in candidates if Path(path).exists()), None)


def install():
    """Try the system's package manager, then Playwright's own browser; return what went wrong."""
    attempts = []
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        attempts.append(["apt-get", "update", "-qq"])
        attempts.append(["apt-get", "install", "-y", "-qq", "chromium"])
    attempts.append([sys.executable, "-m", "playwright", "install", "chromium"])
    problems = []
    for command in attempts:
        say(f"none found; trying {' '.join(command[-3:])}")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            problems.append(f"{' '.join(command[-3:])}: {' '.join(last)[:200]}")
        elif "install" in command:
            break
    return problems


def find_or_install(playwright):
    """Return the path of a browser.

    Raises
    ------
    InputError
        If there is none and none can be installed; says what was tried and what would help.
    """
    path = find(playwright)
    if not path:
        problems = install()
        path = find(playwright)
        if not path:
            raise InputError(
                "no browser was found and none could be installed; install Chromium or Chrome and run again. "
                + " | ".join(problems)
            )
    say(f"using {path}")
    return path


@contextlib.contextmanager
def running():
    """Give a running headless browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--disable-gpu", "--disable-background-networking"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            arguments.append("--no-sandbox")  # Chromium refuses its sandbox to root
        chromium = playwright.chromium.launch(executable_path=find_or_install(playwright), args=arguments)
        try:
            yield chromium
        finally:
            chromium.close()
