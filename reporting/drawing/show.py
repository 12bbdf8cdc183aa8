"""A result with its account: the code that gives it, what the code reads, and the number."""

import ast
import html
import inspect
import textwrap
from typing import NamedTuple

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from analysis.errors import InputError
from reporting.core import results, wording
from reporting.drawing.figures import input_anchor, reference_anchor
from reporting.inputs import assumptions, evidence, facts

#: Columns of a fact that are not among the numbers it states.
_ASIDE = ("low", "high")


class Input(NamedTuple):
    """One assumption or fact that a result reads.

    Attributes
    ----------
    name : str
        Its id, with the table's where that is not ``facts``.
    title : str
    value : str
        In words, as it is in force.
    base : str
        What it would be in the report as it is, where that is something else.
    span : str
        The 80% interval of an assumption.
    source : str
        Key in the bibliography.
    grade : str
    anchor : str
        Its address on the page of inputs.
    """

    name: str
    title: str
    value: str
    base: str
    span: str
    source: str
    grade: str
    anchor: str


class Shown:
    """A result under a report, ready to be shown in a notebook.

    Attributes
    ----------
    declared : reporting.core.results.Result
    source : str
        The function that gives the number, as it stands in its module, without decorators.
    call : str
        How it is called for this result.
    place : str
        The file in which it stands, from the top of the repository.
    number : str
    span : str
        The 80% range; empty for a number without one.
    inputs : list of Input
        Assumptions first.
    stamp : str
        The scenario (`reporting.core.report.Report.stamp`).
    """

    def __init__(self, declared, report):
        function = inspect.unwrap(declared.function)
        self.declared = declared
        self.source = source_of(function)
        self.call = _call(declared, function)
        self.place = function.__module__.replace(".", "/") + ".py"
        self.number = report.text(declared.key)
        self.span = report.text(declared.key, "range") if report.moved(declared.key) else ""
        read = report.inputs(declared.key)
        self.inputs = [_assumption(name, report) for name in sorted(read.assumptions)]
        self.inputs += [_fact(*name.split(":", 1), fact) for name, fact in sorted(read.facts.items())]
        self.stamp = report.stamp

    def _finding(self):
        return f"{wording.typographic(self.declared.title)}: ", f", 80% range {self.span}" if self.span else ""

    def html(self):
        """Return the account as an HTML element: the number, the code, and a table of what the code reads."""
        escape, key = html.escape, self.declared.key
        title, span = self._finding()
        code = highlight(self.source, PythonLexer(), HtmlFormatter(nowrap=True))
        address = f"{results.page_of(key)}.html#{self.declared.anchor}"
        names = ", <code>a</code> being the assumptions in force" if "(a" in self.call else ""
        stamp = f" Scenario {escape(self.stamp)}." if self.stamp else ""
        return (
            f'<figure class="show" data-key="{key}">'
            f"<figcaption>{escape(title)}<strong>{escape(self.number)}</strong>{escape(span)}</figcaption>"
            '<div class="highlight"><pre tabindex="0" role="region" aria-label="The code of this number">'
            f"<code>{code}</code></pre></div>"
            f'<p class="show-place"><code>{escape(self.call)}</code> in {escape(self.place)}{names}. '
            f'The number is <a href="{address}">{key}</a>.{stamp}</p>'
            f"{self._table()}</figure>"
        )

    def _table(self):
        spans = any(each.span for each in self.inputs)
        head = ("Input", "Value", *(["80% interval"] if spans else []), "Source")
        header = "".join(f'<th scope="col" role="columnheader">{name}</th>' for name in head)
        body = "".join(_row(each, spans) for each in self.inputs)
        # Folded on a phone, its parts are no table boxes any more: the roles keep it a table for a screen reader.
        return (
            '<div class="table-scroll"><table class="plain fold" role="table"><caption>What the code reads</caption>'
            f'<thead role="rowgroup"><tr role="row">{header}</tr></thead>'
            f'<tbody role="rowgroup">{body}</tbody></table></div>'
        )

    def text(self):
        """Return the account as plain text."""
        title, span = self._finding()
        lines = [f"{title}{self.number}{span}", "", self.source, "", f"{self.call} in {self.place}", ""]
        for each in self.inputs:
            value = f"{each.value} (base {each.base})" if each.base else each.value
            told = f"{evidence.short_citation(each.source)} ({each.grade})"
            lines.append("; ".join(part for part in (each.name, value, each.span, told) if part))
        return "\n".join(lines)

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self.html(), "text/plain": self.text()}


