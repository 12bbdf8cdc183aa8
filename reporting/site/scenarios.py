"""The Sphinx directives of the page on scenarios: what is shipped, side by side, and what this build changed."""

import html

from reporting.core import claims, results, scenarios, wording
from reporting.inputs import assumptions
from reporting.publishing import comparison
from reporting.site import markup
from reporting.site.current import report_of


def _others():
    return [name for name in scenarios.shipped() if name != scenarios.BASE]


def _anchor(name):
    return f"scenario-{name}"


class ScenariosDirective(markup.HtmlDirective):
    """The shipped scenarios: what each changes, and what follows."""

    def html(self, report):
        base = scenarios.report_of(scenarios.BASE)
        rows = []
        for name in _others():
            scenario, _ = scenarios.shipped()[name]
            other = scenarios.report_of(name)
            flipped = [
                f'<a href="{each.chapter}.html#{each.claim}">{each.claim}</a> {markup.mark(each.after)}'
                + ("" if each.when == "now" else f" as of {each.when}")
                for each in comparison.flipped_verdicts(base, other)
            ]
            lost = [each for each in comparison.turned_statements(base, other) if not each.true]
            moved = sum(base.value(key) != other.value(key) for key in results.registry())
            cells = (
                f"{markup.words(scenario.title)}<br>{markup.code(name)}",
                f"{markup.words(scenario.reason)}<details><summary>What it sets</summary>{changes(other)}</details>",
                str(moved),
                "; ".join(flipped) or "—",
                str(len(lost)),
            )
            rows.append((_anchor(name), cells))
        head = ("Scenario", "Why", "Results that move", "Verdicts that flip", "Statements no longer true")
        return markup.table(head, rows, "The scenarios that come with the report", "scenarios")


class ScenarioVerdictsDirective(markup.HtmlDirective):
    """Every claim whose verdict some shipped scenario changes, with its verdict under each."""

    def html(self, report):
        rows = []
        for identifier, claim in claims.claims().items():
            found = {name: claims.verdict(claim.now, scenarios.report_of(name)) for name in scenarios.shipped()}
            if len(set(found.values())) > 1:
                cells = (
                    f'<a href="{claim.chapter}.html#{identifier}">{identifier}</a> {markup.words(claim.claim)}',
                    *(markup.mark(verdict) for verdict in found.values()),
                )
                rows.append((f"verdicts-{identifier}", cells))
        same = len(claims.claims()) - len(rows)
        words = f"<p>{same} of {len(claims.claims())} verdicts are the same under every scenario above.</p>"
        if not rows:
            return words
        return words + markup.table(("Claim", *scenarios.shipped()), rows, "Verdicts, side by side", "side-by-side")


class ScenarioResultsDirective(markup.HtmlDirective):
    """Every result that a verdict rests on and some shipped scenario moves, under each."""

    def html(self, report):
        rests = {key for claim in claims.claims().values() for key in claim.results}
        base = scenarios.report_of(scenarios.BASE)
        rows = []
        for key, declared in results.registry().items():
            values = [scenarios.report_of(name).value(key) for name in scenarios.shipped()]
            if key not in rests or len(set(values)) == 1:
                continue
            page = results.page_of(key)
            written = (
                wording.quantity(value, declared.unit, declared.digits).replace(wording.NBSP, " ") for value in values
            )
            cells = (
                f'<a class="num" href="{page}.html#{declared.anchor}">{markup.words(declared.title)}</a>',
                *(
                    text if value == base.value(key) else f"<strong>{text}</strong>"
                    for value, text in zip(values, written, strict=True)
                ),
            )
            rows.append((f"values-{declared.anchor}", cells))
        caption = "Numbers that a verdict rests on, where a scenario moves them"
        return markup.table(("Number", *scenarios.shipped()), rows, caption, "side-by-side")


class ScenarioDifferenceDirective(markup.HtmlDirective):
    """What the assumptions of this build change; one sentence if they change nothing."""

    def html(self, report):
        if not report.overrides:
            return "<p>This site was built under the assumptions as they stand, so nothing is different here.</p>"
        difference = comparison.compare(scenarios.report_of(scenarios.BASE), report)
        parts = []
        for number, (title, head, rows) in enumerate(comparison.tables(difference)):
            if not rows:
                parts.append(f"<p>{title}: none.</p>")
                continue
            caption = f"{title}: {len(rows)}"
            cells = [
                (f"difference-{number}-{index}", (markup.code(row[0]), *(html.escape(cell) for cell in row[1:])))
                for index, row in enumerate(rows)
            ]
            parts.append(markup.table(head, cells, caption, "difference"))
        return "".join(parts)


class CorrelationsDirective(markup.HtmlDirective):
    """The pairs of assumptions that are not drawn independently."""

    def html(self, report):
        rows = []
        for each in assumptions.correlations():
            one, other = each.pair
            cells = (f"{markup.code(one)}<br>{markup.code(other)}", f"{each.rank:g}", markup.words(each.reason))
            rows.append((f"correlation-{one}-{other}".replace("_", "-"), cells))
        return markup.table(("Pair", "Rank correlation", "Reason"), rows, "Assumptions drawn together", "correlations")


def changes(report):
    """Say as HTML which assumptions a report replaces, each with its base value."""
    changed = []
    for identifier, entry in report.register.items():
        given = assumptions.register()[identifier]
        if entry != given:
            value, base = (wording.quantity(e.value, e.unit, wording.natural_digits(e.value)) for e in (entry, given))
            span = f", {wording.stated_span(entry.low, entry.high, entry.unit)}" if entry.low < entry.high else ""
            was = f" (base {base})" if value != base else ", taken as certain" if not span else ""
            changed.append(f"{markup.words(entry.title)} {value}{span}{was}")
    return "; ".join(changed) or "every assumption as it stands"


def _scenario_note(report):
    """Return what stands on top of every page that another scenario made."""
    return (
        '<aside class="scenario-note" aria-label="Scenario">'
        f"<p><strong>Scenario {html.escape(report.stamp)}</strong></p><p>{changes(report)}.</p></aside>"
    )


def add_note(app, pagename, templatename, context, doctree):
    """Put the scenario's name and changes on top of a page that another scenario made."""
    report = report_of(app)
    if report.stamp and context.get("body"):
        context["body"] = _scenario_note(report) + context["body"]


def setup(app):
    """Register the directives with Sphinx."""
    app.add_directive("scenarios", ScenariosDirective)
    app.add_directive("scenario-verdicts", ScenarioVerdictsDirective)
    app.add_directive("scenario-results", ScenarioResultsDirective)
    app.add_directive("scenario-difference", ScenarioDifferenceDirective)
    app.add_directive("correlations", CorrelationsDirective)
    app.connect("html-page-context", add_note, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
