"""The Sphinx directives of the page on scenarios: what is shipped, side by side, and what this build changed."""

from reporting.core import claims, results, scenarios, wording
from reporting.inputs import assumptions
from reporting.publishing import comparison
from reporting.site import markup
from reporting.site.current import report_of


class ScenariosDirective(markup.HtmlDirective):
    """The shipped scenarios: what each changes, and what follows."""

    def html(self, report):
        base = scenarios.report_of(scenarios.BASE)
        rows = []
        for name, (scenario, _) in scenarios.shipped().items():
            if name == scenarios.BASE:
                continue
            other = scenarios.report_of(name)
            rows.append(
                {
                    "id": f"scenario-{name}",
                    "name": name,
                    "scenario": scenario,
                    "changed": changed(other),
                    "moved": sum(base.value(key) != other.value(key) for key in results.registry()),
                    "flipped": comparison.flipped_verdicts(base, other),
                    "lost": sum(not each.true for each in comparison.turned_statements(base, other)),
                }
            )
        return markup.fill("scenarios", rows=rows)


class ScenarioVerdictsDirective(markup.HtmlDirective):
    """Every part of a claim whose word some shipped scenario changes, with its word under each."""

    def html(self, report):
        names = list(scenarios.shipped())
        rows = []
        for identifier, (claim, part) in claims.parts().items():
            found = {name: claims.verdict(identifier, scenarios.report_of(name)) for name in names}
            if len(set(found.values())) > 1:
                rows.append(
                    {
                        "id": f"verdicts-{identifier}",
                        "identifier": identifier,
                        "chapter": claims.find(claim).chapter,
                        "text": part.text,
                        "found": found,
                    }
                )
        return markup.fill("scenario-verdicts", total=len(claims.parts()), head=("Part of a claim", *names), rows=rows)


class ScenarioResultsDirective(markup.HtmlDirective):
    """Every result that a verdict rests on and some shipped scenario moves, under each."""

    def html(self, report):
        rests = {key for _, part in claims.parts().values() for key in part.results}
        names = list(scenarios.shipped())
        base = scenarios.report_of(scenarios.BASE)
        rows = []
        for key, declared in results.registry().items():
            values = [scenarios.report_of(name).value(key) for name in names]
            if key not in rests or len(set(values)) == 1:
                continue
            written = [
                wording.quantity(value, declared.unit, declared.digits).replace(wording.NBSP, " ") for value in values
            ]
            moved = [value != base.value(key) for value in values]
            rows.append(
                {
                    "id": f"values-{declared.anchor}",
                    "declared": declared,
                    "texts": list(zip(names, moved, written, strict=True)),
                }
            )
        return markup.fill("scenario-results", head=("Number", *names), rows=rows)


class ScenarioDifferenceDirective(markup.HtmlDirective):
    """What the assumptions of this build change; one sentence if they change nothing."""

    def html(self, report):
        tables = []
        if report.overrides:
            found = comparison.tables(comparison.compare(scenarios.report_of(scenarios.BASE), report))
            for number, (title, head, rows) in enumerate(found):
                named = [{"id": f"difference-{number}-{index}", "cells": cells} for index, cells in enumerate(rows)]
                tables.append((title, head, named))
        return markup.fill("scenario-difference", tables=tables)


class CorrelationsDirective(markup.HtmlDirective):
    """The pairs of assumptions that are not drawn independently."""

    def html(self, report):
        rows = [
            {
                "id": "correlation-{}-{}".format(*each.pair).replace("_", "-"),
                "pair": each.pair,
                "rank": f"{each.rank:g}",
                "reason": each.reason,
            }
            for each in assumptions.correlations()
        ]
        return markup.fill("correlations", rows=rows)


def changed(report):
    """Return which assumptions a report replaces: title, new value, and a note with its base value."""
    found = []
    for identifier, entry in report.register.items():
        given = assumptions.register()[identifier]
        if entry != given:
            value, base = (wording.quantity(e.value, e.unit, wording.natural_digits(e.value)) for e in (entry, given))
            span = f", {wording.stated_span(entry.low, entry.high, entry.unit)}" if entry.low < entry.high else ""
            was = f" (base {base})" if value != base else ", taken as certain" if not span else ""
            found.append({"title": entry.title, "value": value, "note": f"{span}{was}"})
    return found


def add_note(app, pagename, templatename, context, doctree):
    """Put the scenario's name and changes on top of a page that another scenario made."""
    report = report_of(app)
    if report.stamp and context.get("body"):
        note = markup.fill("scenario-note", stamp=report.stamp, changed=changed(report))
        context["body"] = note + context["body"]


def setup(app):
    """Register the directives with Sphinx."""
    app.add_directive("scenarios", ScenariosDirective)
    app.add_directive("scenario-verdicts", ScenarioVerdictsDirective)
    app.add_directive("scenario-results", ScenarioResultsDirective)
    app.add_directive("scenario-difference", ScenarioDifferenceDirective)
    app.add_directive("correlations", CorrelationsDirective)
    app.connect("html-page-context", add_note, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
