"""Directives: statements, verdicts, the ledger, and the tables of numbers, assumptions and facts."""

import html
from urllib.parse import quote

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from analysis.errors import InputError
from reporting.core import claims, ledger, results, statements, uncertainty, wording
from reporting.drawing.figures import UNTRUE
from reporting.inputs import assumptions, facts, freshness
from reporting.site import markup
from reporting.site.current import ledger_of, published, report_of
from reporting.site.roles import result_address


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


class VerdictDirective(markup.HtmlDirective):
    """The verdict on one claim: the claim, what the rules say, why, and the results it rests on."""

    required_arguments = 1

    def html(self, report):
        identifier = self.arguments[0]
        claim = claims.find(identifier)
        now = claims.verdict(claim.now, report)
        lines = [
            f'<section class="claim" id="{identifier}"><p class="claim-head"><a class="claim-id" '
            f'href="#{identifier}">{identifier}</a> {markup.mark(now)}</p>',
            f'<p class="claim-text">{markup.words(claim.claim)}</p>',
            f'<p class="claim-essay">{html.escape(statements.fill(claim.essay, report))}</p>',
            f"<p>{html.escape(statements.fill(claim.now.because, report))}</p>",
        ]
        if claim.then:
            then = claims.verdict(claim.then, report)
            because = html.escape(statements.fill(claim.then.because, report))
            lines.append(
                f'<p class="claim-then">As it could be known in January 2025: {markup.mark(then)} {because}</p>'
            )
        if now != claim.now.verdict:
            lines.append(f'<p class="untrue">Under the base assumptions the verdict was {claim.now.verdict}.</p>')
        under = [results.find(key) for key in claim.results]
        rests = "; ".join(
            f'<a class="num" href="{result_address(each, self.env)}">{markup.words(each.title)}</a>: '
            f"{report.text(each.key)}"
            for each in under
        )
        ledger_link = f'<a href="claims.html#{identifier}">In the ledger</a>: what would change it'
        return "".join(lines) + f'<p class="claim-results">Rests on {rests}. {ledger_link}.</p></section>'


class TallyDirective(markup.HtmlDirective):
    """How many claims have which verdict, linked to their rows of the ledger."""

    def html(self, report):
        found = {}
        for identifier, claim in sorted(claims.claims().items()):
            found.setdefault(claims.verdict(claim.now, report), []).append(identifier)
        cells = "".join(
            f'<li><a class="tally-count" href="claims.html?verdict={quote(verdict)}">{len(found[verdict])}</a> '
            f'{markup.mark(verdict)}<span class="tally-claims">'
            + ", ".join(f'<a href="claims.html#{identifier}">{identifier}</a>' for identifier in found[verdict])
            + "</span></li>"
            for verdict in claims.VERDICTS
            if verdict in found
        )
        return f'<ul class="tally">{cells}</ul>'


class LedgerDirective(markup.HtmlDirective):
    """Every claim in one table, which a script can filter and sort, and the ledger as CSV and JSON."""

    def html(self, report):
        rows = [self._row(entry, report) for entry in ledger_of(self.env)]
        head = ("Claim", "Verdict", "What we find", "How firm")
        table = markup.table(head, rows, "The forty claims and their verdicts", "ledger")
        links = '<a href="../claims.csv" download>CSV</a>, <a href="../claims.json" download>JSON</a>'
        return f'{table}<p class="downloads">The ledger as data: {links}.</p>'

    def _row(self, entry, report):
        identifier, page = entry["id"], f"{entry['chapter']}.html"
        links = [f'<a href="{page}#{identifier}">The evidence</a>']
        if entry["figure"]:
            links.append(f'<a href="{results.page_of(entry["figure"])}.html#{entry["figure"]}">Figure</a>')
        then = entry["verdict_january_2025"]
        verdict = markup.mark(entry["verdict"])
        if then != entry["verdict"]:
            was = f'<span class="when">In January 2025</span> {markup.mark(then)}'
            verdict = f'<span class="when">Now</span> {verdict}<br>{was}'
        cells = (
            f'<a class="claim-id" href="#{identifier}">{identifier}</a> '
            f'<span class="claim-text">{markup.words(entry["claim"])}</span>'
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
        return f'{markup.words(declared.title)}: <a class="num" href="{page}.html#{declared.anchor}">{text}</a>'

    def _origin(self, origin):
        if not origin:
            return ""
        told = html.escape(origin["text"])
        return f'<p class="claim-origin">Where it comes from: {told} {markup.source_link(origin["source"])}.</p>'

    def _firmness(self, entry, report):
        kept = f"<p>{entry['robustness']:.0%} of draws keep it.</p>"
        if entry["no_flips"]:
            return f"{kept if entry['robustness'] < 1 else ''}<p>{markup.words(entry['no_flips'])}</p>"
        likely = [flip for flip in entry["flips"] if flip["likely"]]
        others = [flip for flip in entry["flips"] if not flip["likely"]]
        listed = "".join(f"<li>{markup.words(ledger.flip_words(flip, report))}</li>" for flip in likely)
        if others:
            more = "".join(f"<li>{markup.words(ledger.flip_words(flip, report))}</li>" for flip in others)
            summary = markup.count(others, "unlikely change")
            listed += f"<li><details><summary>{summary}</summary><ul>{more}</ul></details></li>"
        return f"{kept}<ul>{listed}</ul>"


class PublishDirective(markup.HtmlDirective):
    """A registered figure on a page that is not a notebook."""

    required_arguments = 1

    def html(self, report):
        return published(self.arguments[0], report).html()


class ResultsDirective(markup.HtmlDirective):
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
                f'<a href="inputs.html#{markup.anchor("assume", name)}">{name}</a>'
                for name in sorted(inputs.assumptions)
            ]
            links += [
                f'<a href="inputs.html#{markup.anchor(*name.split(":", 1))}">{name.split(":", 1)[1]}</a>'
                for name in sorted(inputs.facts)
            ]
            if len(links) > 12:
                links = [*links[:12], f"and {len(links) - 12} more"]
            interval = report.text(key, "range") if uncertainty.moved(report, key) else "—"
            under = f"{markup.count(inputs.assumptions, 'assumption')}, {markup.count(inputs.facts, 'fact')}"
            cells = (
                markup.words(declared.title),
                report.text(key),
                interval,
                f'<span class="grade">{report.grade(key)}</span>',
                f"<details><summary>{under}</summary>{', '.join(links)}</details>{markup.code(key)} "
                f'<a class="cite-link" href="../results/{key}.html">Cite</a>',
            )
            rows.append((declared.anchor, cells))
        if not rows:
            raise InputError(f"no result begins with '{prefix}'")
        head = ("Number", "Value", "80% range", "Weakest evidence", "Inputs")
        return markup.table(head, rows, "Every number of this chapter, and what is under it", "results")


