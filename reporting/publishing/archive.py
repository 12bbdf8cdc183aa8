"""The archive of releases: what each drew and stated, and from which inputs, so that its fingerprints can be checked.

``archive/VERSION.json`` holds, for each figure and each result of a release, its fingerprint and the names of its
inputs, and once the inputs themselves. It is written by `record` at the release; its checksum in ``archive/SHA256SUMS``
keeps it as it was. What the work between two releases changes, `reporting.publishing.state` notices.
"""

import hashlib
import json
import re
from dataclasses import dataclass, field
from functools import cache

from analysis import __version__
from analysis.errors import InputError, unknown
from reporting import ROOT
from reporting.core import claims, results, scenarios, wording
from reporting.core.report import SCHEME, Report, identity
from reporting.drawing import figures
from reporting.inputs import yaml_file
from reporting.publishing import citing

FOLDER = ROOT / "archive"
CHECKSUMS = "SHA256SUMS"
#: What is added to the version that is being worked on.
UNDER_WORK = ".dev"
#: Kinds of inputs, and what a change of one is called.
KINDS = {"assumptions": "assumption", "ranges": "range of assumption", "facts": "fact"}
#: Why results changed that no input changed: version to key, or prefix of keys, to words.
REASONS = FOLDER / "reasons.yml"
#: The verdicts of releases that came before a record held them: version to claim to word.
VERDICTS = FOLDER / "verdicts.yml"


def snapshot(report, drawn=True):
    """Return what the archive says of a report: figures, results, and the inputs under them.

    Parameters
    ----------
    report : reporting.core.report.Report
    drawn : bool
        Whether to draw the figures; without them only results can be compared.

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

    shown = {}
    for key in figures.registry() if drawn else ():
        published = figures.publish(key, report)
        shown[key] = entry(published.inputs, fingerprint=published.fingerprint, title=published.title)
    stated = {
        key: entry(
            report.inputs_with_ranges(key),
            fingerprint=citing.result_fingerprint(key, report),
            title=declared.title,
            unit=declared.unit,
            digits=declared.digits,
            value=wording.rounded(report.value(key)),
        )
        for key, declared in results.registry().items()
    }
    return {
        "version": __version__,
        "released": citing.edition().released.isoformat(),
        "scheme": SCHEME,
        "figures": shown,
        "results": stated,
        "verdicts": {identifier: claims.verdict(identifier, report) for identifier in claims.parts()},
        **{kind: dict(sorted(items.items())) for kind, items in used.items()},
    }


def record(version=__version__):
    """Write a release's entry of the archive and its checksum; return its path.

    Parameters
    ----------
    version : str, optional
        This version.

    Raises
    ------
    InputError
        If the version is still under work, or is out: a release once out is not altered.
    """
    path = FOLDER / f"{version}.json"
    if UNDER_WORK in version:
        raise InputError(
            f"version {version} is under work; a release has a number without '{UNDER_WORK}' in pyproject.toml, "
            "CITATION.cff and analysis/__init__.py"
        )
    if path.exists():
        raise InputError(f"archive/{path.name} is out and stays as it is; raise the version first")
    content = as_text(snapshot(Report()) | {"version": version})
    partial = path.with_suffix(".part")
    partial.write_text(content, "utf-8")
    partial.replace(path)
    with (FOLDER / CHECKSUMS).open("a", encoding="utf-8") as sums:
        sums.write(f"{hashlib.sha256(content.encode()).hexdigest()}  {path.name}\n")
    _read.cache_clear()
    return path


def altered():
    """Return the names of archived releases that are not as they were when they came out."""
    told = (FOLDER / CHECKSUMS).read_text("utf-8").split("\n")
    sums = {name: checksum for checksum, _, name in (line.partition("  ") for line in told if line)}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.glob("*.json")}
    return sorted(name for name in sums.keys() | found.keys() if sums.get(name) != found.get(name))


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
    reproduces : bool
        Whether the figure or the number comes out the same today. It may do so under another fingerprint, where
        releases since then make fingerprints otherwise.
    scenario : str
        The shipped scenario under which the fingerprint comes out; empty if it is that of the report in force.
    changes : list of Change
        The inputs that differ; empty if only the calculation does.
    reason : str
        Why the calculation changed, from ``archive/reasons.yml``.
    """

    key: str
    fingerprint: str
    version: str
    now: str
    reproduces: bool
    scenario: str = ""
    changes: list = field(default_factory=list)
    reason: str = ""

    def words(self):
        """Return it as text, the changed inputs a line each."""
        name = f"{self.key}@{self.fingerprint}"
        if self.version:
            name += f" (version {self.version})"
        if self.reproduces:
            under = f", under the scenario {self.scenario}" if self.scenario else ""
            written = "" if self.fingerprint == self.now else f" Version {__version__} writes it @{self.now}."
            return f"{name} reproduces exactly{under}.{written}"
        if not self.now:
            return f"{name} was withdrawn: this version does not have {self.key}."
        if not self.changes:
            why = self.reason or "Its inputs are the same; the calculation changed."
            return f"{name} has changed: it is now @{self.now}. {why}"
        lines = [f"{name} has changed: it is now @{self.now}, because these inputs changed:"]
        lines += [f"  {change.words()}" for change in self.changes]
        return "\n".join([*lines, *([self.reason] if self.reason else [])])

    def as_dict(self):
        """Return it as JSON-serialisable data."""
        return self.__dict__ | {"changes": [change.__dict__ for change in self.changes]}


