"""The Sphinx extension for taking things away: downloads and citations under figures, a page a number, feeds.

Directives: ``citation`` (of the report), ``changes`` (of numbers from release to release). The block under a figure is
put in when a page is read, so that notebooks store figures without it.
"""

import itertools
import json
import re
from pathlib import Path

from docutils import nodes

from analysis import __version__
from reporting.core import ledger, results, wording
from reporting.drawing import figures
from reporting.inputs import assumptions, facts
from reporting.publishing import archive, citing, downloads, feeds
from reporting.site import markup
from reporting.site.current import ledger_of, published, report_of

_NAMES = {"text": "Text", "markdown": "Markdown", "bibtex": "BibTeX", "csl": "CSL-JSON"}
#: Groups of files as a reader thinks of them.
_GROUPS = (
    ("Image", {".png": "PNG", ".svg": "SVG", ".pdf": "PDF"}),
    ("Data", {".csv": "CSV"}),
    ("Chart", {".json": "JSON"}),
    ("Citation", {".bib": "BibTeX", ".csl.json": "CSL-JSON"}),
)


def block(figure, report, root):
    """Return what stands under a figure: its files and its citations, folded away.

    Parameters
    ----------
    figure : reporting.drawing.figures.Published
    report : reporting.core.report.Report
    root : str
        The way from the page to the root of the site.
    """
    return markup.fill("cite", cited=citing.of_figure(figure, report), groups=_GROUPS, styles=_NAMES, root=root)


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
        return markup.fill("citation", cited=citing.of_report(), styles=_NAMES, root="../")


class ChangesDirective(markup.HtmlDirective):
    """Which numbers changed from release to release, and why."""

    def html(self, report):
        versions = archive.versions()
        kept = [archive.release(version) for version in versions]
        releases = [_between(earlier, later) for earlier, later in itertools.pairwise(kept)]
        if __version__ not in versions and not report.overrides:
            now = json.loads(archive.as_text(archive.snapshot(report, drawn=False)))
            releases.append(_between(kept[-1], now, "under work, "))
        return markup.fill("changes", first=kept[0], releases=releases[::-1])


def _between(earlier, later, under=""):
    moved = archive.moved(earlier, later)
    both = [each for each in moved if each.before and each.after]
    changed = [each for each in both if each.before != each.after]
    new = [each for each in moved if not each.before]
    version = later["version"]
    return {
        "before": earlier["version"],
        "version": version,
        "under": under,
        "released": later["released"],
        "rows": [
            {"id": f"changed-{version}-{each.key}".replace(".", "-").replace("_", "-"), "moved": each}
            for each in changed
        ],
        "below": len(both) - len(changed),
        "same": len(later["results"]) - len(both) - len(new),
        "new": len(new),
        "gone": [each.key for each in moved if not each.after],
        "judged": _judged(earlier, later),
    }


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


def _judged(earlier, later):
    """Return the claims whose words are others, parts counted or not."""
    was, now = archive.verdicts(earlier), archive.verdicts(later)
    return [
        {
            "id": f"judged-{later['version']}-{claim}".replace(".", "-"),
            "claim": claim,
            "before": was.get(claim, {}),
            "after": words,
        }
        for claim, words in now.items()
        if set(words.values()) != set(was.get(claim, {}).values())
    ]


def result_page(key, report):
    """Return the page of one number: what it comes to, what is under it, how to cite it."""
    inputs = report.inputs(key)
    return markup.fill(
        "number",
        edition=citing.edition(),
        title=results.find(key).title,
        value=report.text(key),
        range=report.text(key, "range") if report.moved(key) else "",
        grade=report.grade(key),
        cited=citing.of_result(key, report),
        styles=_NAMES,
        under=[*_assumptions(inputs), *_facts(inputs)],
    )


def _assumptions(inputs):
    for identifier in sorted(inputs.assumptions):
        entry, value = assumptions.register()[identifier], inputs.assumptions[identifier]
        yield {
            "kind": "Assumption",
            "space": "assume",
            "identifier": identifier,
            "title": entry.title,
            "value": wording.quantity(value, entry.unit, wording.natural_digits(value)),
            "source": entry.source,
            "grade": entry.grade,
        }


def _facts(inputs):
    for place in sorted(inputs.facts):
        table, identifier = place.split(":", 1)
        fact, value = inputs.facts[place], None
        if table in facts.schemas():
            value, unit = facts.quantity(table, identifier)
        yield {
            "kind": "Fact",
            "space": table,
            "identifier": identifier,
            "title": fact.get("title") or identifier,
            "value": "" if value is None else wording.quantity(value, unit, wording.natural_digits(value, 6)),
            "source": fact["source"],
            "grade": fact["grade"],
        }


def setup(app):
    """Register the extension with Sphinx."""
    app.add_directive("citation", CitationDirective)
    app.add_directive("changes", ChangesDirective)
    app.connect("doctree-read", add_blocks, priority=600)  # after the figures were checked
    app.connect("build-finished", write_downloads, priority=500)
    return {"version": citing.edition().version, "parallel_read_safe": True, "parallel_write_safe": True}
