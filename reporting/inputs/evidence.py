"""What stands behind a number: its source, its grade, and which inputs a calculation read."""

import contextlib
import contextvars
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache, wraps

from analysis.errors import InputError
from reporting import DATA

#: Evidence grades, strongest first.
GRADES = ("primary", "secondary", "derived", "judgement")

BIBLIOGRAPHY = DATA / "references.bib"

#: What names the maker of a document without an author; BibTeX prints the last of a ``@misc``.
PUBLISHERS = ("publisher", "institution", "howpublished")

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def weakest(grades):
    """Return the weakest of some evidence grades.

    Parameters
    ----------
    grades : iterable of str
        Members of `GRADES`; at least one.
    """
    return max(grades, key=GRADES.index)


@cache
def bibliography():
    """Return the bibliography as a mapping from key to `pybtex.database.Entry`.

    Raises
    ------
    InputError
        If ``data/references.bib`` does not parse, or repeats a key.
    """
    from pybtex.database import parse_string
    from pybtex.exceptions import PybtexError

    try:
        return dict(parse_string(BIBLIOGRAPHY.read_text("utf-8"), "bibtex").entries)
    except PybtexError as error:
        raise InputError(f"data/references.bib: {error}") from error


def short_citation(key):
    """Return who and when for a source, e.g. ``"DeepSeek-AI 2024"``; no two sources have the same.

    Those of one maker and year are told apart by a letter, ``"DeepSeek-AI 2024a"``: by date, then by title.
    """
    return _short_citations()[key]


@cache
def _short_citations():
    alike = defaultdict(list)
    for key, entry in bibliography().items():
        alike[f"{_maker(entry)} {entry.fields.get('year', 'n.d.')}"].append(key)
    short = {}
    for name, keys in alike.items():
        mark = "-" if name.endswith(".") else ""
        for number, key in enumerate(sorted(keys, key=_date_and_title)):
            short[key] = name if len(keys) == 1 else f"{name}{mark}{chr(ord('a') + number)}"
    return short


def _maker(entry):
    from pybtex.richtext import Text

    people = entry.persons.get("author", [])
    names = [str(Text.from_latex(" ".join(p.prelast_names + p.last_names))) for p in people]
    if not names:
        return str(Text.from_latex(next(entry.fields[name] for name in PUBLISHERS if name in entry.fields)))
    if len(names) == 2 and names[1] != "others":
        return f"{names[0]} and {names[1]}"
    return names[0] if len(names) == 1 else f"{names[0]} et al."


def _date_and_title(key):
    fields = bibliography()[key].fields
    month = fields.get("month", "")[:3].lower()
    return MONTHS.index(month) if month else -1, int(fields.get("day", 0)), fields["title"], key


@dataclass
class Inputs:
    """The assumptions and facts that a calculation read.

    Attributes
    ----------
    assumptions : dict of str to float
        Assumption id to the value it had.
    ranges : dict of str to list of float
        Assumption id to its 80% interval, where a range was computed from it.
    facts : dict of str to object
        ``table:id`` to the fact as it was read.
    """

    assumptions: dict = field(default_factory=dict)
    facts: dict = field(default_factory=dict)
    ranges: dict = field(default_factory=dict)


_recorders = contextvars.ContextVar("recorders", default=())


@contextlib.contextmanager
def recording():
    """Collect every assumption and fact that is read inside the block."""
    inputs = Inputs()
    token = _recorders.set((*_recorders.get(), inputs))
    try:
        yield inputs
    finally:
        _recorders.reset(token)


def note_assumption(identifier, value):
    for inputs in _recorders.get():
        inputs.assumptions[identifier] = value


def note_fact(table, identifier, value):
    for inputs in _recorders.get():
        inputs.facts[f"{table}:{identifier}"] = value


def note_inputs(used):
    """Pass on inputs that were read earlier, when their result comes from a cache."""
    for inputs in _recorders.get():
        inputs.assumptions.update(used.assumptions)
        inputs.facts.update(used.facts)
        inputs.ranges.update(used.ranges)


def remembered(function):
    """Cache a function without losing what stands behind its values.

    A cached function that reads facts would note them at its first call alone. This one notes, at every call, what
    the first call with the same arguments read.

    Parameters
    ----------
    function : callable
        Of hashable arguments.
    """

    @cache
    def first(*arguments):
        with recording() as inputs:
            return function(*arguments), inputs

    @wraps(function)
    def again(*arguments):
        found, inputs = first(*arguments)
        note_inputs(inputs)
        return found

    again.cache_clear = first.cache_clear
    return again
