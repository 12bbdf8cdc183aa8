"""HTML that the extension writes: the templates, what they may call, and a directive that fills one."""

import calendar
import re
from datetime import date
from functools import cache

import jinja2
from docutils import nodes
from markupsafe import Markup
from sphinx.util.docutils import SphinxDirective

from analysis.errors import InputError
from reporting.core import results, wording
from reporting.drawing.figures import input_anchor, reference_anchor
from reporting.inputs import evidence
from reporting.publishing import citing
from reporting.site.current import report_of


def code(name):
    """Write an identifier that may break after its dots and underscores."""
    return Markup("<code>{}</code>").format(Markup("<wbr>").join(re.split(r"(?<=[._])", name)))


def counted(things, noun):
    """Write how many things there are: ``"1 fact"``, ``"2 facts"``."""
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"


def long_date(day):
    """Write a date such as ``"2029-01-31"`` as ``"31 January 2029"``."""
    when = date.fromisoformat(day)
    return f"{when.day} {calendar.month_name[when.month]} {when.year}"


@cache
def _templates():
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("reporting.site"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "code": code,
        "counted": counted,
        "long_date": long_date,
        "words": wording.typographic,
    }
    environment.globals |= {
        "input_anchor": input_anchor,
        "page_of": results.page_of,
        "quantity": wording.quantity,
        "reference_anchor": reference_anchor,
        "short_citation": evidence.short_citation,
        "stated_span": wording.stated_span,
        "written": citing.written,
    }
    return environment


def fill(name, **given):
    """Return a template of this folder as HTML; what is put into it is escaped."""
    return _templates().get_template(f"{name}.html").render(given)


class HtmlDirective(SphinxDirective):
    """A directive that writes HTML; a reader's error becomes the build's, with its place."""

    def run(self):
        try:
            return [nodes.raw("", self.html(report_of(self.env)), format="html")]
        except InputError as error:
            raise self.error(str(error)) from None
