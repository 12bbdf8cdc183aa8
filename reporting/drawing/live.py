"""From a closed result to an expression that a slider in a static page can evaluate.

A result is called with symbols instead of numbers. They record the arithmetic, which is then printed in Vega's
expression language, each shared part once. What cannot be recorded faithfully is refused: a symbol has no truth value
and no float, and a function that is not listed here raises.
"""

import collections
import re

import numpy as np

from reporting.core import results
from reporting.inputs import assumptions, evidence

_UFUNCS = {
    np.add: "({} + {})",
    np.subtract: "({} - {})",
    np.multiply: "({} * {})",
    np.true_divide: "({} / {})",
    np.power: "pow({}, {})",
    np.negative: "(-{})",
    np.positive: "{}",
    np.absolute: "abs({})",
    np.sqrt: "sqrt({})",
    np.exp: "exp({})",
    np.log: "log({})",
    np.log10: "(log({}) / LN10)",
    np.minimum: "min({}, {})",
    np.maximum: "max({}, {})",
    np.less: "({} < {})",
    np.less_equal: "({} <= {})",
    np.greater: "({} > {})",
    np.greater_equal: "({} >= {})",
    np.equal: "({} == {})",
    np.not_equal: "({} != {})",
    np.logical_and: "({} && {})",
    np.logical_or: "({} || {})",
}


class TracingError(TypeError):
    """A calculation did something that a page could not repeat."""


class Symbol(np.lib.mixins.NDArrayOperatorsMixin):
    """A number that is not known yet: an input, or an operation on other symbols and numbers.

    Parameters
    ----------
    template : str
        The operation in Vega's language, with ``{}`` for each operand; an input's name if there are none.
    operands : tuple of Symbol or float
    """

    def __init__(self, template, operands=()):
        self.template, self.operands = template, operands

    def __array_ufunc__(self, ufunc, method, *operands, **options):
        if method != "__call__" or options or ufunc not in _UFUNCS:
            raise TracingError(f"numpy.{ufunc.__name__} cannot be shown live")
        return Symbol(_UFUNCS[ufunc], tuple(_operand(operand) for operand in operands))

    def __array_function__(self, function, types, positional, keywords):
        if function is np.where and len(positional) == 3 and not keywords:
            return Symbol("({} ? {} : {})", tuple(_operand(operand) for operand in positional))
        raise TracingError(f"numpy.{function.__name__} cannot be shown live")

    def __bool__(self):
        raise TracingError("the calculation branches on an assumption; use numpy.where")

    def _no_number(self, *_):
        raise TracingError("the calculation turns an assumption into a plain number")

    __float__ = __int__ = __index__ = __complex__ = __round__ = __len__ = __iter__ = __getitem__ = _no_number
    __hash__ = object.__hash__


def _operand(value):
    if isinstance(value, Symbol):
        return value
    if isinstance(value, (bool, np.bool_)) or np.ndim(value) or not np.isfinite(value):
        raise TracingError(f"{value!r} cannot stand in a live calculation")
    return float(value)


def trace(key):
    """Call a closed result with symbols.

    Parameters
    ----------
    key : str

    Returns
    -------
    Symbol or float
        A float if the result reads no assumption.

    Raises
    ------
    TracingError
        If the result is not closed, or does something that cannot be repeated in a page.
    """
    declared = results.find(key)
    if declared.kind != "closed":
        raise TracingError(f"result {key} is {declared.kind}, not closed: it cannot be shown live")
    symbols = {identifier: Symbol(identifier) for identifier in assumptions.register()}
    return _operand(declared.function(assumptions.Values(symbols)))


