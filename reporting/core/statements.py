"""Words that a number makes true, and the small language in which they say when they are.

A predicate is an expression over results (``cost.v3_run_usd``), assumptions (``assume.gpu_hour_usd``) and
facts (``fact.v3_gpu_count``, or ``TABLE.ID`` for a table other than ``facts``): arithmetic, comparisons, ``and``,
``or``, ``not``, and

``within(a, low, high)``
    low <= a <= high
``low(key)``, ``high(key)``
    the ends of a result's 80% range
``contains(key, x)``
    the 80% range of a result holds x
``part.C12a``
    the word on a part of a claim, to be compared with a text: ``part.C12a == "misleading"``

Statements, and the rules of ``data/claims/``, are written in it. So are the guards of single sentences. A guard
stands behind the full stop of the sentence that it is about, in prose as a role, in the texts of figures and the
reasons of claims in braces; it writes nothing where its predicate is true, and `UNTRUE` where it is false:

    An H20 is cheaper. {holds}`export.h20_hour_ratio < 1` So the bill rises less.
    An H20 is cheaper. {holds: export.h20_hour_ratio < 1} So the bill rises less.
"""

import ast
import functools
import operator
import re
from dataclasses import dataclass

import numpy as np

from analysis.errors import InputError, unknown
from reporting.core import results, wording
from reporting.inputs import assumptions, facts

_BINARY = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
_COMPARE = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_CALLS = {"within": 3, "contains": 2, "low": 1, "high": 1}
#: What is said where a statement or a sentence is false under the assumptions in force.
UNTRUE = "Not true under these assumptions."
_GUARD = re.compile(r"\s*\{holds(?:\}`([^`]+)`|:([^{}]+)\})")
_SENTENCE_END = re.compile(r"(?<=[.?!])[*”\")]*\s+(?=[\[*“\"(]*(?:[A-Z{]|o\d))|\n\s*\n|\n(?=\||\s*- )")
_PLACEHOLDER = re.compile(r"\{([a-z_]+\.[a-z0-9_]+)(?:\|([a-z]*)(\d*))?\}")


def holds(predicate, report):
    """Say whether a predicate is true under a report.

    Parameters
    ----------
    predicate : str
        See the module's docstring.
    report : reporting.core.report.Report

    Raises
    ------
    InputError
        If the predicate is not in the language, or names something that does not exist.
    """
    return bool(_evaluate(_parse(predicate), report, predicate))


def holds_each(predicate, draws):
    """Say in which of many draws a predicate is true.

    Parameters
    ----------
    predicate : str
    draws : reporting.core.robustness.Draws

    Returns
    -------
    numpy.ndarray
        Booleans of shape (draws.size,).
    """
    true = np.asarray(_evaluate(_parse(predicate), draws, predicate), dtype=bool)
    return np.broadcast_to(true, (draws.size,))


def names(predicate):
    """Return the dotted names in a predicate, sorted."""
    tree = _parse(predicate)
    return sorted({_dotted(node, predicate) for node in ast.walk(tree) if isinstance(node, ast.Attribute)})


def _parse(predicate):
    try:
        return ast.parse(str(predicate).strip(), mode="eval").body
    except SyntaxError as error:
        raise InputError(f"predicate '{predicate}': {error.msg}") from None


def _dotted(node, predicate):
    if not isinstance(node.value, ast.Name):
        raise InputError(f"predicate '{predicate}': a name has one dot, such as cost.v3_run_usd")
    return f"{node.value.id}.{node.attr}"


def lookup(name, report):
    """Return ``(value, unit, digits)`` of a result, of ``assume.ID``, ``fact.ID``, ``TABLE.ID`` or ``part.ID``.

    The value of a part is its word. Under many draws the value may be an array. ``digits`` is None for a number that is
    written as it stands.
    """
    space, _, identifier = name.partition(".")
    table = "facts" if space == "fact" else space
    if table in facts.schemas():
        return *facts.quantity(table, identifier), None
    if space == "part":
        return _claims().verdict(identifier, report), "", None
    if space == "assume":
        if identifier not in report.values:
            raise unknown("assumption", identifier, report.values, "data/assumptions.yml")
        value = getattr(assumptions.Values(report.values), identifier)
        return value, assumptions.register()[identifier].unit, None
    declared = results.find(name)
    return report.value(name), declared.unit, declared.digits


def _claims():
    from reporting.core import claims  # their rules are written in this language

    return claims


