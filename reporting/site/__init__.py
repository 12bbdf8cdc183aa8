"""The Sphinx extension behind the site: numbers, statements and verdicts in prose, and local assets.

Roles: ``{res}`cost.v3_run_usd``` (also ``…|range`` and ``…|4`` for digits), ``{assume}`` and ``{fact}``,
``{claim}`C12```; and ``{holds}`cost.v3_run_usd < 6e6``` behind a sentence that only some assumptions make true.
Directives: ``statement``, ``verdict``, ``tally``, ``publish``, ``results``, ``assumptions``, ``facts``,
``models``, ``ledger``, ``freshness``. What they name must exist, or the build stops and says where.
"""

import html
import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import quote

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from analysis import __version__
from analysis.errors import InputError
from reporting.core import claims, ledger, results, statements, wording
from reporting.core.report import Report
from reporting.drawing import figures, theme, typeface
from reporting.drawing.figures import UNTRUE, reference_anchor
from reporting.inputs import assumptions, evidence, facts, freshness
from reporting.publishing import feeds

log = logging.getLogger(__name__)


def report_of(environment):
    """Return the report under the assumptions this build was asked for."""
    config = environment.config
    return _report(json.dumps(config.analysis_overrides, sort_keys=True), config.analysis_scenario)


@cache
def _report(overrides, scenario):
    return Report(assumptions.Overrides(json.loads(overrides), scenario))


def ledger_of(environment):
    """Return the claim ledger under the assumptions this build was asked for."""
    return _ledger(report_of(environment))


@cache
def _ledger(report):
    return ledger.entries(report)


@cache
def published(key, report):
    """Return a figure under the report of this build, drawn once."""
    return figures.publish(key, report)


def anchor(space, identifier):
    """Return the permanent anchor of an assumption or a fact on the inputs page."""
    return f"{space}-{identifier}".replace("_", "-").replace(":", "-")