def verify(name, report):
    """Say what became of a figure or a number that somebody cited.

    Parameters
    ----------
    name : str
        Such as ``"fig-cost-scopes@d3e691"``.
    report : reporting.core.report.Report
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
    earlier = {version: _entry(release(version), key) for version in reversed(versions())}
    earlier = {version: entry for version, entry in earlier.items() if entry}
    if key not in known and not earlier:
        every = known.union(*(release(version)[kind] for version in versions() for kind in ("figures", "results")))
        raise unknown("figure or result", key, every)
    schemes = [SCHEME, *sorted({release(version).get("scheme", 1) for version in earlier} - {SCHEME}, reverse=True)]
    today = {scheme: _current(key, report, scheme) if key in known else {} for scheme in schemes}
    now = today[SCHEME].get("fingerprint", "")
    for version, entry in earlier.items():
        if entry["fingerprint"] == fingerprint:
            current = today[release(version).get("scheme", 1)]
            same = current.get("fingerprint") == fingerprint
            changes = _changes(_inputs(entry, release(version)), current) if current else []
            reason = "" if same else _reason(__version__, key)
            return Finding(key, fingerprint, version, now, same, changes=changes, reason=reason)
    if now == fingerprint:
        return Finding(key, fingerprint, "" if report.overrides else __version__, now, True)
    if any(current.get("fingerprint") == fingerprint for current in today.values()):
        return Finding(key, fingerprint, "", now, True)  # an earlier release's, under these assumptions
    if key in known and report.overrides:
        base = _current(key, Report(), SCHEME)
        if base["fingerprint"] == fingerprint:
            return Finding(key, fingerprint, __version__, now, False, changes=_changes(base, today[SCHEME]))
    elif key in known:
        for scenario, (_, overrides) in scenarios.shipped().items():
            under = Report(overrides)
            drawn = {scheme: _current(key, under, scheme)["fingerprint"] for scheme in schemes}
            if fingerprint in drawn.values():
                return Finding(key, fingerprint, "", drawn[SCHEME], True, scenario=scenario)
    given = [f"@{entry['fingerprint']} in version {version}" for version, entry in earlier.items()]
    raise InputError(
        f"{key}@{fingerprint}: no release has this fingerprint ({', '.join(given) or 'none has this key'}); if it was "
        "made under other assumptions, give them with --set or --scenario"
    )


def _entry(content, key):
    return content["figures"].get(key) or content["results"].get(key)


def _current(key, report, scheme):
    """Return fingerprint and inputs of a figure or a result today, as a scheme of fingerprints takes them."""
    if key in figures.registry():
        published = figures.publish(key, report)
        return {"fingerprint": published.fingerprint_under(scheme), **identity(published.inputs, scheme)}
    inputs = report.inputs_with_ranges(key)
    return {"fingerprint": citing.result_fingerprint(key, report, scheme), **identity(inputs, scheme)}


def _inputs(entry, content):
    return {kind: {name: content[kind][name] for name in entry.get(kind, ())} for kind in KINDS}


def _bare(inputs):
    """Return inputs as scheme 1 took them, so that they compare with a release that knew no more."""
    told = {name: each["value"] for name, each in inputs["assumptions"].items() if isinstance(each, dict)}
    ranges = {name: each["ends"] for name, each in inputs["ranges"].items() if isinstance(each, dict)}
    return {**inputs, "assumptions": inputs["assumptions"] | told, "ranges": inputs["ranges"] | ranges}


def _changes(before, after):
    """Return the inputs that differ, each given by kind and name as `_inputs` and `_current` do."""
    before, after = (json.loads(json.dumps({kind: each.get(kind, {}) for kind in KINDS})) for each in (before, after))
    found = []
    for kind, word in KINDS.items():
        for name in sorted({*before[kind], *after[kind]}):
            was, is_now = before[kind].get(name), after[kind].get(name)
            if was == is_now:
                continue
            if isinstance(was, dict) and isinstance(is_now, dict):
                columns = [column for column in {**was, **is_now} if was.get(column) != is_now.get(column)]
                found += [
                    Change(
                        f"{word} {name}" if column in _PLAIN.get(kind, ()) else f"{word} {name}, {column}",
                        _told(was.get(column)),
                        _told(is_now.get(column)),
                    )
                    for column in columns
                ]
            else:
                found.append(Change(f"{word} {name}", _told(was), _told(is_now)))
    return found


#: Columns that go without saying.
_PLAIN = {"assumptions": ("value",), "ranges": ("ends",)}


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
            after = _inputs(is_now, later)
            after = _bare(after) if earlier.get("scheme", 1) == 1 else after
            why = [change.words() for change in _changes(_inputs(was, earlier), after)]
            reason = _reason(later["version"], key)
            why += [reason] if reason else []
        found.append(Moved(key, (is_now or was)["title"], _number(was), _number(is_now), why))
    return found


def _number(entry):
    return wording.quantity(entry["value"], entry["unit"], entry["digits"]) if entry else ""


def verdicts(content):
    """Return the words of a snapshot by claim: ``{"C12": {"C12a": "misleading"}}``; of 0.1.0 one word a claim."""
    words = content.get("verdicts") or yaml_file.load(VERDICTS, "archive/verdicts.yml")[content["version"]]
    found = {}
    for identifier, word in words.items():
        found.setdefault(identifier[:3], {})[identifier] = word
    return found


def unexplained(earlier, later):
    """Return the keys of results that changed though no input did, and for which no reason is given."""
    return [each.key for each in moved(earlier, later) if each.before and each.after and not each.why]


def _reason(version, key):
    given = _reasons().get(version.partition(UNDER_WORK)[0], {})
    nearest = [prefix for prefix in given if key == prefix or key.startswith((f"{prefix}.", f"{prefix}-"))]
    return given[max(nearest, key=len)] if nearest else ""


@cache
def _reasons():
    return read_reasons(REASONS) if REASONS.exists() else {}


def read_reasons(path):
    """Read ``archive/reasons.yml``: a mapping from version to key, or prefix of keys, to words."""
    where = yaml_file.place(path)
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
