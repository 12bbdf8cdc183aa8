"""The archive of releases: what each drew and stated, and from which inputs, so that its fingerprints can be checked.

``archive/VERSION.json`` holds, for each figure and each result of a release, its fingerprint and the names of its
inputs, and once the inputs themselves. It is written by `record` and never changed after the release.
"""

import json
import re
from dataclasses import dataclass, field
from functools import cache

from analysis import ROOT, __version__, assumptions, citing, figures, results, scenarios, wording, yaml_file
from analysis.errors import InputError, unknown
from analysis.figures.theme import rounded
from analysis.report import Report, identity

FOLDER = ROOT / "archive"
#: Kinds of inputs, and what a change of one is called.
KINDS = {"assumptions": "assumption", "ranges": "range of assumption", "facts": "fact"}
#: Why results changed that no input changed: version to key, or prefix of keys, to words.
REASONS = FOLDER / "reasons.yml"


def snapshot(report):
    """Return what the archive says of a report: figures, results, and the inputs under them.

    Parameters
    ----------
    report : analysis.report.Report

    Returns
    -------
    dict
        JSON-serialisable.
    """
    used = {kind: {} for kind in KINDS}

    def entry(inputs, **said):
        for kind, items in identity(inputs).items():
            used[kind].update(items)
            said[kind] = sorted(items)
        return said

    drawn = {}
    for key in figures.registry():
        published = figures.publish(key, report)
        drawn[key] = entry(published.inputs, fingerprint=published.fingerprint, title=published.title)
    stated = {
        key: entry(
            report.inputs_with_ranges(key), fingerprint=citing.result_fingerprint(key, report), title=declared.title,
            unit=declared.unit, digits=declared.digits, value=rounded(report.value(key)),
        )
        for key, declared in results.registry().items()
    }  # fmt: skip
    return {
        "version": __version__,
        "released": citing.edition().released.isoformat(),
        "figures": drawn,
        "results": stated,
        **{kind: dict(sorted(items.items())) for kind, items in used.items()},
    }


def record():
    """Write this version's entry of the archive; return its path."""
    path = FOLDER / f"{__version__}.json"
    FOLDER.mkdir(exist_ok=True)
    partial = path.with_suffix(".part")
    partial.write_text(as_text(snapshot(Report())), "utf-8")
    partial.replace(path)
    _read.cache_clear()
    return path


def as_text(content):
    """Return a snapshot as JSON with one figure, result or input a line: small, and easy to compare."""
    sections = []
    for name, value in content.items():
        if isinstance(value, dict):
            rows = ",\n".join(f"{json.dumps(key)}:{_compact(row)}" for key, row in value.items())
            sections.append(f"{json.dumps(name)}:{{\n{rows}\n}}")
        else:
            sections.append(f"{json.dumps(name)}:{_compact(value)}")
    return "{" + ",\n".join(sections) + "}\n"


def _compact(content):
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def versions():
    """Return the versions in the archive, the oldest first."""
    return sorted((path.stem for path in FOLDER.glob("*.json")), key=_order)


def _order(version):
    return [int(part) for part in re.findall(r"\d+", version)]


def release(version):
    """Return the archive's entry of a version, as `snapshot` made it."""
    if version not in versions():
        raise unknown("version", version, versions(), "archive/")
    return _read(version)


@cache
def _read(version):
    return json.loads((FOLDER / f"{version}.json").read_text("utf-8"))


@dataclass(frozen=True)
class Change:
    """An input that differs.

    Attributes
    ----------
    name : str
        ``assumption ID``, ``fact TABLE:ID`` or, for one column of a fact, ``fact TABLE:ID, COLUMN``.
    before, after : str
        ``"not used"`` where it was not or is no longer an input.
    """

    name: str
    before: str
    after: str

    def words(self):
        """Return it as a line."""
        return f"{self.name}: {self.before} → {self.after}"


@dataclass(frozen=True)
class Finding:
    """What became of a fingerprint.

    Attributes
    ----------
    key, fingerprint : str
    version : str
        Of the release that gave the fingerprint; empty if none did.
    now : str
        The fingerprint of the report in force; empty if it no longer has the key.
    scenario : str
        The shipped scenario under which the fingerprint comes out; empty if it is that of the report in force.
    changes : list of Change
        The inputs that differ; empty if only the calculation does.
    """

    key: str
    fingerprint: str
    version: str
    now: str
    scenario: str = ""
    changes: list = field(default_factory=list)

    @property
    def reproduces(self):
        """Whether the figure or the number comes out the same today."""
        return self.fingerprint == self.now or bool(self.scenario)

    def words(self):
        """Return it as text, the changed inputs a line each."""
        name = f"{self.key}@{self.fingerprint}"
        if self.version:
            name += f" (version {self.version})"
        if self.scenario:
            return f"{name} reproduces exactly, under the scenario {self.scenario}."
        if self.reproduces:
            return f"{name} reproduces exactly."
        if not self.now:
            return f"{name} was withdrawn: this version does not have {self.key}."
        if not self.changes:
            return f"{name} has changed: it is now @{self.now}. Its inputs are the same; the calculation changed."
        lines = [f"{name} has changed: it is now @{self.now}, because these inputs changed:"]
        return "\n".join([*lines, *(f"  {change.words()}" for change in self.changes)])

    def as_dict(self):
        """Return it as JSON-serialisable data."""
        return self.__dict__ | {
            "reproduces": self.reproduces,
            "changes": [change.__dict__ for change in self.changes],
        }


