"""Directives: statements, verdicts, the ledger, and the tables of numbers, assumptions and facts."""

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from analysis.errors import InputError
from reporting.core import claims, ledger, results, statements, wording
from reporting.drawing.figures import UNTRUE, input_anchor
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
    """The verdict on one claim: its parts, the word on each, why, and the results they rest on."""

    required_arguments = 1

    def html(self, report):
        claim = ledger.judged(self.arguments[0], report)
        for part in claim["parts"]:
            under = [results.find(key) for key in part["results"]]
            part["under"] = [
                (declared.title, result_address(declared, self.env), report.text(declared.key)) for declared in under
            ]
            part["reviewed"] = claims.part(part["id"]).now.verdict
        return markup.fill("verdict", claim=claim)


class TallyDirective(markup.HtmlDirective):
    """How many parts of claims have which word, by what hangs on them, linked to their rows of the ledger."""

    def html(self, report):
        found = [(claims.weight(identifier), claims.verdict(identifier, report)) for identifier in claims.parts()]
        rows = {
            verdict: {weight: found.count((weight, verdict)) for weight in claims.WEIGHTS}
            for verdict in claims.VERDICTS
        }
        return markup.fill("tally", rows=rows, weights=claims.WEIGHTS, claims=len(claims.claims()), parts=len(found))


class LedgerDirective(markup.HtmlDirective):
    """Every claim with its parts, which a script can filter, and the ledger as CSV and JSON."""

    def html(self, report):
        return markup.fill("ledger", entries=[self._shown(entry, report) for entry in ledger_of(self.env)])

    def _shown(self, entry, report):
        parts = []
        for part in entry["parts"]:
            declared = results.find(part["headline"]["result"])
            text = report.text(declared.key)
            if part["headline"]["low"] is not None:
                text += f" ({report.text(declared.key, 'range')})"
            address = f"{results.page_of(declared.key)}.html#{declared.anchor}"
            changes = {True: [], False: []}
            for flip in part["flips"]:
                changes[flip["likely"]].append(ledger.flip_words(flip, report))
            parts.append(
                part
                | {
                    "headline": {"title": declared.title, "address": address, "text": text},
                    "likely": changes[True],
                    "unlikely": changes[False],
                    "on_facts": part["robustness"] == ledger.ON_FACTS,
                }
            )
        return entry | {"parts": parts}


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
        rows = [self._row(declared, report) for key, declared in results.registry().items() if key.startswith(prefix)]
        if not rows:
            raise InputError(f"no result begins with '{prefix}'")
        return markup.fill("results", rows=rows, most=12)

    def _row(self, declared, report):
        key, inputs = declared.key, report.inputs(declared.key)
        return {
            "id": declared.anchor,
            "key": key,
            "title": declared.title,
            "value": report.text(key),
            "range": report.text(key, "range") if report.moved(key) else "",
            "grade": report.grade(key),
            "assumptions": inputs.assumptions,
            "facts": inputs.facts,
            "under": [
                *(("assume", name) for name in sorted(inputs.assumptions)),
                *(name.split(":", 1) for name in sorted(inputs.facts)),
            ],
        }


class AssumptionsDirective(markup.HtmlDirective):
    """The assumptions register as a table."""

    def html(self, report):
        given = assumptions.register()
        rows = [
            {
                "id": input_anchor("assume", identifier),
                "identifier": identifier,
                "entry": entry,
                "value": _value(entry),
                "base": _value(given[identifier]) if entry != given[identifier] else "",
            }
            for identifier, entry in report.register.items()
        ]
        return markup.fill("assumptions", rows=rows)


def _value(entry):
    return wording.quantity(entry.value, entry.unit, wording.natural_digits(entry.value))


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
                what.append(f"{column.replace('_', ' ')}: {wording.typographic(cell)}")
            rows.append({"id": input_anchor(table, fact["id"]), "fact": fact, "what": what})
        return markup.fill("facts", rows=rows, caption=f"Facts: {table.replace('_', ' ')}")


class FreshnessDirective(markup.HtmlDirective):
    """The oldest input, and the series that go on, with their age at this edition."""

    def html(self, report):
        place, as_of = freshness.oldest()
        first, last = freshness.accessed()
        return markup.fill(
            "freshness",
            edition=freshness.edition().date().isoformat(),
            oldest=place.split(":", 1),
            as_of=as_of,
            first=first,
            last=last,
            rows=[{"id": input_anchor("fresh", each.table), "series": each} for each in freshness.series()],
        )


class ModelsDirective(markup.HtmlDirective):
    """The configurations of models that the engine reads."""

    def html(self, report):
        rows = [
            {"id": input_anchor("model_configs", name), "name": name, "found": found}
            for name, found in facts.model_configs().items()
        ]
        return markup.fill("models", rows=rows)
