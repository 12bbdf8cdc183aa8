"""What a text of the report may not hold: a number that nothing accounts for, a name that nothing has."""

import re

from analysis import assumptions, claims, evidence, facts, figures, results, statements
from analysis.errors import InputError, unknown

_BARE = re.compile(
    r"(?:US)?\$\s?\d[\d.,]*"
    r"|\d[\d.,]*\s?(?:%|per cent\b|percent\b)"
    r"|\d[\d.,]*\s?(?:×|x\b|-fold\b|times\b)"
    r"|\d[\d.,]*\s?(?:thousand|million|billion|trillion)\b"
)
_NOT_PROSE = re.compile(
    r"```(?!\{)[\s\S]*?```"  # code
    r"|\$\$[\s\S]*?\$\$"  # formulas
    r"|^:(?:holds|class):.*$"  # options of a directive
    r"|`[^`\n]*`"  # inline code, and what roles are given
    r"|https?://\S+"
    r"|“[^”]*”"  # quoted words are somebody else's
    r"|\b80% (?:range|interval)s?",  # a term, not a number of ours
    re.MULTILINE,
)


def bare_numbers(markdown):
    """Return the sentences of some Markdown that hold a bare number and cite nothing."""
    cited = re.sub(r"\{cite(?::\w+)?\}`[^`]+`", " CITED ", markdown)
    text = _NOT_PROSE.sub(" ", cited)
    sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z\"“*(])|\n\s*\n|\n(?=\||-\s)", text)
    return [s.strip() for s in sentences if _BARE.search(s) and "CITED" not in s]


def _number(name):
    space, _, identifier = name.rpartition(".")
    if space == "assume":
        if identifier not in assumptions.register():
            raise unknown("assumption", identifier, assumptions.register())
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
    "claim": claims.find,
    "verdict": claims.find,
    "publish": figures.find,
    "facts": _table,
    "holds": _predicate,
}
_USED = re.compile(
    r"\{(?P<role>res|assume|fact|claim)\}`(?P<named>[^`]+)`"
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
    """Return what is wrong with the placeholders in a text of a figure or a claim (`analysis.statements.fill`)."""
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