def show(result, report):
    """Show how a result is calculated: its code, its inputs with their sources, and the number.

    Parameters
    ----------
    result : str or callable
        The key of a result, or the function that was declared as one.
    report : reporting.core.report.Report

    Returns
    -------
    Shown

    Raises
    ------
    InputError
        If no result has the key; or the function gives none, or several.

    Examples
    --------
    ::

        show("cost.owner_gpu_hour_usd", report)
    """
    return Shown(results.find(_key(result)), report)


def _key(result):
    if not callable(result):
        return result
    wanted = inspect.unwrap(result)
    keys = [key for key, each in results.registry().items() if inspect.unwrap(each.function) is wanted]
    if len(keys) != 1:
        gives = f"gives {len(keys)} results, {keys[0]} first" if keys else "gives no result"
        raise InputError(f"the function {wanted.__name__} {gives}: show one by its key")
    return keys[0]


def source_of(function):
    """Return a function's source as it stands in its module, dedented and without decorators."""
    source = textwrap.dedent(inspect.getsource(function))
    declared = ast.parse(source).body[0]
    return "\n".join(source.splitlines()[declared.lineno - 1 : declared.end_lineno])


def _argument(given):
    return f'"{given}"' if isinstance(given, str) else getattr(given, "__name__", repr(given))


def _call(declared, function):
    """Write how a result calls its function, the members of its family included."""
    given = inspect.getclosurevars(declared.function).nonlocals.get("given", ())
    reads = next(iter(inspect.signature(function).parameters), None) == "a"
    arguments = [*(["a"] if reads else []), *map(_argument, given)]
    return f"{function.__name__}({', '.join(arguments)})"


def _assumption(name, report):
    entry, given = report.register[name], assumptions.register()[name]
    value, base = (
        wording.quantity(each.value, each.unit, wording.natural_digits(each.value)) for each in (entry, given)
    )
    span, base_span = (
        wording.stated_span(each.low, each.high, each.unit) if each.low < each.high else "" for each in (entry, given)
    )
    if entry == given:
        base = ""
    elif base == value:
        base = base_span
    return Input(
        name,
        entry.title,
        value,
        base,
        span or "taken as certain",
        entry.source,
        entry.grade,
        input_anchor("assume", name),
    )


def _fact(table, name, fact):
    return Input(
        name if table == "facts" else f"{table}.{name}",
        fact.get("title") or facts.title(table) if table != "model_configs" else "Model configuration",
        _stated(table, fact),
        "",
        "",
        fact["source"],
        fact["grade"],
        input_anchor(table, name),
    )


def _stated(table, fact):
    """Write what a fact states: its measure, or each of its numbers where it has several."""
    if table == "model_configs":
        return f"{len(fact['config'])} fields"
    numbers = {name: cell for name, cell in fact.items() if isinstance(cell, float) and name not in _ASIDE}
    if set(numbers) <= {facts.measure(table)[0]}:
        value, unit = facts.quantity(table, fact["id"])
        return "—" if value is None else wording.quantity(value, unit, wording.natural_digits(value, 6))
    return ", ".join(
        f"{name.replace('_', ' ')} {wording.quantity(cell, 'count', wording.natural_digits(cell, 6))}"
        for name, cell in numbers.items()
    )


def _row(each, spans):
    escape = html.escape
    name = escape(wording.typographic(each.title))
    value = f"<strong>{escape(each.value)}</strong>" if each.base else escape(each.value)
    base = f' <span class="show-base">base {escape(each.base)}</span>' if each.base else ""
    told = escape(evidence.short_citation(each.source))
    cells = [("Value", value + base), *([("80% interval", escape(each.span))] if spans else [])]
    cells.append(
        (
            "Source",
            f'<a href="references.html#{reference_anchor(each.source)}">{told}</a> '
            f'<span class="grade">{each.grade}</span>',
        )
    )
    return (
        f'<tr role="row"><th scope="row" role="rowheader">{name} '
        f'<a class="show-name" href="inputs.html#{each.anchor}"><code>{_breakable(each.name)}</code></a></th>'
        + "".join(
            f'<td role="cell" data-label="{label}">{f"<div>{cell}</div>" if cell else ""}</td>' for label, cell in cells
        )
        + "</tr>"
    )


def _breakable(name):
    """Write an identifier that may break after its dots and underscores."""
    return name.replace("_", "_<wbr>").replace(".", ".<wbr>")
