"""The whole report as one PDF: the pages of the built site, joined and printed by a headless browser.

The pages become one document, so that links between them stay links, page numbers run through, and headings make the
outline. It is printed twice: the first time to learn on which page each chapter begins.
"""

import contextlib
import html
import io
import re
import tempfile
from pathlib import Path

import jinja2

from analysis.errors import InputError
from reporting import ROOT
from reporting.core import outputs
from reporting.inputs import yaml_file
from reporting.publishing import browser, citing

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("reporting.publishing"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
_MARGINS = {"top": "18mm", "bottom": "18mm", "left": "18mm", "right": "18mm"}


def pages_of_contents():
    """Return the names of the report's pages, without suffix, in order."""
    contents = yaml_file.load(ROOT / "_toc.yml", "_toc.yml")
    return [Path(name).name for name in (contents["root"], *(chapter["file"] for chapter in contents["chapters"]))]


def check(site):
    """Raise `InputError` if a folder does not hold the whole built site."""
    names = [*(f"book/{name}.html" for name in pages_of_contents()), "figures.json"]
    missing = [name for name in names if not (site / name).exists()]
    if missing:
        raise InputError(f"{site}: has no {missing[0]}; build the report first")


def article(page, name, known):
    """Return the article of a page, its ids and links made unique in the whole.

    Parameters
    ----------
    page : str
        HTML.
    name : str
        The page's name.
    known : list of str
        All pages of the document.
    """
    found = re.search(r'<article class="bd-article"[^>]*>(.*)</article>', page, re.DOTALL)
    body = re.sub(r"<script\b.*?</script>", "", found[1], flags=re.DOTALL)
    body = re.sub(r'<details class="cite">.*?</details>', "", body, flags=re.DOTALL)
    body = re.sub(r'<div class="fig-narrow".*?</svg></div>', "", body, flags=re.DOTALL)
    body = re.sub(r'\b(id|for)="([^"]+)"', rf'\1="{name}--\2"', body)
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}--\1)", body)

    def link(match):
        address = match[1]
        if re.match(r"[a-z]+:", address):
            return match[0]
        path, _, fragment = address.partition("#")
        target = path.partition("?")[0].removesuffix(".html") if path else name
        if target not in known:
            return ""  # a file beside the site
        return f'href="#{target}--{fragment}"' if fragment else f'href="#part-{target}"'

    return re.sub(r'\bhref="([^"]*)"', link, body)


def headings(body):
    """Return the headings of an article as ``(level, id, words)``: its title, and its sections."""
    found = []
    for level, inner in re.findall(r"<h([12])\b[^>]*>(.*?)</h\1>", body, re.DOTALL):
        words = html.unescape(re.sub(r"<[^>]+>", "", re.sub(r'<a class="headerlink".*?</a>', "", inner)))
        before = body[: body.index(inner)]
        ids = re.findall(r'<section id="([^"]+)"', before)
        found.append((int(level), ids[-1] if ids else "", " ".join(words.split())))
    return found


def document(site, numbers=None):
    """Return the whole report as one HTML document.

    Parameters
    ----------
    site : pathlib.Path
        A built site.
    numbers : mapping of str to int, optional
        On which page of the PDF each anchor lies.
    """
    known, parts, contents = pages_of_contents(), [], []
    for name in known:
        body = article((site / "book" / f"{name}.html").read_text("utf-8"), name, known)
        parts.append((name, body))
        contents += [
            (level, f"part-{name}" if level == 1 else anchor, words) for level, anchor, words in headings(body)
        ]
    scenario = re.search(r'"scenario": "([^"]+)"', (site / "figures.json").read_text("utf-8"))
    return _TEMPLATES.get_template("report.html").render(
        edition=citing.edition(),
        sheets=[(site / "_static" / sheet).resolve().as_uri() for sheet in ("palette.css", "report.css")],
        scenario=scenario and scenario[1],
        contents=contents,
        numbers=numbers or {},
        parts=parts,
    )


def page_numbers(data):
    """Return on which page of a PDF each named place lies, from 1."""
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    return {
        name.lstrip("/"): reader.get_destination_page_number(place) + 1
        for name, place in reader.named_destinations.items()
    }


def write(site, out, chromium=None):
    """Print a built site into one PDF.

    Parameters
    ----------
    site : pathlib.Path
    out : pathlib.Path
        The file; replaced only when the new one is complete.
    chromium : playwright.sync_api.Browser, optional
        A running browser; one is started otherwise.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    InputError
        If there is no complete site or no browser, or another file stands where the PDF goes.
    """
    check(site)
    outputs.check_file(out, "this report", is_report)
    with outputs.writing(out), contextlib.ExitStack() as stack:
        out.parent.mkdir(parents=True, exist_ok=True)
        stage = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=out.parent, prefix=".print-")))
        tab = (chromium or stack.enter_context(browser.running())).new_page()
        first = _printed(tab, document(site), stage)
        final = _printed(tab, document(site, page_numbers(first)), stage)
        tab.close()
        finished = stage / "report.pdf"
        _finish(final, finished)
        outputs.check_file(out, "this report", is_report)  # again: it took a minute
        finished.replace(out)
    return out


def is_report(path):
    """Tell whether a file is the report as `write` prints it, of any version."""
    from pypdf import PdfReader

    said = PdfReader(path).metadata
    return (said.title, said.author) == (citing.edition().title, citing.edition().author)


def _printed(tab, text, stage):
    source = stage / "report.html"
    source.write_text(text, "utf-8")
    tab.goto(source.resolve().as_uri())
    tab.evaluate("document.fonts.ready")
    foot = _TEMPLATES.get_template("foot.html").render(edition=citing.edition())
    return tab.pdf(
        format="A4",
        margin=_MARGINS,
        print_background=True,
        outline=True,
        tagged=True,
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=foot,
    )


def _finish(data, path):
    """Say in the file what it is, and write each title of its outline once."""
    from pypdf import PdfWriter
    from pypdf.generic import NameObject, TextStringObject

    here = citing.edition()
    writer = PdfWriter(clone_from=io.BytesIO(data))
    issue = f"Version {here.version}, {here.released.isoformat()}"
    writer.metadata = {"/Title": here.title, "/Author": here.author, "/Subject": issue}
    entry = writer.root_object["/Outlines"].get("/First")
    waiting = [entry] if entry else []
    while waiting:
        entry = waiting.pop().get_object()
        waiting += [entry[name] for name in ("/First", "/Next") if name in entry]
        title = entry["/Title"]
        half = len(title) // 2
        if title[:half] == title[half:]:  # Chromium repeats a heading that it moves to the next page
            entry[NameObject("/Title")] = TextStringObject(title[:half])
    writer.write(path)