def _evaluate(node, report, predicate):
    def value(child):
        return _evaluate(child, report, predicate)

    match node:
        case ast.Constant(value=bool() | int() | float() as constant):
            return constant
        case ast.Constant(value=str() as word) if word in _claims().VERDICTS:
            return word
        case ast.Attribute():
            return lookup(_dotted(node, predicate), report)[0]
        case ast.BinOp(left, op, right) if type(op) in _BINARY:
            return _BINARY[type(op)](value(left), value(right))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -value(operand)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return np.logical_not(value(operand))
        case ast.BoolOp(op=ast.And(), values=parts):
            return functools.reduce(np.logical_and, [value(part) for part in parts])
        case ast.BoolOp(op=ast.Or(), values=parts):
            return functools.reduce(np.logical_or, [value(part) for part in parts])
        case ast.Compare(left, ops, rest) if all(type(op) in _COMPARE for op in ops):
            sides = [value(side) for side in (left, *rest)]
            pairs = zip(ops, sides, sides[1:], strict=False)
            return functools.reduce(np.logical_and, [_COMPARE[type(op)](a, b) for op, a, b in pairs])
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if _CALLS.get(name) == len(args):
            if name == "within":
                x, low, high = (value(arg) for arg in args)
                return np.logical_and(low <= x, x <= high)
            if not isinstance(args[0], ast.Attribute):
                raise InputError(f"predicate '{predicate}': {name}() takes the key of a result")
            low, high = report.interval(_dotted(args[0], predicate))
            if name == "contains":
                x = value(args[1])
                return np.logical_and(low <= x, x <= high)
            return {"low": low, "high": high}[name]
    raise InputError(f"predicate '{predicate}': '{ast.unparse(node)}' is not allowed here")


def fill(text, report):
    """Replace ``{cost.v3_run_usd}`` by the number in words: ``|range`` gives the 80% range, ``|n`` leaves the unit out,
    and a digit count may follow (``|4``, ``|range3``). A guard ``{holds: …}`` becomes a mark, or nothing.

    Apostrophes become typographic. A range is that of a result, or the stated interval of an assumption
    (``{assume.pue|range}``).
    """

    def number(match):
        name, style, digits = match[1], match[2] or "", int(match[3] or 0)
        if style == "range":
            if not name.startswith("assume."):
                return report.text(name, "range", digits or None)
            lookup(name, report)
            entry = report.register[name.removeprefix("assume.")]
            if entry.low == entry.high:
                return wording.quantity(entry.value, entry.unit, wording.natural_digits(entry.value))
            return wording.stated_span(entry.low, entry.high, entry.unit)
        if style not in ("", "n"):
            raise InputError(f"'{match[0]}': the style '{style}' is not known; use 'range', 'n' or a digit count")
        value, unit, own_digits = lookup(name, report)
        digits = digits or own_digits or wording.natural_digits(value)
        return wording.quantity(value, "count" if style == "n" else unit, digits)

    marked = _GUARD.sub(lambda match: "" if holds(match[1] or match[2], report) else f" ({UNTRUE})", text)
    return wording.typographic(_PLACEHOLDER.sub(number, marked))


def sentences(text):
    """Split a text into its sentences, each with the predicate that guards it.

    Parameters
    ----------
    text : str
        Markdown with roles, or a text with placeholders.

    Returns
    -------
    list of (str, str or None)
    """
    found, place = [], 0
    for guard in [*_GUARD.finditer(text), None]:
        part = text[place : guard.start() if guard else None]
        some = [[sentence.strip(), None] for sentence in _split(part) if sentence.strip()]
        if guard:
            predicate = (guard[1] or guard[2]).strip()
            if not some:
                raise InputError(f"the guard '{predicate}' stands behind no sentence")
            some[-1][1] = predicate
            place = guard.end()
        found += some
    return [tuple(one) for one in found]


def _split(text):
    """Cut a text behind each full stop, with the quotation marks and asterisks that close there."""
    start = 0
    for end in _SENTENCE_END.finditer(text):
        yield text[start : end.end()]
        start = end.end()
    yield text[start:]


@dataclass(frozen=True)
class Statement:
    """A sentence with the predicate that makes it true.

    Attributes
    ----------
    text : str
        May hold placeholders; see `fill`.
    holds : str
        A predicate.
    """

    text: str
    holds: str

    def words(self, report):
        """Return the sentence with its numbers."""
        return fill(self.text, report)

    def true(self, report):
        """Say whether it is true under a report."""
        return holds(self.holds, report)