class _NumberRole(SphinxRole):
    """Write a number that comes from the analysis, linked to where it is accounted for."""

    def run(self):
        written, _, style = self.text.partition("|")
        name = self.expand(written)
        try:
            text = statements.fill("{" + name + (f"|{style}" if style else "") + "}", report_of(self.env))
            if "{" in text:
                raise InputError(f"'{self.text}' is not the name of a number")
            target = self.target(name)
        except InputError as error:
            message = self.inliner.reporter.error(str(error), line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        link = nodes.reference("", text, internal=True, refuri=target, classes=["num"])
        return [link], []

    def expand(self, text):
        return text

    def target(self, name):
        raise NotImplementedError


def _result_address(declared, env):
    """Return the address of a result as seen from the page that is being read."""
    page = results.page_of(declared.key)
    return f"#{declared.anchor}" if Path(env.docname).name == page else f"{page}.html#{declared.anchor}"


class ResultRole(_NumberRole):
    def target(self, name):
        return _result_address(results.find(name), self.env)


class AssumptionRole(_NumberRole):
    def expand(self, text):
        return f"assume.{text}"

    def target(self, name):
        return f"inputs.html#{anchor(*name.split('.'))}"


class FactRole(_NumberRole):
    def expand(self, text):
        return text if "." in text else f"fact.{text}"

    def target(self, name):
        return f"inputs.html#{anchor(*name.replace('fact.', 'facts.', 1).split('.', 1))}"


class ClaimRole(SphinxRole):
    """Link to the verdict on a claim."""

    def run(self):
        try:
            chapter = claims.find(self.text).chapter
        except InputError as error:
            message = self.inliner.reporter.error(str(error), line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        page = "" if Path(self.env.docname).name == chapter else f"{chapter}.html"
        return [nodes.reference("", self.text, internal=True, refuri=f"{page}#{self.text}", classes=["claim-ref"])], []


class HoldsRole(SphinxRole):
    """Guard the sentence before it: say so where its predicate is false, and nothing where it is true."""

    def run(self):
        try:
            true = statements.holds(self.text, report_of(self.env))
        except InputError as error:
            message = self.inliner.reporter.error(str(error), line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        return [] if true else [nodes.inline("", UNTRUE, classes=["untrue"])], []


class StatementDirective(SphinxDirective):
    """Words with the predicate that makes them true; a page says so where it is false."""

    has_content = True
    option_spec = {"holds": directives.unchanged_required, "class": directives.class_option}  # noqa: RUF012

    def run(self):
        self.assert_has_content()
        if "holds" not in self.options:
            raise self.error("a statement needs ':holds:', the predicate that makes it true")
        try:
            true = statements.holds(self.options["holds"], report_of(self.env))
        except InputError as error:
            raise self.error(str(error)) from None
        box = nodes.container(classes=["statement", *self.options.get("class", ["finding"])])
        self.state.nested_parse(self.content, self.content_offset, box)
        if not true:
            box.insert(0, nodes.paragraph("", UNTRUE, classes=["untrue"]))
        return [box]


class _HtmlDirective(SphinxDirective):
    """A directive that writes HTML; a reader's error becomes the build's, with its place."""

    def run(self):
        try:
            return [nodes.raw("", self.html(report_of(self.env)), format="html")]
        except InputError as error:
            raise self.error(str(error)) from None


def _words(text):
    return html.escape(wording.typographic(text))


def _mark(verdict):
    slug = verdict.replace(" ", "-")
    return f'<span class="verdict verdict-{slug}">{verdict}</span>'


class VerdictDirective(_HtmlDirective):
    """The verdict on one claim: the claim, what the rules say, why, and the results it rests on."""

    required_arguments = 1

    def html(self, report):
        identifier = self.arguments[0]
        claim = claims.find(identifier)
        now = claims.verdict(claim.now, report)
        lines = [
            f'<section class="claim" id="{identifier}"><p class="claim-head"><a class="claim-id" '
            f'href="#{identifier}">{identifier}</a> {_mark(now)}</p>',
            f'<p class="claim-text">{_words(claim.claim)}</p>',
            f'<p class="claim-essay">{html.escape(statements.fill(claim.essay, report))}</p>',
            f"<p>{html.escape(statements.fill(claim.now.because, report))}</p>",
        ]
        if claim.then:
            then = claims.verdict(claim.then, report)
            because = html.escape(statements.fill(claim.then.because, report))
            lines.append(f'<p class="claim-then">As it could be known in January 2025: {_mark(then)} {because}</p>')
        if now != claim.now.verdict:
            lines.append(f'<p class="untrue">Under the base assumptions the verdict was {claim.now.verdict}.</p>')
        under = [results.find(key) for key in claim.results]
        rests = "; ".join(
            f'<a class="num" href="{_result_address(each, self.env)}">{_words(each.title)}</a>: {report.text(each.key)}'
            for each in under
        )
        ledger_link = f'<a href="claims.html#{identifier}">In the ledger</a>: what would change it'
        return "".join(lines) + f'<p class="claim-results">Rests on {rests}. {ledger_link}.</p></section>'


class TallyDirective(_HtmlDirective):
    """How many claims have which verdict, linked to their rows of the ledger."""

    def html(self, report):
        found = {}
        for identifier, claim in sorted(claims.claims().items()):
            found.setdefault(claims.verdict(claim.now, report), []).append(identifier)
        cells = "".join(
            f'<li><a class="tally-count" href="claims.html?verdict={quote(verdict)}">{len(found[verdict])}</a> '
            f'{_mark(verdict)}<span class="tally-claims">'
            + ", ".join(f'<a href="claims.html#{identifier}">{identifier}</a>' for identifier in found[verdict])
            + "</span></li>"
            for verdict in claims.VERDICTS
            if verdict in found
        )
        return f'<ul class="tally">{cells}</ul>'


class LedgerDirective(_HtmlDirective):
    """Every claim in one table, which a script can filter and sort, and the ledger as CSV and JSON."""

    def html(self, report):
        rows = [self._row(entry, report) for entry in ledger_of(self.env)]
        head = ("Claim", "Verdict", "What we find", "How firm")
        table = _table(head, rows, "The forty claims and their verdicts", "ledger")
        links = '<a href="../claims.csv" download>CSV</a>, <a href="../claims.json" download>JSON</a>'
        return f'{table}<p class="downloads">The ledger as data: {links}.</p>'

    def _row(self, entry, report):
        identifier, page = entry["id"], f"{entry['chapter']}.html"
        links = [f'<a href="{page}#{identifier}">The evidence</a>']
        if entry["figure"]:
            links.append(f'<a href="{results.page_of(entry["figure"])}.html#{entry["figure"]}">Figure</a>')
        then = entry["verdict_january_2025"]
        verdict = _mark(entry["verdict"])
        if then != entry["verdict"]:
            verdict = (
                f'<span class="when">Now</span> {verdict}<br><span class="when">In January 2025</span> {_mark(then)}'
            )
        cells = (
            f'<a class="claim-id" href="#{identifier}">{identifier}</a> '
            f'<span class="claim-text">{_words(entry["claim"])}</span>'
            f'<span class="claim-essay">{html.escape(entry["essay"])}</span>',
            verdict,
            f'<p class="headline">{self._headline(entry["headline"], report)}</p>'
            f"<p>{html.escape(entry['because'])}</p>{self._origin(entry['origin'])}"
            f'<p class="claim-links">{", ".join(links)}</p>',
            f'{self._firmness(entry, report)}<p>Weakest evidence: <span class="grade">{entry["grade"]}</span></p>',
        )
        return identifier, cells, {"verdict": entry["verdict"], "chapter": entry["chapter"]}

    def _headline(self, headline, report):
        declared = results.find(headline["result"])
        page = results.page_of(declared.key)
        text = report.text(declared.key)
        if headline["low"] is not None:
            text += f" ({report.text(declared.key, 'range')})"
        return f'{_words(declared.title)}: <a class="num" href="{page}.html#{declared.anchor}">{text}</a>'

    def _origin(self, origin):
        if not origin:
            return ""
        told = html.escape(origin["text"])
        return f'<p class="claim-origin">Where it comes from: {told} {_source_link(origin["source"])}.</p>'

    def _firmness(self, entry, report):
        kept = f"<p>{entry['robustness']:.0%} of draws keep it.</p>"
        if entry["no_flips"]:
            return f"{kept if entry['robustness'] < 1 else ''}<p>{_words(entry['no_flips'])}</p>"
        likely = [flip for flip in entry["flips"] if flip["likely"]]
        others = [flip for flip in entry["flips"] if not flip["likely"]]
        listed = "".join(f"<li>{_words(ledger.flip_words(flip, report))}</li>" for flip in likely)
        if others:
            more = "".join(f"<li>{_words(ledger.flip_words(flip, report))}</li>" for flip in others)
            summary = _count(others, "unlikely change")
            listed += f"<li><details><summary>{summary}</summary><ul>{more}</ul></details></li>"
        return f"{kept}<ul>{listed}</ul>"


class PublishDirective(_HtmlDirective):
    """A registered figure on a page that is not a notebook."""

    required_arguments = 1

    def html(self, report):
        return published(self.arguments[0], report).html()


def _table(head, rows, caption, classes):
    # Folded on a phone, its parts are no table boxes any more: the roles keep it a table for a screen reader.
    header = "".join(f'<th scope="col" role="columnheader">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr id="{identifier}" role="row"{_data_attributes(*data)}><th scope="row" role="rowheader">{cells[0]}</th>'
        + "".join(
            f'<td role="cell" data-label="{name}"><div>{cell}</div></td>'
            for name, cell in zip(head[1:], cells[1:], strict=True)
        )
        + "</tr>"
        for identifier, cells, *data in rows
    )
    return (
        f'<div class="table-scroll" tabindex="0" role="region" aria-label="{html.escape(caption)}">'
        f'<table class="register fold {classes}" role="table"><caption>{html.escape(caption)}</caption>'
        f'<thead role="rowgroup"><tr role="row">{header}</tr></thead>'
        f'<tbody role="rowgroup">{body}</tbody></table></div>'
    )


def _data_attributes(data=None):
    return "".join(f' data-{name}="{html.escape(value)}"' for name, value in (data or {}).items())


def _count(things, noun):
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"


def _code(name):
    """Write an identifier that may break after its dots and underscores."""
    return f"<code>{re.sub(r'(?<=[._])', '<wbr>', name)}</code>"


def _source_link(key, locator=""):
    name = html.escape(evidence.short_citation(key))
    place = f', <span class="locator">{html.escape(locator)}</span>' if locator else ""
    return f'<a href="references.html#{reference_anchor(key)}">{name}</a>{place}'


class ResultsDirective(_HtmlDirective):
    """Every result of a chapter, with its range and the inputs under it."""

    required_arguments = 1

    def html(self, report):
        prefix = self.arguments[0] + "."
        rows = []
        for key, declared in results.registry().items():
            if not key.startswith(prefix):
                continue
            inputs = report.inputs(key)
            links = [
                f'<a href="inputs.html#{anchor("assume", name)}">{name}</a>' for name in sorted(inputs.assumptions)
            ]
            links += [
                f'<a href="inputs.html#{anchor(*name.split(":", 1))}">{name.split(":", 1)[1]}</a>'
                for name in sorted(inputs.facts)
            ]
            if len(links) > 12:
                links = [*links[:12], f"and {len(links) - 12} more"]
            interval = report.text(key, "range") if report.moved(key) else "—"
            under = f"{_count(inputs.assumptions, 'assumption')}, {_count(inputs.facts, 'fact')}"
            cells = (
                _words(declared.title),
                report.text(key),
                interval,
                f'<span class="grade">{report.grade(key)}</span>',
                f"<details><summary>{under}</summary>{', '.join(links)}</details>{_code(key)} "
                f'<a class="cite-link" href="../results/{key}.html">Cite</a>',
            )
            rows.append((declared.anchor, cells))
        if not rows:
            raise InputError(f"no result begins with '{prefix}'")
        head = ("Number", "Value", "80% range", "Weakest evidence", "Inputs")
        return _table(head, rows, "Every number of this chapter, and what is under it", "results")


class AssumptionsDirective(_HtmlDirective):
    """The assumptions register as a table."""

    def html(self, report):
        rows = []
        for identifier, entry in report.register.items():
            given = assumptions.register()[identifier]
            value = wording.quantity(entry.value, entry.unit, wording.natural_digits(entry.value))
            reason = _words(entry.reason)
            if entry != given:
                base = wording.quantity(given.value, given.unit, wording.natural_digits(given.value))
                value = f'<strong>{value}</strong><br><span class="allowed">base {base}</span>'
                reason = f'<span class="allowed">Of the base value:</span> {reason}'
            cells = (
                f"{_words(entry.title)}<br>{_code(identifier)}",
                value,
                f"{wording.stated_span(entry.low, entry.high, entry.unit)}<br>"
                f'<span class="allowed">allowed {wording.stated_span(entry.min, entry.max, entry.unit)}</span>',
                f'{_source_link(entry.source, entry.locator)} <span class="grade">{entry.grade}</span>',
                reason,
            )
            rows.append((anchor("assume", identifier), cells))
        head = ("Assumption", "Value", "80% interval", "Source", "Reason")
        return _table(head, rows, "Assumptions: what a reader may disagree with", "assumptions")


class FactsDirective(_HtmlDirective):
    """One table of facts with its sources."""

    required_arguments = 1

    def html(self, report):
        table = self.arguments[0]
        apart = {"id", "as_of", "accessed", "source", "locator", "grade", "note", "title", *facts.measure(table)}
        rows = []
        for fact in facts.rows(table):
            value, unit = facts.quantity(table, fact["id"])
            what = [] if value is None else [wording.quantity(value, unit, wording.natural_digits(value, 6))]
            for column, cell in fact.items():
                if column in apart or cell in (None, ""):
                    continue
                if column in ("low", "high"):
                    cell = wording.quantity(cell, unit, wording.natural_digits(cell, 6))
                elif not isinstance(cell, str):
                    cell = wording.number(cell, wording.natural_digits(cell, 6))
                what.append(f"{column.replace('_', ' ')}: {_words(cell)}")
            name = _words(fact.get("title", ""))
            cells = (
                f"{name}{'<br>' if name else ''}{_code(fact['id'])}",
                "; ".join(what),
                fact["as_of"],
                f'{_source_link(fact["source"], fact["locator"])} <span class="grade">{fact["grade"]}</span>',
                _words(fact["note"]),
            )
            rows.append((anchor(table, fact["id"]), cells))
        head = ("Fact", "What it says", "As of", "Source", "Note")
        return _table(head, rows, f"Facts: {table.replace('_', ' ')}", "facts")


class FreshnessDirective(_HtmlDirective):
    """The oldest input, and the series that go on, with their age at this edition."""

    def html(self, report):
        place, as_of = freshness.oldest()
        first, last = freshness.accessed()
        link = f'<a href="inputs.html#{anchor(*place.split(":", 1))}">{_code(place.split(":", 1)[1])}</a>'
        rows = [
            (
                f"fresh-{each.table}".replace("_", "-"),
                (
                    _words(each.title),
                    each.newest,
                    wording.quantity(each.age_years, "year", 2),
                    wording.quantity(each.half_life_years, "year", 2),
                    "past its half-life" if each.stale else "in time",
                ),
            )
            for each in freshness.series()
        ]
        table = _table(("Series", "Newest row", "Age", "Half-life", "State"), rows, "Series that go on", "freshness")
        edition = freshness.edition().date().isoformat()
        return (
            f"<p>Edition of {edition}. The oldest input is {link}, as of {as_of}. Sources were read between {first} "
            f"and {last}.</p>{table}"
        )


class ModelsDirective(_HtmlDirective):
    """The configurations of models that the engine reads."""

    def html(self, report):
        rows = []
        for name, found in facts.model_configs().items():
            sizes = "; ".join(f"{_code(field)} {_words(str(value))}" for field, value in found["config"].items())
            cells = (
                _code(name),
                f"<details><summary>{_count(found['config'], 'field')}</summary>{sizes}</details>",
                f'{_source_link(found["source"], found["locator"])} <span class="grade">{found["grade"]}</span>',
                _words(found["note"]),
            )
            rows.append((anchor("model_configs", name), cells))
        return _table(("Model", "Configuration", "Source", "Note"), rows, "Facts: model configurations", "models")


def mathml(self, node, display):
    """Write a formula as MathML: no script, no font, no network."""
    from latex2mathml.converter import convert

    self.body.append(convert(node.astext(), display="block" if display else "inline"))
    raise nodes.SkipNode


def check_figures(app, doctree):
    """Refuse a page whose stored figures were drawn from other data than this build reads."""
    report = report_of(app.env)
    for node in doctree.findall(nodes.raw):
        for key, stored in re.findall(r'<figure class="fig" id="([^"]+)" data-fingerprint="(\w+)"', node.astext()):
            current = published(key, report).fingerprint
            if stored != current:
                where = Path(app.env.doc2path(app.env.docname)).name
                log.warning(
                    "%s: %s@%s was drawn from other data or assumptions (now @%s); execute the notebook again",
                    where,
                    key,
                    stored,
                    current,
                )


def write_ledger(app):
    """Put the claim ledger beside the site as CSV and JSON."""
    entries = ledger_of(app)
    folder = Path(app.outdir)
    (folder / "claims.csv").write_text(ledger.as_csv(entries), "utf-8")
    (folder / "claims.json").write_text(feeds.claims(entries, report_of(app)), "utf-8")


def write_assets(app):
    """Put the fonts, the palette and the chart library where pages find them."""
    folder = Path(app.outdir) / "_static"
    folder.mkdir(parents=True, exist_ok=True)
    faces = typeface.css(lambda package, face: f"fonts/{face}.woff2")
    (folder / "palette.css").write_text(faces + theme.style_sheet(), "utf-8")
    fonts = folder / "fonts"
    fonts.mkdir(exist_ok=True)
    for package, face, *_ in typeface.FACES:
        (fonts / f"{face}.woff2").write_bytes(typeface.woff2(package, face))
    import vl_convert

    snippet = "window.chartLibrary = { embed: vegaEmbed };"
    bundle = vl_convert.javascript_bundle(snippet, vl_version="6.4")
    target = Path(app.outdir) / "charts" / "vega.js"
    target.parent.mkdir(exist_ok=True)
    # The bundle declares names such as `_` at top level, which would clash with Sphinx's own scripts.
    target.write_text(f"(function () {{\n{bundle}\n}})();\n", "utf-8")


#: The scripts a page may load. Search needs Sphinx's own; the theme's are replaced by report.js.
SCRIPTS = ("report.js",)
SEARCH_SCRIPTS = (
    "documentation_options.js",
    "doctools.js",
    "sphinx_highlight.js",
    "searchtools.js",
    "language_data.js",
    "searchindex.js",
)
STYLES = ("palette.css", "report.css")
#: Runs before the first paint, so that a reader in dark mode sees no white flash.
EARLY_SCRIPT = (
    "<script>(function (d, t) { try { t = localStorage.getItem('theme') } catch (e) {} "
    "d.theme = t || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light') }"
    ")(document.documentElement.dataset)</script>"
)
#: What the theme puts around an article and this report does not use.
_UNUSED = re.compile(
    r"""<dialog\ id="pst-secondary-sidebar-modal"></dialog>
    | <div\ id="jb-print-docs-body".*?(?=<div\ id="searchbox">)
    | <div\ class="pst-async-banner-revealer.*?</aside>\s*</div>
    | <header\ id="pst-header".*?</header>
    | <div\ (?:id|class)="\w+-scroll-pixel-helper"></div>
    | <div\ class="sidebar-header-items\b[^>]*>\s*</div>
    | <div\ class="sidebar-primary-items__end\b[^>]*>\s*</div>
    | <span\ class="search-button__kbd-shortcut">.*?</span>
    | <footer\ class="bd-footer">\s*</footer>
    | <(i|span)\ class="[^"]*\bfa-[^>]*>\s*</\1>
    | <!--.*?-->
    | <meta\ name="docsearch[^>]*>
    | (?<=/>)<meta\ name="viewport"[^>]*>
    | <meta\ name="viewport"[^>]*initial-scale=1"/>
    | \ data-bs-\w+="[^"]*"
    """,
    re.VERBOSE | re.DOTALL,
)


def trim_page(app, pagename, templatename, context, doctree):
    """Name the version in the footer, and the report only once in the title of its first page."""
    context["theme_extra_footer"] = context.get("theme_extra_footer", "").replace("VERSION", __version__)
    if pagename == app.config.root_doc:
        context["titlesuffix"] = ""
    report = report_of(app)
    if report.stamp and context.get("body"):
        context["body"] = _scenario_note(report) + context["body"]


def changes(report):
    """Say as HTML which assumptions a report replaces, each with its base value."""
    changed = []
    for identifier, entry in report.register.items():
        given = assumptions.register()[identifier]
        if entry != given:
            value, base = (wording.quantity(e.value, e.unit, wording.natural_digits(e.value)) for e in (entry, given))
            span = f", {wording.stated_span(entry.low, entry.high, entry.unit)}" if entry.low < entry.high else ""
            was = f" (base {base})" if value != base else ", taken as certain" if not span else ""
            changed.append(f"{_words(entry.title)} {value}{span}{was}")
    return "; ".join(changed) or "every assumption as it stands"


def _scenario_note(report):
    """Return what stands on top of every page that another scenario made."""
    return (
        '<aside class="scenario-note" aria-label="Scenario">'
        f"<p><strong>Scenario {html.escape(report.stamp)}</strong></p><p>{changes(report)}.</p></aside>"
    )


def trim_site(app, exception):
    """Leave out of the finished site what the theme loads and this report replaces: 5 MB of scripts and styles."""
    if exception:
        return
    static = Path(app.outdir) / "_static"
    used = set()
    for page in Path(app.outdir).rglob("*.html"):
        text = trim_frame(page.read_text("utf-8"), search=page.name == "search.html")
        page.write_text(text, "utf-8")
        used.update(re.findall(r'_static/([^"?#]+)', text))
    for file in sorted(static.rglob("*"), reverse=True):
        name = file.relative_to(static).as_posix()
        if file.is_dir():
            if not any(file.iterdir()):
                file.rmdir()
        elif name not in used and not name.startswith("fonts/"):
            file.unlink()


def trim_frame(page, search=False):
    """Return a page with the theme's frame around the article reduced to its structure; the article stays as it is."""
    allowed = SCRIPTS + (SEARCH_SCRIPTS if search else ())

    def script(match):
        source = re.search(r'\bsrc="(?:[^"?]*/)?([^"?/]+)', match[1])
        return match[0] if source and source[1] in allowed else ""

    def link(match):
        if not re.search(r'rel="(?:stylesheet|preload)"', match[0]):
            return match[0]
        return match[0] if any(f"/{name}" in match[0] for name in STYLES) else ""

    def trim(frame):
        frame = re.sub(r"<script\b([^>]*)>.*?</script>", script, frame, flags=re.DOTALL)
        frame = re.sub(r"<link\b[^>]*>", link, frame)
        frame = frame.replace('<span class="fa-solid fa-bars"></span>', "Menu")
        frame = frame.replace('title="Toggle primary sidebar"', 'type="button" aria-haspopup="dialog"')
        frame = _UNUSED.sub("", frame)
        return re.sub(r"\s*\n\s*", "\n", frame)

    before, start, rest = page.partition("<article")
    article, end, after = rest.partition("</article>")
    before = trim(before).replace("</title>", f"</title>\n{EARLY_SCRIPT}", 1)
    return before + start + article + end + trim(after)


def setup(app):
    """Register the extension with Sphinx."""
    app.add_config_value("analysis_overrides", {}, "env")
    app.add_config_value("analysis_scenario", "", "env")
    app.add_role("res", ResultRole())
    app.add_role("assume", AssumptionRole())
    app.add_role("fact", FactRole())
    app.add_role("claim", ClaimRole())
    app.add_role("holds", HoldsRole())
    app.add_directive("statement", StatementDirective)
    app.add_directive("verdict", VerdictDirective)
    app.add_directive("tally", TallyDirective)
    app.add_directive("ledger", LedgerDirective)
    app.add_directive("publish", PublishDirective)
    app.add_directive("results", ResultsDirective)
    app.add_directive("assumptions", AssumptionsDirective)
    app.add_directive("facts", FactsDirective)
    app.add_directive("models", ModelsDirective)
    app.add_directive("freshness", FreshnessDirective)
    app.add_html_math_renderer(
        "mathml",
        inline_renderers=(lambda self, node: mathml(self, node, display=False), None),
        block_renderers=(lambda self, node: mathml(self, node, display=True), None),
    )
    app.add_css_file("palette.css")
    app.connect("builder-inited", write_assets)
    app.connect("builder-inited", write_ledger)
    app.connect("doctree-read", check_figures)
    app.connect("html-page-context", trim_page, priority=900)
    app.connect("build-finished", trim_site, priority=900)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
