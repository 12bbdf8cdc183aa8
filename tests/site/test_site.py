"""The built site as its readers meet it: offline, on a phone, without JavaScript, printed."""

import csv
import json
import re
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urlparse

import pytest

from reporting.core import claims, results
from reporting.core.report import Report
from reporting.core.wording import NBSP
from reporting.drawing import figures
from reporting.publishing import book

PAGES = [f"{path.stem}.html" for path in [*sorted(book.BOOK.glob("*.md")), *book.notebooks()]]
CHAPTERS = [f"{path.stem}.html" for path in book.notebooks()]


class Links(HTMLParser):
    """Ids, link targets, and everything a page loads."""

    def __init__(self):
        super().__init__()
        self.ids, self.links, self.loads = set(), [], []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if "id" in given:
            self.ids.add(given["id"])
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag in ("script", "img", "iframe", "source", "video", "object", "embed"):
            self.loads += [given[name] for name in ("src", "data", "srcset") if given.get(name)]
        if tag == "link" and given.get("rel") not in ("canonical", "next", "prev", "search", "index"):
            self.loads += [given["href"]] if given.get("href") else []


def parsed(path):
    reader = Links()
    reader.feed(path.read_text("utf-8"))
    return reader


@pytest.fixture(scope="module")
def html(site):
    return {path.relative_to(site).as_posix(): parsed(path) for path in site.rglob("*.html")}


def test_every_page_of_the_contents_was_built(site):
    for page in PAGES:
        assert (site / "book" / page).stat().st_size > 1000


def test_no_page_loads_anything_from_another_host(html):
    for page, reader in html.items():
        assert [address for address in reader.loads if re.match(r"(?:https?:)?//", address)] == [], page


def test_no_style_sheet_or_script_of_ours_names_another_host(site):
    for path in (site / "_static").rglob("*.css"):
        found = re.findall(r"url\(['\"]?(https?:[^)'\"]+)", path.read_text("utf-8", "replace"))
        assert found == [], path.name


def test_every_internal_link_leads_somewhere(site, html):
    for page, reader in html.items():
        for link in reader.links:
            address, fragment = urldefrag(link)
            if urlparse(address).scheme:
                continue
            address = address.partition("?")[0]
            target = (site / page).parent / unquote(address) if address else site / page
            name = target.resolve().relative_to(site.resolve()).as_posix()
            assert target.exists(), f"{page}: {link}"
            if fragment and name in html:
                assert unquote(fragment) in html[name].ids, f"{page}: {link}"


def test_results_claims_and_figures_have_permanent_addresses(html):
    page = html["book/cost-claims.html"]
    for key, declared in results.registry().items():
        if key.startswith("cost."):
            assert declared.anchor in page.ids
    for identifier, claim in claims.claims().items():
        if claim.chapter == "cost-claims":
            assert {identifier, *(f"{identifier}{letter}" for letter in claim.parts)} <= page.ids
    assert {key for key in figures.registry() if key.startswith("fig-cost")} <= page.ids


def test_the_ledger_has_every_claim_at_its_address_and_as_data(site, html):
    assert {*claims.claims(), *claims.parts()} <= html["book/claims.html"].ids
    content = json.loads((site / "claims.json").read_text("utf-8"))
    assert [part["id"] for entry in content["claims"] for part in entry["parts"]] == list(claims.parts())
    with (site / "claims.csv").open(encoding="utf-8", newline="") as file:
        assert [row["id"] for row in csv.DictReader(file)] == list(claims.parts())


def test_the_ledger_narrows_to_a_verdict_and_shows_a_part_that_is_asked_for(open_page):
    report = Report()
    wrong = [identifier for identifier in claims.parts() if claims.verdict(identifier, report) == "wrong"]
    opened = open_page("claims.html?verdict=wrong")
    rows = opened.locator(".ledger .part:visible")
    assert rows.evaluate_all("rows => rows.map(row => row.id)") == wrong
    assert opened.locator(".ledger section.claim:visible").count() == len({each[:3] for each in wrong})
    heavy = [identifier for identifier in wrong if claims.weight(identifier) == "money"]
    opened.locator("select[name=weight]").select_option("money")
    assert rows.evaluate_all("rows => rows.map(row => row.id)") == heavy
    for name in ("verdict", "weight"):
        opened.locator(f"select[name={name}]").select_option("")
    assert rows.count() == len(claims.parts())
    opened.locator("select[name=verdict]").select_option("wrong")
    opened.evaluate("location.hash = '#C12a'")
    opened.locator("#C12a").wait_for(state="visible")


