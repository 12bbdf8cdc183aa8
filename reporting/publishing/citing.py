"""Citations of the report, its figures and its numbers: plain text, Markdown, BibTeX and CSL-JSON.

A citation names the thing by key and fingerprint, the report with its version, the scenario if there is one, and the
producers of the data.
"""

import json
import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from analysis.errors import unknown
from reporting import ROOT
from reporting.core import results, scenarios, wording
from reporting.core.report import SCHEME, Report, fingerprint
from reporting.drawing import figures
from reporting.inputs import assumptions, evidence, yaml_file

FORMATS = ("text", "markdown", "bibtex", "csl")
_CSL_TYPES = {"techreport": "report", "inproceedings": "paper-conference", "article": "article-journal", "book": "book"}

_LATEX = {character: f"\\{character}" for character in "&%$#_{}"} | {
    "~": "~",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
}


@dataclass(frozen=True)
class Edition:
    """The report as ``CITATION.cff`` describes it.

    Attributes
    ----------
    title, author, version : str
    released : datetime.date
    url : str
        Where the report is published; empty if the file names no address.
    """

    title: str
    author: str
    version: str
    released: date
    url: str


@cache
def edition():
    """Return this `Edition`."""
    cff = yaml_file.load(ROOT / "CITATION.cff", "CITATION.cff")
    return Edition(
        cff["title"], cff["authors"][0]["name"], cff["version"], cff["date-released"], cff.get("url", "").rstrip("/")
    )


@dataclass(frozen=True)
class Cited:
    """What a citation says.

    Attributes
    ----------
    kind : {"figure", "result", "report"}
    key : str
        Empty for the report.
    fingerprint : str
    title : str
        A figure's finding, or what a number is and what it comes to.
    address : str
        Path from the root of the site.
    scenario : str
        Empty for the report as it is.
    sources : tuple of str
        Bibliography keys of the data, by name.
    """

    kind: str
    key: str
    fingerprint: str
    title: str
    address: str
    scenario: str
    sources: tuple

    @property
    def name(self):
        """Key and fingerprint, e.g. ``"fig-cost-scopes@d3e691"``."""
        return f"{self.key}@{self.fingerprint}"


def report_under(scenario, settings):
    """Return the report under a scenario (a shipped one, or a file; "" for none), with ``["ID=VALUE", ...]`` on top."""
    if not scenario:
        return Report(assumptions.parse_settings(settings))
    return Report(scenarios.overrides_of(scenario, settings))


def result_fingerprint(key, report, scheme=SCHEME):
    """Return the fingerprint of a result: of its value, to six digits, and of the inputs under it and its range."""
    return fingerprint(report.inputs_with_ranges(key), wording.rounded(report.value(key)), scheme)


def of_report():
    """Return the report as a `Cited`."""
    return Cited("report", "", "", edition().title, "book/index.html", "", ())


def of_figure(published, report):
    """Return a published figure as a `Cited`.

    Parameters
    ----------
    published : reporting.drawing.figures.Published
    report : reporting.core.report.Report
    """
    page = results.page_of(published.key)
    return Cited(
        "figure",
        published.key,
        published.fingerprint,
        published.title,
        f"book/{page}.html#{published.key}",
        report.stamp,
        _by_name(published.sources),
    )


def _by_name(sources):
    return tuple(sorted({source for source, _ in sources}, key=lambda key: (evidence.short_citation(key).lower(), key)))


def of_result(key, report):
    """Return a result as a `Cited`."""
    declared = results.find(key)
    stated = report.text(key)
    if report.moved(key):
        stated += f" (80% range {report.text(key, 'range')})"
    page = results.page_of(key)
    title = wording.typographic(f"{declared.title}: {stated}")
    address = f"book/{page}.html#{declared.anchor}"
    return Cited(
        "result",
        key,
        result_fingerprint(key, report),
        title,
        address,
        report.stamp,
        _by_name(report.sources(key)),
    )


def of(key, report):
    """Return the figure or the result with this key as a `Cited`; an unknown key is an `InputError`."""
    if key in figures.registry():
        return of_figure(figures.publish(key, report), report)
    if key in results.registry():
        return of_result(key, report)
    raise unknown("figure or result", key, [*figures.registry(), *results.registry()])


def written(cited, style):
    """Return a citation.

    Parameters
    ----------
    cited : Cited
    style : str
        One of `FORMATS`.
    """
    if style not in FORMATS:
        raise unknown("format", style, FORMATS)
    return {"text": text, "markdown": markdown, "bibtex": bibtex, "csl": csl}[style](cited)


def text(cited, credited=True):
    """Return a citation as plain text; if not `credited`, without the sources of the data."""
    title = f"“{_stopped(cited.title)}”"
    return _sentences(cited, title, report=edition().title, link=lambda words, _: words, credited=credited)


def markdown(cited):
    """Return a citation as Markdown."""
    title = f"“{_stopped(_escaped(cited.title))}”"
    return _sentences(cited, title, report=f"*{edition().title}*", link=lambda _, url: f"<{url}>")


def _stopped(words):
    return words if words[-1] in ".?!" else f"{words}."


def _escaped(words):
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", words)


def _sentences(cited, title, report, link, credited=True):
    here = edition()
    day = f"{here.released.day} {here.released:%B %Y}"
    under = f", under the scenario {cited.scenario}" if cited.scenario else ""
    at = f" {link(_url(cited), _url(cited))}" if here.url else ""
    head = f"{here.author} ({here.released.year})."
    if cited.kind == "report":
        return f"{head} {report}, version {here.version}, {day}.{at}"
    kind = "Figure" if cited.kind == "figure" else "Number"
    told = f"{head} {title} {kind} {cited.name} in {report}, version {here.version}, {day}{under}.{at}"
    if not credited:
        return told
    credits = "; ".join(_credit(source, link) for source in cited.sources)
    return f"{told} Data: {credits}."


