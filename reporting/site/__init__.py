"""The Sphinx extension behind the site: numbers, statements and verdicts in prose, and local assets.

Roles: ``{res}`cost.v3_run_usd``` (also ``…|range`` and ``…|4`` for digits), ``{assume}`` and ``{fact}``,
``{claim}`C12```; and ``{holds}`cost.v3_run_usd < 6e6``` behind a sentence that only some assumptions make true.
Directives: ``statement``, ``verdict``, ``tally``, ``publish``, ``results``, ``assumptions``, ``facts``,
``models``, ``ledger``, ``freshness``. What they name must exist, or the build stops and says where.
"""

from analysis import __version__
from reporting.site import current, directives, frame, references, roles


def setup(app):
    """Register the extension with Sphinx."""
    references.register()
    app.add_config_value("analysis_overrides", {}, "env")
    app.add_config_value("analysis_scenario", "", "env")
    app.add_role("res", roles.ResultRole())
    app.add_role("assume", roles.AssumptionRole())
    app.add_role("fact", roles.FactRole())
    app.add_role("claim", roles.ClaimRole())
    app.add_role("holds", roles.HoldsRole())
    app.add_directive("statement", directives.StatementDirective)
    app.add_directive("verdict", directives.VerdictDirective)
    app.add_directive("tally", directives.TallyDirective)
    app.add_directive("ledger", directives.LedgerDirective)
    app.add_directive("publish", directives.PublishDirective)
    app.add_directive("results", directives.ResultsDirective)
    app.add_directive("assumptions", directives.AssumptionsDirective)
    app.add_directive("facts", directives.FactsDirective)
    app.add_directive("models", directives.ModelsDirective)
    app.add_directive("freshness", directives.FreshnessDirective)
    app.add_html_math_renderer(
        "mathml",
        inline_renderers=(lambda self, node: frame.mathml(self, node, display=False), None),
        block_renderers=(lambda self, node: frame.mathml(self, node, display=True), None),
    )
    app.add_css_file("palette.css")
    app.connect("builder-inited", frame.write_assets)
    app.connect("doctree-read", current.check_figures)
    app.connect("config-inited", frame.add_templates)
    app.connect("html-page-context", frame.dress, priority=900)
    app.connect("build-finished", frame.remove_unused, priority=900)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
