"""The Sphinx extension for taking things away: downloads and citations under figures, a page a number, feeds.

Directives: ``citation`` (of the report), ``changes`` (of numbers from release to release). The block under a figure is
put in when a page is read, so that notebooks store figures without it.
"""

import html
import itertools
import json
import re
from pathlib import Path

from docutils import nodes

from analysis import __version__
from reporting.core import ledger, results, uncertainty, wording
from reporting.drawing import figures
from reporting.inputs import assumptions, facts
from reporting.publishing import archive, citing, downloads, feeds
from reporting.site import markup
from reporting.site.current import ledger_of, published, report_of
from reporting.site.frame import EARLY_SCRIPT

_NAMES = {"text": "Text", "markdown": "Markdown", "bibtex": "BibTeX", "csl": "CSL-JSON"}
#: Groups of files as a reader thinks of them.
_GROUPS = (
    ("Image", {".png": "PNG", ".svg": "SVG", ".pdf": "PDF"}),
    ("Data", {".csv": "CSV"}),
    ("Chart", {".json": "JSON"}),
    ("Citation", {".bib": "BibTeX", ".csl.json": "CSL-JSON"}),
)


def citations(cited, root):
    """Return a definition list of a thing's address and its citations; a script adds buttons that copy them."""
    rows = []
    if cited.key:
        link = f'<a href="{root}{cited.address}">{html.escape(cited.address.partition("/")[2])}</a>'
        rows.append(("Address", link))
    for style, name in _NAMES.items():
        shown = html.escape(citing.written(cited, style))
        rows.append((name, f'<pre tabindex="0" class="cite-{style}">{shown}</pre>'))
    listed = "".join(f"<dt>{name}</dt><dd>{shown}</dd>" for name, shown in rows)
    return f'<dl class="citations">{listed}</dl>'


def block(figure, report, root):
    """Return what stands under a figure: its files and its citations, folded away.

    Parameters
    ----------
    figure : reporting.drawing.figures.Published
    report : reporting.core.report.Report
    root : str
        The way from the page to the root of the site.
    """
    groups = []
    for name, endings in _GROUPS:
        links = " ".join(
            f'<a href="{root}figures/{figure.key}{ending}" download>{kind}</a>' for ending, kind in endings.items()
        )
        groups.append(f'<span class="cite-group"><span class="fig-label">{name}</span> {links}</span>')
    cited = citing.of_figure(figure, report)
    return (
        f'<details class="cite"><summary>Cite or download</summary><p class="cite-files">{" ".join(groups)}</p>'
        f"{citations(cited, root)}</details>"
    )


_SPEC = '<script type="application/json" class="fig-spec">'
_FIGURE = re.compile(r'<figure class="fig" id="([^"]+)"')


def add_blocks(app, doctree):
    """Put the block under every figure of a page."""
    report = report_of(app.env)
    root = "../" * app.env.docname.count("/")
    for node in doctree.findall(nodes.raw):
        text = node.astext()
        found = _FIGURE.findall(text)
        if found:
            before, *others = text.split(_SPEC)
            text = before + "".join(
                block(published(key, report), report, root) + _SPEC + rest
                for key, rest in zip(found, others, strict=True)
            )
            node[:] = [nodes.Text(text)]


class CitationDirective(markup.HtmlDirective):
    """How to cite the report as a whole."""

    def html(self, report):
        return citations(citing.of_report(), "../")


class ChangesDirective(markup.HtmlDirective):
    """Which numbers changed from release to release, and why."""

    def html(self, report):
        versions = archive.versions()
        first = archive.release(versions[0])
        told = [self._first(first)]
        for earlier, later in itertools.pairwise(versions):
            told.append(self._between(archive.release(earlier), archive.release(later)))
        if __version__ not in versions and not report.overrides:
            now = json.loads(archive.as_text(archive.snapshot(report, drawn=False)))
            told.append(self._between(archive.release(versions[-1]), now, "under work, "))
        return "".join(reversed(told))

    def _first(self, content):
        return (
            f"<h3>{content['version']}, {content['released']}</h3><p>The first release: "
            f"{len(content['results'])} numbers and {len(content['figures'])} figures.</p>"
        )

    def _between(self, earlier, later, under=""):
        moved = archive.moved(earlier, later)
        changed = [each for each in moved if each.before and each.after]
        new = [each for each in moved if not each.before]
        gone = [each for each in moved if not each.after]
        rows = [
            (
                f"changed-{later['version']}-{each.key}".replace(".", "-").replace("_", "-"),
                (
                    f"{markup.words(each.title)}<br>{markup.code(each.key)}",
                    each.before,
                    each.after,
                    "<br>".join(html.escape(words) for words in each.why),
                ),
            )
            for each in changed
        ]
        head = ("Number", earlier["version"], later["version"], "Why")
        title = f"{later['version']}, {under}{later['released']}"
        table = markup.table(head, rows, f"Numbers that changed in {later['version']}", "changes") if rows else ""
        same = len(later["results"]) - len(changed) - len(new)
        lost = ", ".join(markup.code(each.key) for each in gone)
        words = f"{len(changed)} numbers changed, {same} stayed, {len(new)} are new."
        words += f" Withdrawn: {lost}." if gone else ""
        return f"<h3>{title}</h3><p>{words}</p>{table}"


