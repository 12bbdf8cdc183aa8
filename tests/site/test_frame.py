"""The frame around an article: what it loads, and that a part which Sphinx or the theme no longer gives is noticed."""

import re
from types import SimpleNamespace

import pytest
from sphinx.errors import ExtensionError

from reporting.site import frame


def files(*names):
    return [SimpleNamespace(filename=name and f"_static/{name}", priority=500) for name in names]


def dressed(pagename="book/cost-claims", styles=("palette.css", "report.css"), scripts=("report.js",)):
    context = {"css_files": files("theme.css", *styles), "script_files": files(None, "bootstrap.js", *scripts)}
    frame.dress(None, pagename, "page.html", context, None)
    return [getattr(file, "filename", file) for file in context["css_files"] + context["script_files"]]


def test_a_page_keeps_what_the_report_uses_and_the_search_what_searches():
    own = ["_static/palette.css", "_static/report.css", "_static/report.js"]
    assert dressed() == own
    needed = sorted(frame.SEARCH_SCRIPTS)
    found = dressed("search", scripts=("report.js", *needed))
    assert found == [*own, *(f"_static/{name}" for name in needed), *frame.SEARCH_PAGE_SCRIPTS]


@pytest.mark.parametrize(
    ("page", "given"),
    [
        ("book/cost-claims", {"scripts": ()}),
        ("book/cost-claims", {"styles": ("palette.css",)}),
        ("search", {"scripts": ("report.js", "doctools.js")}),
    ],
)
def test_a_part_that_is_not_there_any_more_stops_the_build(page, given):
    with pytest.raises(ExtensionError, match=f"^{page}: neither Sphinx nor the theme gives"):
        dressed(page, **given)


def test_pages_load_these_and_nothing_else(site):
    for path in (site / "book").glob("*.html"):
        text = path.read_text("utf-8")
        head = text.partition("</head>")[0]
        assert re.findall(r'<script [^>]*src="([^"?]+)', text) == ["../_static/report.js"]
        assert re.findall(r'<link rel="stylesheet"[^>]*href="([^"?]+)', text) == [
            "../_static/palette.css",
            "../_static/report.css",
        ]
        assert head.count("<title>") == 1
        for part in ('class="bd-links', 'class="bd-search', 'class="bd-article"', 'class="extra_footer"'):
            assert text.count(part) == 1, (path.name, part)
    text = (site / "search.html").read_text("utf-8")
    loaded = [address.rpartition("/")[2] for address in re.findall(r'<script [^>]*src="([^"?]+)', text)]
    assert {*loaded} == {
        *frame.SCRIPTS,
        *frame.SEARCH_SCRIPTS,
        *(name.rpartition("/")[2] for name in frame.SEARCH_PAGE_SCRIPTS),
    }
    for name in loaded:
        assert (site / "_static" / name).exists() or (site / name).exists()
