"""The site under test: built once, into an empty folder, from the stored notebooks; opened in a real browser."""

import contextlib
import shutil

import pytest

from analysis.errors import InputError
from reporting import ROOT
from reporting.publishing import book, browser

ARTEFACTS = ROOT / "test-artifacts"


@pytest.fixture(scope="session")
def site():
    folder = ROOT / "_build" / "test-site"
    shutil.rmtree(folder, ignore_errors=True)
    return book.build(folder, fresh=False)


@pytest.fixture(scope="module")
def chromium():
    """A browser, gone before the next file: while it is there an event loop runs, so nothing else can run its own."""
    with contextlib.ExitStack() as stack:
        try:
            found = stack.enter_context(browser.running())
        except InputError as error:
            pytest.fail(str(error), pytrace=False)
        yield found


@pytest.fixture
def open_page(chromium, site):
    """Return a function that opens a page of the site from the disk, noting errors and requests."""
    contexts = []

    def opened(name, width=1280, height=900, **options):
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.requests, page.problems = [], []
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda line: page.problems.append(line.text) if line.type == "error" else None)
        page.goto(f"{(site / 'book').as_uri()}/{name}")
        page.wait_for_load_state("load")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def artefacts():
    ARTEFACTS.mkdir(exist_ok=True)
    return ARTEFACTS