def write_downloads(app, exception):
    """Write every figure's files, every number's page and the feeds into the finished site."""
    if exception:
        return
    report, out = report_of(app.env), Path(app.outdir)
    drawn = [published(key, report) for key in figures.registry()]
    folder = out / "figures"
    folder.mkdir(exist_ok=True)

    for figure in drawn:
        for name, content in downloads.files(figure, citing.of_figure(figure, report)).items():
            (folder / name).write_bytes(content)
    (out / "results").mkdir(exist_ok=True)
    for key in results.registry():
        (out / "results" / f"{key}.html").write_text(result_page(key, report), "utf-8")
    entries = ledger_of(app)
    (out / "claims.csv").write_text(ledger.as_csv(entries), "utf-8")
    (out / "claims.json").write_text(feeds.claims(entries, report), "utf-8")
    (out / "results.json").write_text(feeds.results(report), "utf-8")
    (out / "figures.json").write_text(feeds.figures(drawn, report), "utf-8")
    (out / "assumptions.json").write_text(feeds.assumptions(report), "utf-8")
    (out / "schemas").mkdir(exist_ok=True)
    for path, schema in feeds.schemas().items():
        (out / path).write_text(schema, "utf-8")


def result_page(key, report):
    """Return the page of one number: what it comes to, what is under it, how to cite it."""
    declared, inputs, cited = results.find(key), report.inputs(key), citing.of_result(key, report)
    title = markup.words(declared.title)
    value = html.escape(report.text(key))
    rows = [("Key", markup.code(cited.name))]
    if uncertainty.moved(report, key):
        rows.append(("80% range", report.text(key, "range")))
    rows.append(("Weakest evidence", f'<span class="grade">{report.grade(key)}</span>'))
    if cited.scenario:
        rows.append(("Scenario", html.escape(cited.scenario)))
    rows.append(("Stated in", f'<a href="../{cited.address}">{cited.address.partition("/")[2].partition(".")[0]}</a>'))
    told = "".join(f"<dt>{name}</dt><dd>{shown}</dd>" for name, shown in rows)
    under = "".join(f"<li>{each}</li>" for each in [*_assumptions(inputs), *_facts(inputs)])
    report_title, version = citing.edition().title.partition(":")[0], citing.edition().version
    page = (
        f'<!DOCTYPE html>\n<html lang="en" data-content_root="../"><head><meta charset="utf-8"/>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"/>'
        f"<title>{title} — {report_title}</title>{EARLY_SCRIPT}"
        '<link rel="stylesheet" href="../_static/palette.css"/><link rel="stylesheet" href="../_static/report.css"/>'
        '<script defer src="../_static/report.js"></script></head><body class="number-page"><main class="bd-article">'
        f'<p class="number-home"><a href="../book/index.html">{report_title}</a>, version {version}</p>'
        f'<h1>{title}</h1><p class="number-value">{value}</p><dl class="number-facts">{told}</dl>'
        f"<h2>Cite it</h2>{citations(cited, '../')}<h2>What is under it</h2><ul>{under}</ul></main></body></html>\n"
    )
    return page.replace('href="references.html', 'href="../book/references.html')


def _assumptions(inputs):
    for identifier in sorted(inputs.assumptions):
        entry, value = assumptions.register()[identifier], inputs.assumptions[identifier]
        written = wording.quantity(value, entry.unit, wording.natural_digits(value))
        link = f'<a href="../book/inputs.html#{markup.anchor("assume", identifier)}">{markup.words(entry.title)}</a>'
        yield f"Assumption {link}: {written} ({markup.source_link(entry.source)}, {entry.grade})"


def _facts(inputs):
    for place in sorted(inputs.facts):
        table, identifier = place.split(":", 1)
        fact = inputs.facts[place]
        name = markup.words(fact.get("title") or identifier)
        number = ""
        if table in facts.schemas():
            value, unit = facts.quantity(table, identifier)
            number = f": {wording.quantity(value, unit, wording.natural_digits(value, 6))}" if value is not None else ""
        yield (
            f'Fact <a href="../book/inputs.html#{markup.anchor(table, identifier)}">{name}</a>{number} '
            f"({markup.source_link(fact['source'])}, {fact['grade']})"
        )


def setup(app):
    """Register the extension with Sphinx."""
    app.add_directive("citation", CitationDirective)
    app.add_directive("changes", ChangesDirective)
    app.connect("doctree-read", add_blocks, priority=600)  # after the figures were checked
    app.connect("build-finished", write_downloads, priority=500)
    return {"version": citing.edition().version, "parallel_read_safe": True, "parallel_write_safe": True}
