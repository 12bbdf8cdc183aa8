"""The registry of figures, and how one is published.

A figure is a function of a report and a canvas that returns an Altair chart, registered with its key, title
(a `Statement`), subtitle, caption, alternative text and unit. Its sources are those of whatever it read.
"""

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis.errors import InputError, unknown
from reporting.core import statements
from reporting.core.registry import Registry
from reporting.core.report import SCHEME, by_weight, fingerprint, sources_of
from reporting.drawing import theme
from reporting.inputs import evidence, yaml_file

CHAPTERS = Path(__file__).parents[1] / "chapters"
#: How many sources are named under a figure; the others are counted.
NAMED = 3


@dataclass(frozen=True)
class Figure:
    """A keyed chart.

    Attributes
    ----------
    key : str
        ``fig-…``; the permanent address of the figure on its page.
    title : reporting.core.statements.Statement
        The finding.
    subtitle : str
        What is plotted, in what unit.
    caption : str
        What a reader needs to read it right.
    alt : str
        What a reader who cannot see it must know.
    unit : str
        Unit of the plotted quantity.
    function : callable
        Takes an `reporting.core.report.Report` and a `theme.Canvas`, returns an Altair chart.
    rests_on : tuple of str
        Results that the figure shows though its function does not ask for them: what they rest on is under it, too.

    The words stand in ``texts.yml`` beside the function, and may hold placeholders (`reporting.core.statements.fill`).
    """

    key: str
    title: statements.Statement
    subtitle: str
    caption: str
    alt: str
    unit: str
    function: Callable
    rests_on: tuple = ()


_registry = Registry("figure", "FIGURES")

#: All figures, a mapping from key to `Figure` in that order; and one of them by key.
registry, find = _registry.all, _registry.find