def _url(cited):
    return f"{edition().url}/{cited.address}" if edition().url else ""


def _credit(source, link):
    """Write a source: who, when, what and where."""
    fields = evidence.bibliography()[source].fields
    url = fields.get("url", "")
    named = f"{evidence.short_citation(source)}, {_plain(fields['title'])}"
    return f"{named}, {link(url, url)}" if url else named


@cache
def _plain(latex):
    from pybtex.richtext import Text

    return re.sub(r"\\([&%$#_])", r"\1", str(Text.from_latex(latex)))  # it leaves an escaped dollar as it is


def credit(source):
    """Return a source as one line of plain text."""
    return _credit(source, lambda words, _: words)


def names(sources):
    """Return who produced the data and when, each once: ``"DeepSeek-AI 2024; Meta 2024"``."""
    return "; ".join(dict.fromkeys(evidence.short_citation(source) for source in sources))


def identifier(cited):
    """Return the key of the entry in BibTeX and CSL-JSON."""
    return f"{cited.key}-{cited.fingerprint}" if cited.key else f"deepseek-shock-{edition().version}"


def bibtex(cited):
    """Return a citation as BibTeX: an entry for the thing, and one for each source of its data."""
    here = edition()
    fields = {
        "author": "{" + here.author + "}",
        "title": "{" + _latex(cited.title) + "}",
        "year": str(here.released.year),
        "month": evidence.MONTHS[here.released.month - 1],
        "day": str(here.released.day),
        "version": here.version,
    }
    if cited.kind != "report":
        kind = "Figure" if cited.kind == "figure" else "Number"
        under = f", under the scenario {cited.scenario}" if cited.scenario else ""
        fields["howpublished"] = _latex(f"{kind} {cited.name} in {here.title}, version {here.version}{under}")
        fields["note"] = _latex(f"Data: {names(cited.sources)}")
    if here.url:
        fields["url"] = _url(cited)
    entries = [_entry("misc", identifier(cited), fields)]
    for source in cited.sources:
        entry = evidence.bibliography()[source]
        people = {role: " and ".join(str(person) for person in persons) for role, persons in entry.persons.items()}
        # Our note on how the source was read is not part of its citation.
        own = {name: value for name, value in entry.fields.items() if name != "note"}
        if "month" in own:
            own["month"] = own["month"][:3].lower()
        entries.append(_entry(entry.type, source, people | own))
    return "\n\n".join(entries)


def _entry(kind, key, fields):
    lines = [f"  {name} = {value if value in evidence.MONTHS else '{' + value + '}'}" for name, value in fields.items()]
    return f"@{kind}{{{key},\n" + ",\n".join(lines) + "\n}"


def _latex(words):
    """Escape what LaTeX would read as a command; letters and signs stay as they are, in UTF-8."""
    return "".join(_LATEX.get(character, character) for character in words.replace(wording.NBSP, "~"))


def csl(cited):
    """Return a citation as CSL-JSON: a list of the thing and the sources of its data."""
    items = [json.dumps(item, ensure_ascii=False) for item in csl_items(cited)]
    return "[\n" + ",\n".join(items) + "\n]"


def csl_items(cited):
    """Return a citation as a list of CSL items."""
    here = edition()
    item = {
        "id": identifier(cited),
        "type": {"figure": "figure", "result": "entry", "report": "report"}[cited.kind],
        "title": cited.title,
        "author": [{"literal": here.author}],
        "issued": _date_parts(here.released.year, here.released.month, here.released.day),
        "version": here.version,
    }
    if cited.kind != "report":
        item |= {"container-title": here.title, "number": cited.name}
        item["note"] = f"Data: {names(cited.sources)}"
        if cited.scenario:
            item["note"] = f"Scenario {cited.scenario}. {item['note']}"
    if here.url:
        item["URL"] = _url(cited)
    return [item, *(_csl_source(source) for source in cited.sources)]


def _date_parts(*parts):
    return {"date-parts": [list(parts)]}


def _csl_source(source):
    entry = evidence.bibliography()[source]
    fields = entry.fields
    item = {
        "id": source,
        "type": _CSL_TYPES.get(entry.type, "webpage"),
        "title": _plain(fields["title"]),
    }
    if people := entry.persons.get("author"):
        item["author"] = [_csl_name(person) for person in people if str(person) != "others"]
    if fields.get("year", "").isdecimal():
        when = [int(fields["year"])]
        if "month" in fields:
            when.append(evidence.MONTHS.index(fields["month"][:3].lower()) + 1)
            when += [int(fields["day"])] if fields.get("day", "").isdecimal() else []
        item["issued"] = _date_parts(*when)
    if fields.get("urldate"):
        item["accessed"] = _date_parts(*(int(part) for part in fields["urldate"].split("-")))
    for name, field in (
        ("URL", "url"),
        ("DOI", "doi"),
        ("number", "number"),
        *(("publisher", name) for name in evidence.PUBLISHERS),
        ("container-title", "booktitle"),
    ):
        if field in fields:
            item[name] = fields[field] if name in ("URL", "DOI") else _plain(fields[field])
    return item


def _csl_name(person):
    given = " ".join(person.first_names + person.middle_names)
    family = _plain(" ".join(person.prelast_names + person.last_names))
    return {"family": family, "given": _plain(given)} if given else {"literal": family}