def verify(name, report):
    """Say what became of a figure or a number that somebody cited.

    Parameters
    ----------
    name : str
        Such as ``"fig-cost-scopes@d3e691"``.
    report : analysis.report.Report
        The report in force.

    Returns
    -------
    Finding

    Raises
    ------
    InputError
        If the name is malformed, no release has the key, or no release has the fingerprint.
    """
    key, at, fingerprint = name.partition("@")
    if not at or not re.fullmatch(r"[0-9a-f]{6}", fingerprint):
        raise InputError(f"'{name}': write KEY@FINGERPRINT, six hexadecimal digits, such as fig-cost-scopes@d3e691")
    known = {*figures.registry(), *results.registry()}
    current = _current(key, report) if key in known else {}
    if current.get("fingerprint") == fingerprint:
        return Finding(key, fingerprint, __version__ if not report.overrides else "", fingerprint)
    earlier = {version: _entry(release(version), key) for version in reversed(versions())}
    earlier = {version: entry for version, entry in earlier.items() if entry}
    if not earlier and not current:
        every = known.union(*(release(version)[kind] for version in versions() for kind in ("figures", "results")))
        raise unknown("figure or result", key, every)
    for version, entry in earlier.items():
        if entry["fingerprint"] == fingerprint:
            changes = _changes(entry, release(version), current) if current else []
            return Finding(key, fingerprint, version, current.get("fingerprint", ""), changes=changes)
    if current and not report.overrides:
        for scenario, (_, overrides) in scenarios.shipped().items():
            if _current(key, Report(overrides))["fingerprint"] == fingerprint:
                return Finding(key, fingerprint, "", current["fingerprint"], scenario=scenario)
    given = [f"@{entry['fingerprint']} in version {version}" for version, entry in earlier.items()]
    raise InputError(
        f"{key}@{fingerprint}: no release has this fingerprint ({', '.join(given) or 'none has this key'}); if it was "
        "made under other assumptions, give them with --set or --scenario"
    )


def _entry(content, key):
    return content["figures"].get(key) or content["results"].get(key)


def _current(key, report):
    """Return fingerprint and inputs of a figure or a result today."""
    if key in figures.registry():
        published = figures.publish(key, report)
        return {"fingerprint": published.fingerprint, **identity(published.inputs)}
    return {"fingerprint": citing.result_fingerprint(key, report), **identity(report.inputs_with_ranges(key))}


def _inputs(entry, content):
    return {kind: {name: content[kind][name] for name in entry.get(kind, ())} for kind in KINDS}


def _changes(entry, content, current):
    """Return the inputs that differ between an archived entry and `_current`."""
    before = _inputs(entry, content)
    after = json.loads(json.dumps({kind: current.get(kind, {}) for kind in before}))
    found = []
    for kind, word in KINDS.items():
        for name in sorted({*before[kind], *after[kind]}):
            was, is_now = before[kind].get(name), after[kind].get(name)
            if was == is_now:
                continue
            if isinstance(was, dict) and isinstance(is_now, dict):
                columns = [column for column in {**was, **is_now} if was.get(column) != is_now.get(column)]
                found += [
                    Change(f"{word} {name}, {column}", _told(was.get(column)), _told(is_now.get(column)))
                    for column in columns
                ]
            else:
                found.append(Change(f"{word} {name}", _told(was), _told(is_now)))
    return found


def _told(value):
    """Write an input: a number as it stands, a fact by its columns."""
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, list):
        return " to ".join(_told(end) for end in value)
    if isinstance(value, dict):
        return ", ".join(f"{column} {_told(cell)}" for column, cell in value.items() if cell not in ("", None))
    return str(value)


@dataclass(frozen=True)
class Moved:
    """A result that another release states otherwise.

    Attributes
    ----------
    key, title : str
    before, after : str
        The number in words; empty where a release does not have it.
    why : list of str
        The inputs that changed, or the reason given in ``archive/reasons.yml``.
    """

    key: str
    title: str
    before: str
    after: str
    why: list


def moved(earlier, later):
    """Return every result that is stated otherwise, new or gone in the later of two snapshots.

    Parameters
    ----------
    earlier, later : dict
        From `snapshot` or `release`.

    Returns
    -------
    list of Moved
    """
    found = []
    for key in {**earlier["results"], **later["results"]}:
        was, is_now = earlier["results"].get(key), later["results"].get(key)
        if was and is_now and was["value"] == is_now["value"]:
            continue
        why = []
        if was and is_now:
            why = [change.words() for change in _changes(was, earlier, _inputs(is_now, later))]
            reason = _reason(later["version"], key)
            why += [reason] if reason else []
        found.append(Moved(key, (is_now or was)["title"], _number(was), _number(is_now), why))
    return found


def _number(entry):
    return wording.quantity(entry["value"], entry["unit"], entry["digits"]) if entry else ""


def unexplained(earlier, later):
    """Return the keys of results that changed though no input did, and for which no reason is given."""
    return [each.key for each in moved(earlier, later) if each.before and each.after and not each.why]


def _reason(version, key):
    given = _reasons().get(version, {})
    nearest = [prefix for prefix in given if key == prefix or key.startswith(f"{prefix}.")]
    return given[max(nearest, key=len)] if nearest else ""


@cache
def _reasons():
    return read_reasons(REASONS) if REASONS.exists() else {}


def read_reasons(path):
    """Read ``archive/reasons.yml``: a mapping from version to key, or prefix of keys, to words."""
    where = assumptions.place(path)
    given = yaml_file.load(path, where) or {}
    sound = isinstance(given, dict) and all(
        isinstance(version, str)
        and isinstance(reasons, dict)
        and all(isinstance(word, str) for pair in reasons.items() for word in pair)
        for version, reasons in given.items()
    )
    if not sound:
        raise InputError(f"{where}: must be a mapping from version, in quotes, to key to the reason in words")
    return given
