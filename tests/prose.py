"""What prose must account for: bare numbers, and sentences that compare numbers and may hang on an assumption."""

import re

from reporting.core.results import CHAPTERS
from reporting.core.statements import sentences
from reporting.publishing.comparison import plain

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


# Sentences that compare, and what they rest on

_NAME = re.compile(r"\{([a-z_]+\.[a-z0-9_]+)(?:\|[a-z0-9]*)?\}")
_IN_WORDS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|sixteen|twenty|thirty|fifty|hundreds?|thousands?|"
    "millions?|billions?|half|halves|thirds?|quarters?|fifth|sixth|seventh|eighth|tenth|once|twice|double[sd]?|doubling|"
    "(?:two|three|four|five|six|seven|ten|several)fold|one (?:dollar|hour|day|year|point)"
)
#: A number: a placeholder, digits that are no year, no day and no name such as V3 or H100, or words.
_NUMBER = re.compile(
    rf"{_NAME.pattern}|(?<![\w.-])\$?(?!(?:19|20)\d\d\b)\d[\d,.]*(?![\w-])(?! (?:January|February|March|April|May|June|"
    rf"July|August|September|October|November|December)\b)|\b(?:{_IN_WORDS})\b",
    re.IGNORECASE,
)
_COMPARING = re.compile(
    r"\b(?:more|less|fewer|than|most|mostly|least|cheap\w*|dear(?:er|est)?|close(?:r|st)? to|near(?:ly|er|est)?|almost|"
    r"about as|half|twice|times|double[sd]?|above|below|under|beyond|within|only|enough|hardly|far|"
    r"fell|falls?|fallen|rose|rises?|risen|grew|shr[aiu]nks?|exceeds?|share|equals?|the same(?= *[.,;:]| as\b)|"
    r"level with|"
    r"higher|highest|lower|lowest|larger|largest|smaller|smallest|faster|fastest|slower|longer|shorter|better|worse|"
    r"fits?|wins?|loses?|saves?|gains?|cannot|never|always|nothing|as (?:fast|cheap|dear|large|long|small) as)\b",
    re.IGNORECASE,
)
#: What assumptions are about: a sentence that names it may hang on one without showing a number of ours.
_ASSUMED = re.compile(
    r"\b(?:rents?|rented|an hour|GPU-hour|owner|utilisation|engine|programme|imitator|seat|plans?|agent|elasticity|H20|"
    r"distilled|gaming cards?|verifier|at \w+ dollars?)\b"
)


def compares(sentence):
    """Say whether a sentence, its numbers as placeholders, has a number and a word that compares."""
    return bool(_NUMBER.search(sentence) and _COMPARING.search(sentence))


def passages(text):
    """Return the parts of a text that are read together: paragraphs, items of a list and rows of a table.

    Statements, which carry their own predicate, code and formulas are left out.
    """
    text = re.sub(r"^:::\{statement\}.*?^:::\s*$|^```[\s\S]*?^```|\$\$[\s\S]*?\$\$", "\n\n", text, flags=re.M | re.S)
    return [part for part in re.split(r"\n\s*\n|\n(?=\||\s*- )", text) if part.strip()]


def unguarded(passage, report):
    """Return the sentences of a passage that compare numbers, have no predicate, and may hang on an assumption.

    A sentence whose numbers are all facts or results without an assumption under them rests on facts alone. One with
    no computed number is somebody else's where it cites; it counts where its passage has a number that an assumption
    moves, or where it names what an assumption is about.
    """

    def moved(text):
        return any(
            name.startswith("assume.") or (name.partition(".")[0] in CHAPTERS and report.inputs(name).assumptions)
            for name in _NAME.findall(text)
        )

    around = moved(plain(passage))
    for raw, predicate in sentences(passage):
        sentence = plain(raw)
        if predicate or not compares(sentence):
            continue
        hangs = not _NAME.search(sentence) and "{cite" not in raw and (around or _ASSUMED.search(sentence))
        if moved(sentence) or hangs:
            yield sentence
