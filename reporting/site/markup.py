"""HTML that the pages share: tables, marks of verdicts, links to sources; and a directive that writes HTML."""

import html
import re

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from analysis.errors import InputError
from reporting.core import wording
from reporting.drawing.figures import reference_anchor
from reporting.inputs import evidence
from reporting.site.current import report_of


def anchor(space, identifier):
    """Return the permanent anchor of an assumption or a fact on the inputs page."""
    return f"{space}-{identifier}".replace("_", "-").replace(":", "-")


class HtmlDirective(SphinxDirective):
    """A directive that writes HTML; a reader's error becomes the build's, with its place."""

    def run(self):
        try:
            return [nodes.raw("", self.html(report_of(self.env)), format="html")]
        except InputError as error:
            raise self.error(str(error)) from None


def words(text):
    return html.escape(wording.typographic(text))


def mark(verdict):
    slug = verdict.replace(" ", "-")
    return f'<span class="verdict verdict-{slug}">{verdict}</span>'


def table(head, rows, caption, classes):
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


def count(things, noun):
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"


def code(name):
    """Write an identifier that may break after its dots and underscores."""
    return f"<code>{re.sub(r'(?<=[._])', '<wbr>', name)}</code>"


def source_link(key, locator=""):
    name = html.escape(evidence.short_citation(key))
    place = f', <span class="locator">{html.escape(locator)}</span>' if locator else ""
    return f'<a href="references.html#{reference_anchor(key)}">{name}</a>{place}'