class Words(BaseModel):
    """The words of a figure, an entry of its chapter's ``texts.yml``; see `Figure`.

    ``holds`` is the predicate that makes the title true. The others may hold placeholders.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1, description="The finding, in one sentence.")
    holds: str = Field(min_length=1, description="The predicate over results that makes the title true.")
    subtitle: str = Field(min_length=1, description="What is plotted, in what unit.")
    caption: str = Field(min_length=1, description="What a reader needs to read it right.")
    alt: str = Field(min_length=1, description="What a reader who cannot see it must know.")


@cache
def texts(prefix):
    """Return the words of a chapter's figures, a mapping from key to `Words`.

    Parameters
    ----------
    prefix : str
        Of the chapter's keys, the name of its folder.

    Raises
    ------
    InputError
        If the file cannot be read or an entry breaks the rules of `Words`; names file, figure and field.
    """
    where = f"reporting/chapters/{prefix}/texts.yml"
    read = {}
    for key, entry in yaml_file.load(CHAPTERS / prefix / "texts.yml", where).items():
        try:
            read[key] = Words(**entry)
        except (TypeError, ValidationError) as error:
            raise InputError(f"{where}: figure '{key}': {yaml_file.first_problem(error)}") from None
    return read


def figure(key, *, unit, rests_on=()):
    """Register the decorated function as a figure, with the words that its chapter's ``texts.yml`` has for the key.

    `unit` and `rests_on` are as in `Figure`.
    """
    prefix = re.fullmatch(r"fig-([a-z]+)-[a-z0-9-]+", key)
    if not prefix:
        raise ValueError(f"figure key {key!r}: write fig-CHAPTER-NAME in lower case")
    known = texts(prefix[1])
    if key not in known:
        raise unknown("figure", key, known, f"reporting/chapters/{prefix[1]}/texts.yml")
    words = known[key]
    title = statements.Statement(words.title, words.holds)

    def register(function):
        declared = Figure(key, title, words.subtitle, words.caption, words.alt, unit, function, tuple(rests_on))
        _registry.add(key, declared, function.__module__)
        return function

    return register


class Published:
    """A figure drawn under a report, ready to be shown in a notebook or on a page.

    Attributes
    ----------
    key, title, subtitle, caption, alt : str
        Texts with their numbers filled in.
    true : bool
        Whether the title holds under the report.
    fingerprint : str
        Six hexadecimal digits over the data and the inputs under it.
    specs : dict
        ``"wide"`` and ``"narrow"`` Vega-Lite specifications.
    sources : list of (str, str)
        Bibliography key and grade.
    stamp : str
        The scenario it was drawn under (`reporting.core.report.Report.stamp`).
    """

    def __init__(self, declared, report):
        with evidence.recording() as inputs:
            for key in declared.rests_on:
                evidence.note_inputs(report.inputs(key))
            charts = {
                name: declared.function(report, canvas)
                for name, canvas in (("wide", theme.WIDE), ("narrow", theme.NARROW))
            }
            self.title = declared.title.words(report)
            self.true = declared.title.true(report)
            self.subtitle = statements.fill(declared.subtitle, report)
            self.caption = statements.fill(declared.caption, report)
            self.alt = statements.fill(declared.alt, report)
        self.key = declared.key
        self.unit = declared.unit
        self.inputs = inputs
        self.stamp = report.stamp
        self.sources = sources_of(inputs)
        self.specs = {
            "wide": theme.specification(charts["wide"], theme.WIDE),
            "narrow": theme.specification(charts["narrow"], theme.NARROW),
        }
        for name in ("key", "title", "subtitle", "caption", "alt", "unit", "sources"):
            if not getattr(self, name):
                raise InputError(f"figure '{self.key}' cannot be published: it has no {name}")
        self.fingerprint = self.fingerprint_under(SCHEME)

    def fingerprint_under(self, scheme):
        """Return the fingerprint that a scheme gives the figure; see `reporting.core.report.identity`."""
        return fingerprint(self.inputs, list(_data(self.specs["wide"])), scheme)

    def source_line(self):
        """Return the sources as one line of text: the weightiest by name, and how many more there are."""
        return self._folded(evidence.short_citation, " {}")

    def _sources_html(self):
        def item(source):
            name = html.escape(evidence.short_citation(source))
            grade = evidence.weakest(grade for each, grade in self.sources if each == source)
            return f'<a href="references.html#{reference_anchor(source)}">{name}</a> ({grade})'

        return self._folded(item, " <details><summary>{}</summary> {}</details>")

    def _folded(self, item, rest):
        items = [item(source) for source in by_weight(self.inputs)]
        line, more = "; ".join(items[:NAMED]), items[NAMED:]
        return line + rest.format(f"and {len(more)} more", "; ".join(more)) if more else line

    def html(self):
        """Return the figure as an HTML element: titles, both drawings, caption, sources, specifications."""
        escape = html.escape
        drawings = "".join(
            f'<div class="fig-{name}"{" hidden" if name == "narrow" else ""}>'
            f"{theme.svg(spec, f'{self.key}-{name}', self.alt)}</div>"
            for name, spec in self.specs.items()
        )
        specs = json.dumps(self.specs, separators=(",", ":")).replace("</", "<\\/")
        untrue = "" if self.true else f'<p class="untrue">{UNTRUE}</p>'
        stamp = self.stamp and (
            f'<p class="fig-source fig-scenario"><span class="fig-label">Scenario</span> {escape(self.stamp)}</p>'
        )
        return (
            f'<figure class="fig" id="{self.key}" data-fingerprint="{self.fingerprint}">'
            f'<p class="fig-title">{escape(self.title)}</p>{untrue}'
            f'<p class="fig-subtitle">{escape(self.subtitle)}</p>'
            f'<div class="fig-drawing">{drawings}</div>'
            f"<figcaption>{escape(self.caption)}"
            f'<div class="fig-source"><span class="fig-label">Sources</span> {self._sources_html()}</div>'
            f'<p class="fig-source"><span class="fig-label">Figure</span> '
            f'<a class="fig-key" href="#{self.key}">{self.key}@{self.fingerprint}</a></p>{stamp}</figcaption>'
            f'<script type="application/json" class="fig-spec">{specs}</script>'
            f"</figure>"
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self.html(), "text/plain": f"{self.key}@{self.fingerprint}: {self.title}"}


def _data(spec):
    """Yield every block of data in a specification, wherever it stands."""
    if isinstance(spec, dict):
        yield from (spec[name] for name in ("values", "datasets") if isinstance(spec.get(name), (list, dict)))
        for part in spec.values():
            yield from _data(part)
    elif isinstance(spec, list):
        for part in spec:
            yield from _data(part)


UNTRUE = statements.UNTRUE


def input_anchor(space, identifier):
    """Return the permanent anchor of an assumption or a fact on the inputs page."""
    return f"{space}-{identifier}".replace("_", "-").replace(":", "-")


def reference_anchor(key):
    """Return the anchor of a source on the references page."""
    return "ref-" + key.replace("_", "-")


def publish(key, report):
    """Draw a registered figure under a report.

    Parameters
    ----------
    key : str
    report : reporting.core.report.Report

    Returns
    -------
    Published

    Raises
    ------
    InputError
        If the key is unknown, or the figure lacks a text or a source.
    """
    return Published(find(key), report)