def expressions(keys):
    """Print results as steps that a Vega page evaluates in order.

    Parameters
    ----------
    keys : sequence of str
        Closed results.

    Returns
    -------
    list of (str, str)
        Name and expression of each step. A step may use assumptions by id and the steps before it; the result
        ``cost.v3_run_usd`` is the step `step_name` gives.
    """
    known, uses = {}, collections.Counter()

    def canonical(node):
        """Return one and the same node for every node that means the same, counting who uses it."""
        if not isinstance(node, Symbol):
            return node
        operands = tuple(canonical(operand) for operand in node.operands)
        identity = (node.template, *(id(part) if isinstance(part, Symbol) else part for part in operands))
        if identity not in known:
            known[identity] = Symbol(node.template, operands)
            uses.update(id(part) for part in operands)
        return known[identity]

    roots = {key: canonical(trace(key)) for key in keys}
    uses.update(id(root) for root in roots.values())
    steps, names = [], {}

    def written(node):
        if not isinstance(node, Symbol):
            return repr(node)
        if not node.operands:
            return node.template
        if id(node) in names:
            return names[id(node)]
        text = node.template.format(*(written(operand) for operand in node.operands))
        if uses[id(node)] > 1:
            names[id(node)] = f"shared_{len(names)}"
            steps.append((names[id(node)], text))
            return names[id(node)]
        return text

    for key, root in roots.items():
        steps.append((step_name(key), written(root)))
    return steps


def step_name(key):
    """Return the name under which `expressions` gives a result."""
    return "result_" + key.replace(".", "_")


def sliders(identifiers, values):
    """Return Altair parameters that let a reader move assumptions.

    Parameters
    ----------
    identifiers : sequence of str
    values : mapping of str to float
        Where each slider stands at first.

    Returns
    -------
    list of altair.Parameter
        A slider runs from half of ``low`` to twice ``high``, within what is allowed, in steps of the value's second
        digit.
    """
    import altair as alt

    controls = []
    for identifier in identifiers:
        entry, value = assumptions.register()[identifier], values[identifier]
        step = float(10.0 ** (np.floor(np.log10(entry.value)) - 1))
        first = np.ceil(round(max(entry.min, entry.low / 2) / step, 6)) * step
        last = np.floor(round(min(entry.max, entry.high * 2) / step, 6)) * step
        bind = alt.binding_range(
            min=float(min(first, value)), max=float(max(last, value)), step=step, name=f"{entry.title} ({entry.unit})"
        )
        controls.append(alt.param(name=identifier, value=value, bind=bind))
    return controls


def parameters(keys, moved, values):
    """Return every Altair parameter of a live figure: sliders, the assumptions left alone, and the steps.

    Parameters
    ----------
    keys : sequence of str
        Closed results the figure shows.
    moved : sequence of str
        Assumptions with a slider.
    values : mapping of str to float
        Assumption values at first.
    """
    import altair as alt

    steps = expressions(keys)
    words = set(re.findall(r"[a-z_0-9]+", " ".join(expression for _, expression in steps)))
    rest = [alt.param(name=name, value=value) for name, value in values.items() if name in words - set(moved)]
    return [*sliders(moved, values), *rest, *(alt.param(name=name, expr=text) for name, text in steps)]


def rows(keys, moved, report, also=()):
    """Return what makes a chart of named rows live.

    Parameters
    ----------
    keys : mapping of str to str
        What ``datum.name`` is in a row, to the closed result it shows.
    moved : sequence of str
        Assumptions with a slider.
    report : reporting.core.report.Report
        Where the sliders stand at first.
    also : sequence of str
        Further closed results that the chart uses, by `step_name`.

    Returns
    -------
    (str, list of altair.Parameter)
        The expression that gives a row its number, and the parameters it needs.
    """
    used = [*keys.values(), *also]
    for key in used:
        evidence.note_inputs(report.inputs(key))  # the chart shows it without asking for its value
    values = {name: report.assumption(name) for key in used for name in report.inputs(key).assumptions}
    number = " : ".join(f"datum.name === {name!r} ? {step_name(key)}" for name, key in keys.items()) + " : 0"
    return number, parameters(used, moved, values)
