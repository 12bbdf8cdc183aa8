"""What counts as a bare number in prose: a dollar amount, a percentage or a multiple that nothing accounts for."""

import re

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