def test_the_ledger_shows_every_part_without_javascript(open_page):
    opened = open_page("claims.html", java_script_enabled=False)
    assert opened.locator(".ledger .part:visible").count() == len(claims.parts())
    assert opened.locator(".filters").count() == 0


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_offline_without_error(open_page, page):
    opened = open_page(page, offline=True)
    opened.wait_for_timeout(200)
    assert opened.problems == []
    assert [url for url in opened.requests if not url.startswith(("file:", "data:", "blob:"))] == []


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_a_page_does_not_scroll_sideways(open_page, artefacts, page, width):
    opened = open_page(page, width=width)
    opened.screenshot(path=artefacts / f"{page.removesuffix('.html')}-{width}.png")
    overflow = opened.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0


@pytest.mark.parametrize("page", CHAPTERS)
def test_figures_show_without_javascript(open_page, page):
    for width, shown, hidden in ((1280, "wide", "narrow"), (390, "narrow", "wide")):
        opened = open_page(page, width=width, java_script_enabled=False)
        figures_shown = opened.locator("figure.fig")
        assert figures_shown.count() >= 6
        for i in range(figures_shown.count()):
            figure = figures_shown.nth(i)
            assert figure.locator(f".fig-{shown} svg").is_visible()
            assert not figure.locator(f".fig-{hidden} svg").is_visible()
            assert len(figure.locator(f".fig-{shown} svg").get_attribute("aria-label")) > 60


@pytest.mark.parametrize("page", CHAPTERS)
def test_text_in_figures_is_large_enough_on_a_phone(open_page, page):
    opened = open_page(page, width=360)
    sizes = opened.evaluate(
        """() => [...document.querySelectorAll('.fig-narrow svg text')].filter(t => t.textContent.trim())
            .map(t => t.getBoundingClientRect().height)"""
    )
    assert sizes
    assert min(sizes) >= 11


def test_dark_mode_recolours_figures_and_keeps_no_pale_ground(open_page, artefacts):
    opened = open_page("cost-claims.html", color_scheme="dark")
    opened.evaluate("document.documentElement.dataset.theme = 'dark'")
    opened.screenshot(path=artefacts / "cost-claims-dark.png")
    text = opened.locator(".fig-wide svg text").first
    fill = text.evaluate("node => getComputedStyle(node).fill")
    assert min(int(channel) for channel in re.findall(r"\d+", fill)[:3]) > 120
    ground = opened.locator("figure.fig").first.evaluate(
        "node => { for (let n = node; n; n = n.parentElement) { const c = getComputedStyle(n).backgroundColor;"
        " if (c !== 'rgba(0, 0, 0, 0)') return c; } }"
    )
    assert max(int(channel) for channel in re.findall(r"\d+", ground)[:3]) < 60


def test_a_figure_can_be_explored_offline(open_page):
    opened = open_page("cost-claims.html", offline=True)
    figure = opened.locator("#fig-cost-scopes")
    assert not any("vega.js" in url for url in opened.requests), "the chart library was loaded before it was asked for"
    figure.get_by_role("button").first.click()
    figure.locator(".vega-embed svg, svg.marks").first.wait_for(timeout=15_000)
    assert any("vega.js" in url for url in opened.requests)
    assert opened.problems == []


def test_the_prose_states_the_numbers_of_the_analysis(open_page):
    opened = open_page("cost-claims.html")
    answer = opened.locator(".statement.answer").inner_text().replace(NBSP, " ")
    report = Report()
    assert report.text("cost.v3_run_usd").replace(NBSP, " ") in answer
    assert report.text("cost.programme_usd", "range").replace(NBSP, " ") in answer
    assert opened.locator(".untrue").count() == 0
    assert opened.locator("a.num", has_text="$5.576 million").first.get_attribute("href") == "#res-cost-v3-run-usd"


def test_every_source_is_on_the_references_page(site):
    from reporting.inputs.evidence import bibliography

    text = (site / "book" / "references.html").read_text("utf-8")
    for key in bibliography():
        assert f'id="{figures.reference_anchor(key)}"' in text, key


def test_formulas_are_mathml(open_page):
    opened = open_page("cost-claims.html", java_script_enabled=False)
    assert opened.locator("math mfrac").count() >= 1


def test_the_page_prints(open_page, artefacts):
    opened = open_page("cost-claims.html")
    printed = artefacts / "cost-claims.pdf"
    opened.pdf(path=printed, format="A4")
    assert printed.read_bytes().startswith(b"%PDF")
    opened.emulate_media(media="print")
    assert opened.locator(".fig-wide svg").first.is_visible()
