"""The state of the work between two releases: a small digest of all that the report says, checked at every change.

``archive/state.txt`` has a line for each result, figure, part of a claim, chapter and input. A change that moves a
number, a drawing or a word that the report computes moves a line, so nobody moves one unawares, and a diff of the file
says what a change moved. `write` brings it up to date.
"""

from reporting.core import claims, results, scenarios, statements, wording
from reporting.core.report import Report, digest
from reporting.drawing import figures
from reporting.inputs import assumptions, facts
from reporting.publishing import archive, book, citing

FILE = archive.FOLDER / "state.txt"
#: What an input says besides itself: why, and when it was looked up.
_BESIDE = {"note", "reason", "accessed"}
_HEAD = f"# What the report says, in short. `python -m analysis state --write` brings it up to date; see {__name__}.\n"


def lines(report=None, prefix=""):
    """Return the digest of the report as it is.

    Parameters
    ----------
    report : reporting.core.report.Report, optional
    prefix : str, optional
        Of a chapter, such as ``"cost"``; all if empty.

    Returns
    -------
    dict of str to str
        Of a result: its fingerprint; its words; and, where it is cheap to compute, its range. Of a figure: its
        fingerprint and its words. Of a part of a claim: its answers, its words and its rules. Of a notebook: its code
        and its stored outputs. Of all chapters also: the tables of facts, the assumptions, the scenarios.
    """
    report = report or Report()
    told = {}
    for key, declared in results.registry().items():
        if key.startswith(prefix):
            words = [declared.title, declared.unit, declared.kind, declared.digits]
            told[key] = f"{citing.result_fingerprint(key, report)} words {digest(words)}"
            if declared.kind == "closed" and report.moved(key):
                told[key] += f" range {digest(wording.rounded(list(report.interval(key))))}"
    for key in figures.registry():
        if key.startswith(f"fig-{prefix}"):
            drawn = figures.publish(key, report)
            rule = figures.find(key).title.holds
            words = [drawn.title, rule, drawn.true, drawn.subtitle, drawn.caption, drawn.alt, drawn.unit]
            told[key] = f"{drawn.fingerprint} words {digest(words)}"
    for identifier, (name, part) in claims.parts().items():
        claim = claims.find(name)
        if claim.chapter.startswith(results.CHAPTERS.get(prefix, "")):
            told[identifier] = _verdicts(claim, part, report)
    for path in book.notebooks():
        if path.stem.startswith(results.CHAPTERS.get(prefix, "")):
            told[path.name] = _notebook(path)
    if not prefix:
        told |= _inputs()
    return dict(sorted(told.items()))


def _inputs():
    """Return digests of what the report starts from, also of what only the text states."""
    told = {}
    for table in facts.schemas():
        rows = [{name: cell for name, cell in row.items() if name not in _BESIDE} for row in facts.rows(table)]
        told[f"data/{table}.csv"] = digest(rows)
    for name, config in facts.model_configs().items():
        told[f"data/model_configs/{name}.json"] = digest(config["config"])
    for name, entry in assumptions.register().items():
        told[f"assume.{name}"] = digest(entry.model_dump(exclude=_BESIDE))
    told["data/correlations.yml"] = digest([each.model_dump(exclude=_BESIDE) for each in assumptions.correlations()])
    for name in scenarios.shipped():
        told[f"scenarios/{name}.yml"] = scenarios.report_of(name).stamp
    return told


def _verdicts(claim, part, report):
    told = []
    for name in ("then", "now"):
        if getattr(part, name):
            found = claims.judge(part, report, name)
            told.append(f"{name} {found.verdict} ({found.so}, {found.bears})")
    words = claim.model_dump(exclude={"parts"}), part.model_dump(mode="json", exclude={"limits"})
    rules = {
        name: [claims.predicate(rule, part, side) for rule in getattr(part, name).rules()]
        for name in ("then", "now")
        if getattr(part, name)
        for side in ("value", "stricter", "looser")
    }
    filled = [statements.fill(each, report) for each in _texts(words)]
    return f"{', '.join(told)} words {digest(filled)} rules {digest(rules)}"


def _texts(content):
    """Yield every text in some nested mappings and lists, but for the rules."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for name, each in content.items():
            if name != "when":
                yield from _texts(each)
    elif isinstance(content, (list, tuple)):
        for each in content:
            yield from _texts(each)


def _notebook(path):
    """Return digests of a notebook's code and of its stored outputs, executed or not."""
    import nbformat

    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    outputs = [[cell.execution_count, cell.outputs] for cell in cells]
    return f"code {digest([cell.source for cell in cells])} outputs {digest(outputs)}"


def read():
    """Return the digest as it was written last; see `lines`."""
    rows = [line for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#")]
    return dict(row.split(": ", 1) for row in rows)


def write(told):
    """Write a digest."""
    partial = FILE.with_suffix(".part")
    partial.write_text(_HEAD + "".join(f"{name}: {line}\n" for name, line in told.items()), "utf-8")
    partial.replace(FILE)


def differences(before, after):
    """Return what differs between two digests, a line each."""
    found = []
    for name in {**before, **after}:
        was, now = before.get(name), after.get(name)
        if was != now:
            found.append(f"{name}: {was or 'new'} → {now or 'gone'}")
    return found
