"""What one scenario changes against another: results, verdicts, figures, statements; as data and for people."""

import re
from dataclasses import asdict, dataclass

from reporting.core import claims, results, statements, wording
from reporting.core.scenarios import BASE
from reporting.drawing import figures
from reporting.publishing import book, markdown


@dataclass(frozen=True)
class Moved:
    """A result whose value or range is another under the second report."""

    key: str
    title: str
    unit: str
    digits: int
    before: float
    after: float
    before_range: tuple[float, float]
    after_range: tuple[float, float]

    @property
    def change(self):
        """The relative change of the value, None from nothing."""
        return self.after / self.before - 1 if self.before else None


@dataclass(frozen=True)
class Flipped:
    """A part of a claim whose word is another under the second report; `when` is ``"now"`` or ``"January 2025"``."""

    part: str
    chapter: str
    text: str
    when: str
    before: str
    after: str


@dataclass(frozen=True)
class Redrawn:
    """A figure that the second report draws from other data or inputs."""

    key: str
    title: str
    before: str
    after: str


@dataclass(frozen=True)
class Turned:
    """A title, an answer, a finding or a guarded sentence that is true under only one of the two reports.

    `true` says whether it is under the second.
    """

    kind: str
    where: str
    text: str
    true: bool


@dataclass(frozen=True)
class Difference:
    """What is different in the second of two reports.

    Attributes
    ----------
    before, after : str
        Names of the two scenarios with their fingerprints.
    results : list of Moved
    verdicts : list of Flipped
    figures : list of Redrawn
    statements : list of Turned
    """

    before: str
    after: str
    results: list
    verdicts: list
    figures: list
    statements: list

    def as_dict(self):
        """Return it as JSON-serialisable data."""
        content = asdict(self)
        for moved, row in zip(self.results, content["results"], strict=True):
            del row["digits"]
            row["change"] = moved.change
        return content


def compare(before, after):
    """Return the `Difference` between two reports."""
    touched = {identifier for identifier, entry in before.register.items() if entry != after.register[identifier]}
    return Difference(
        _name(before),
        _name(after),
        moved_results(before, after, touched),
        flipped_verdicts(before, after),
        _redrawn(before, after, touched),
        turned_statements(before, after),
    )


def _name(report):
    return report.stamp or BASE


def moved_results(before, after, touched):
    """Return a `Moved` for every result that the touched assumptions move, its range included."""
    moved = []
    for key, declared in results.registry().items():
        if not touched & (before.inputs(key).assumptions.keys() | after.inputs(key).assumptions.keys()):
            continue
        numbers = before.value(key), after.value(key)
        ranges = before.interval(key), after.interval(key)
        if numbers[0] != numbers[1] or ranges[0] != ranges[1]:
            moved.append(Moved(key, declared.title, declared.unit, declared.digits, *numbers, *ranges))
    return moved


def flipped_verdicts(before, after):
    """Return a `Flipped` for every word, today's and January 2025's, that the two reports do not share."""
    flipped = []
    for identifier, (claim, part) in claims.parts().items():
        chapter = claims.find(claim).chapter
        for when, name in (("now", "now"), ("January 2025", "then")):
            if getattr(part, name) is None:
                continue
            verdicts = [claims.verdict(identifier, report, name) for report in (before, after)]
            if verdicts[0] != verdicts[1]:
                flipped.append(Flipped(identifier, chapter, part.text, when, *verdicts))
    return flipped


def _redrawn(before, after, touched):
    from altair.utils.schemapi import debug_mode

    redrawn = []
    if not touched:
        return redrawn
    with debug_mode(False):  # no checks against the schema, half of the time: the chapters' own drawing has them
        for key in figures.registry():
            first = figures.publish(key, before)
            if not touched & first.inputs.assumptions.keys():
                continue
            second = figures.publish(key, after)
            if first.fingerprint != second.fingerprint:
                redrawn.append(Redrawn(key, second.title, first.fingerprint, second.fingerprint))
    return redrawn


def turned_statements(before, after):
    """Return a `Turned` for every statement of the book that is true under only one of the two reports."""
    turned = []
    for kind, where, statement in book_statements():
        was, is_now = statement.true(before), statement.true(after)
        if was != is_now:
            turned.append(Turned(kind, where, _first_sentence(statement.words(after)), is_now))
    return turned


_STATEMENT = re.compile(r"^:::\{statement\}\n((?::\w+:[^\n]*\n)+)(.*?)^:::", re.MULTILINE | re.DOTALL)
_ROLE = re.compile(r"\{(res|assume|fact)\}`([^`|]+)(\|[^`]*)?`")


