"""The names in a text of the report (numbers, sources, claims, figures, tables, predicates) that nothing has."""

import re

from analysis.errors import InputError, unknown
from reporting.core import claims, results, statements
from reporting.drawing import figures
from reporting.inputs import assumptions, evidence, facts


def _number(name):
    space, _, identifier = name.rpartition(".")
    if space == "assume":
        if identifier not in assumptions.register():
            raise unknown("assumption", identifier, assumptions.register())
    elif space == "part":
        claims.part(identifier)
    elif space == "fact" or space in facts.schemas():
        facts.quantity("facts" if space == "fact" else space, identifier)
    else:
        results.find(name)


def _source(key):
    if key not in evidence.bibliography():
        raise unknown("source", key, evidence.bibliography())


def _table(name):
    if name not in facts.schemas():
        raise unknown("table", name, facts.schemas())


def _predicate(text):
    for name in statements.names(text):
        _number(name)


_NAMES = {
    "res": _number,
    "assume": lambda name: _number(f"assume.{name}"),
    "fact": lambda name: _number(name if "." in name else f"fact.{name}"),
    "claim": claims.claim_of,
    "verdict": claims.find,
    "publish": figures.find,
    "facts": _table,
    "holds": _predicate,
}
_USED = re.compile(
    r"\{(?P<role>res|assume|fact|claim|holds)\}`(?P<named>[^`]+)`"
    r"|^```\{(?P<directive>verdict|publish|facts)\} *(?P<argument>\S+)"
    r"|\{cite(?::\w+)?\}`(?P<sources>[^`]+)`"
    r"|^:(?P<option>holds): *(?P<predicate>.+)$",
    re.MULTILINE,
)
_STYLE = re.compile(r"(?:n|range)?\d*")


def unknown_names(markdown):
    """Return what is wrong with the names in some Markdown: numbers, sources, claims, figures, tables, predicates."""
    found = []
    for used in _USED.finditer(markdown):
        for kind, text in _asked(used):
            text = text.replace("\\|", "|")  # as it stands in a table
            name, _, style = text.partition("|")
            try:
                _NAMES.get(kind, _source)(name)
                if not _STYLE.fullmatch(style):
                    raise InputError(f"the style '{style}' is not known")
            except InputError as error:
                found.append(f"{used[0].strip()}: {error}")
    return found


def unknown_placeholders(text):
    """Return what is wrong with the placeholders in a text of a figure or a claim."""
    text = re.sub(r"\{holds: ([^}]+)\}", r"{holds}`\1`", text)
    return unknown_names(re.sub(r"\{([a-z_]+\.[a-z0-9_]+(?:\|\w+)?)\}", _as_role, text))


def _as_role(match):
    space, _, rest = match[1].partition(".")
    table = space == "fact" or space in facts.schemas()
    role = "assume" if space == "assume" else "fact" if table else "res"
    return f"{{{role}}}`{rest if space in ('fact', 'assume') else match[1]}`"


def _asked(used):
    if used["sources"]:
        return [("cite", key.strip()) for key in used["sources"].split(",")]
    if used["option"]:
        return [("holds", used["predicate"].replace("|", " "))]
    return [(used["role"] or used["directive"], used["named"] or used["argument"])]
