"""What this build is about: the report, its ledger and its figures under the assumptions the build was asked for."""

import json
import re
from functools import cache
from pathlib import Path

from docutils import nodes
from sphinx.util import logging

from reporting.core import ledger
from reporting.core.report import Report
from reporting.drawing import figures
from reporting.inputs import assumptions

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