def book_statements():
    """Return every statement of the book as ``(kind, where, Statement)``.

    Titles, answers, findings, and the sentences that carry a guard (`reporting.core.statements`): in prose, in
    the texts of figures and in the reasons of claims.
    """
    found = [("title", key, figure.title) for key, figure in figures.registry().items()]
    for key, figure in figures.registry().items():
        found += _guarded(key, figure.subtitle, figure.caption, figure.alt)
    for path in book.pages():
        text = book.markdown(path)
        for options, body in _STATEMENT.findall(text):
            given = dict(re.findall(r"^:(\w+):\s*(.*)$", options, re.MULTILINE))
            statement = statements.Statement(plain(body), given["holds"])
            found.append((given.get("class", "finding"), f"book/{path.name}", statement))
        found += _guarded(f"book/{path.name}", text)
    for identifier, (_, part) in claims.parts().items():
        found += _guarded(identifier, *part.texts())
    return found


def _guarded(where, *texts):
    return [
        ("sentence", where, statements.Statement(plain(sentence), predicate))
        for text in texts
        for sentence, predicate in statements.sentences(text)
        if predicate
    ]


def plain(markdown):
    """Return Markdown as plain text whose numbers are placeholders (`reporting.core.statements.fill`)."""

    def placeholder(match):
        role, name, style = match[1], match[2], match[3] or ""
        space = {"assume": "assume.", "fact": "" if "." in name else "fact."}.get(role, "")
        return f"{{{space}{name}{style}}}"

    text = _ROLE.sub(placeholder, markdown)
    text = re.sub(r"\s*\{cite(?::\w+)?\}`[^`]*`", "", text)
    text = re.sub(r"\{claim\}`([^`]*)`", r"\1", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("*", "")
    return " ".join(text.split()).removeprefix("- ")


def _first_sentence(text):
    return re.split(r"(?<=[.?!])\s", text, maxsplit=1)[0]


def tables(difference):
    """Return a difference as ``(title, head, rows)`` of text for people: results, verdicts, figures, statements."""
    moved = [
        (each.key, each.title, *_before_and_after(each), "" if each.change is None else _percent(each.change))
        for each in difference.results
    ]
    flipped = [
        (each.part, each.text, each.before, each.after, "" if each.when == "now" else f"as of {each.when}")
        for each in difference.verdicts
    ]
    redrawn = [(each.key, each.title, f"@{each.before}", f"@{each.after}") for each in difference.figures]
    turned = {
        true: [(each.kind, each.where, each.text) for each in difference.statements if each.true is true]
        for true in (False, True)
    }
    names = difference.before, difference.after
    return [
        ("Results that moved", ("Result", "What it is", *names, "Change"), moved),
        ("Verdicts that flipped", ("Part", "What it says", *names, "Note"), flipped),
        ("Figures that changed", ("Figure", "Title", *names), redrawn),
        ("Statements no longer true", ("Kind", "Where", "Statement"), turned[False]),
        ("Statements true only now", ("Kind", "Where", "Statement"), turned[True]),
    ]


def _before_and_after(each):
    """Write both values; with their ranges where only those differ."""
    written = [wording.quantity(value, each.unit, each.digits) for value in (each.before, each.after)]
    if each.before == each.after:
        spans = (wording.span(*ends, each.unit) for ends in (each.before_range, each.after_range))
        written = [f"{value} ({span})" for value, span in zip(written, spans, strict=True)]
    return written


def _percent(change):
    if change == 0:
        return "range only"
    digits = 2 if abs(change) < 10 else 3
    return ("+" if change > 0 else "") + wording.quantity(change, "fraction", digits)


def as_text(difference):
    """Return a difference as aligned text."""
    lines = [f"{difference.before} → {difference.after}"]
    for title, head, rows in tables(difference):
        lines += ["", f"{title}: {len(rows) or 'none'}"]
        if rows:
            lines += _aligned(head, rows)
    return "\n".join(lines).replace(wording.NBSP, " ")


def _aligned(head, rows, widest=60):
    def cut(cell, last):
        most = 2 * widest if last else widest
        return cell if len(cell) <= most else cell[: most - 1] + "…"

    cells = [[*(cut(cell, False) for cell in row[:-1]), cut(row[-1], True)] for row in (head, *rows)]
    wide = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  " + "  ".join(f"{cell:<{w}}" for cell, w in zip(row, wide, strict=True)).rstrip() for row in cells]


def as_markdown(difference):
    """Return a difference as Markdown."""
    lines = [f"# {difference.before} → {difference.after}"]
    for title, head, rows in tables(difference):
        lines += ["", f"## {title}", ""]
        lines += markdown.table(head, rows) if rows else ["None."]
    return "\n".join(lines).replace(wording.NBSP, " ")