class AssumptionsDirective(markup.HtmlDirective):
    """The assumptions register as a table."""

    def html(self, report):
        rows = []
        for identifier, entry in report.register.items():
            given = assumptions.register()[identifier]
            value = wording.quantity(entry.value, entry.unit, wording.natural_digits(entry.value))
            reason = markup.words(entry.reason)
            if entry != given:
                base = wording.quantity(given.value, given.unit, wording.natural_digits(given.value))
                value = f'<strong>{value}</strong><br><span class="allowed">base {base}</span>'
                reason = f'<span class="allowed">Of the base value:</span> {reason}'
            cells = (
                f"{markup.words(entry.title)}<br>{markup.code(identifier)}",
                value,
                f"{wording.stated_span(entry.low, entry.high, entry.unit)}<br>"
                f'<span class="allowed">allowed {wording.stated_span(entry.min, entry.max, entry.unit)}</span>',
                f'{markup.source_link(entry.source, entry.locator)} <span class="grade">{entry.grade}</span>',
                reason,
            )
            rows.append((markup.anchor("assume", identifier), cells))
        head = ("Assumption", "Value", "80% interval", "Source", "Reason")
        return markup.table(head, rows, "Assumptions: what a reader may disagree with", "assumptions")


class FactsDirective(markup.HtmlDirective):
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
                what.append(f"{column.replace('_', ' ')}: {markup.words(cell)}")
            name = markup.words(fact.get("title", ""))
            cells = (
                f"{name}{'<br>' if name else ''}{markup.code(fact['id'])}",
                "; ".join(what),
                fact["as_of"],
                f'{markup.source_link(fact["source"], fact["locator"])} <span class="grade">{fact["grade"]}</span>',
                markup.words(fact["note"]),
            )
            rows.append((markup.anchor(table, fact["id"]), cells))
        head = ("Fact", "What it says", "As of", "Source", "Note")
        return markup.table(head, rows, f"Facts: {table.replace('_', ' ')}", "facts")


class FreshnessDirective(markup.HtmlDirective):
    """The oldest input, and the series that go on, with their age at this edition."""

    def html(self, report):
        place, as_of = freshness.oldest()
        first, last = freshness.accessed()
        link = f'<a href="inputs.html#{markup.anchor(*place.split(":", 1))}">{markup.code(place.split(":", 1)[1])}</a>'
        rows = [
            (
                f"fresh-{each.table}".replace("_", "-"),
                (
                    markup.words(each.title),
                    each.newest,
                    wording.quantity(each.age_years, "year", 2),
                    wording.quantity(each.half_life_years, "year", 2),
                    "past its half-life" if each.stale else "in time",
                ),
            )
            for each in freshness.series()
        ]
        table = markup.table(
            ("Series", "Newest row", "Age", "Half-life", "State"), rows, "Series that go on", "freshness"
        )
        edition = freshness.edition().date().isoformat()
        return (
            f"<p>Edition of {edition}. The oldest input is {link}, as of {as_of}. Sources were read between {first} "
            f"and {last}.</p>{table}"
        )


class ModelsDirective(markup.HtmlDirective):
    """The configurations of models that the engine reads."""

    def html(self, report):
        rows = []
        for name, found in facts.model_configs().items():
            sizes = "; ".join(
                f"{markup.code(field)} {markup.words(str(value))}" for field, value in found["config"].items()
            )
            cells = (
                markup.code(name),
                f"<details><summary>{markup.count(found['config'], 'field')}</summary>{sizes}</details>",
                f'{markup.source_link(found["source"], found["locator"])} <span class="grade">{found["grade"]}</span>',
                markup.words(found["note"]),
            )
            rows.append((markup.anchor("model_configs", name), cells))
        return markup.table(("Model", "Configuration", "Source", "Note"), rows, "Facts: model configurations", "models")
