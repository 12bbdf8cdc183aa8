"""The files a figure can be taken away as: image with title and footer, data, specification, citation."""

import copy
import csv
import html
import io
import json
import logging
import re

from analysis.errors import InputError
from reporting.drawing import theme, typeface
from reporting.drawing.figures import UNTRUE
from reporting.publishing import citing

#: How a file's name ends after the figure's key, and what it is.
KINDS = {
    ".png": "image, twice the size",
    ".svg": "image, scalable",
    ".pdf": "image, for print",
    ".csv": "data",
    ".json": "chart, as a Vega-Lite specification",
    ".bib": "citation, BibTeX",
    ".csl.json": "citation, CSL-JSON",
}
MARGIN = 16
SCALE = 2
#: Where other typefaces step in.
_FALLBACK = f"{theme.FONT}, Helvetica Neue, Arial, sans-serif"


def files(published, cited):
    """Return the content of every file of a figure.

    Parameters
    ----------
    published : reporting.drawing.figures.Published
    cited : reporting.publishing.citing.Cited

    Returns
    -------
    dict of str to bytes
        By file name.
    """
    drawn = image(published, cited)
    content = {
        ".png": png(drawn, published, cited),
        ".svg": svg(drawn),
        ".pdf": pdf(drawn, published, cited),
        ".csv": table(published.specs["wide"]),
        ".json": json.dumps(specification(published, cited), indent=1, ensure_ascii=False) + "\n",
        ".bib": citing.bibtex(cited) + "\n",
        ".csl.json": citing.csl(cited) + "\n",
    }
    return {
        published.key + ending: each if isinstance(each, bytes) else each.encode() for ending, each in content.items()
    }


def lines(published, cited):
    """Return what is written around the drawing, as ``(text, size, weight, colour, space above)`` for head and foot."""
    here = citing.edition()
    most = theme.WIDE.width
    source = f"Sources: {published.source_line()}"
    about = f"{_short_title()}, version {here.version} · {cited.name} · {cited.scenario or 'base assumptions'}"
    head = [(line, 18, 600, "ink", 5) for line in typeface.wrap(published.title, 18, most, 600)]
    if not published.true:
        head.append((f"! {UNTRUE}", 13, 600, "contrast", 7))
    head += [(line, 14, 400, "muted", 5) for line in typeface.wrap(published.subtitle, 14, most)]
    foot = [(line, 11, 400, "muted", 4) for line in typeface.wrap(source, 11, most)]
    foot += [(line, 11, 600, "muted", 4) for line in typeface.wrap(about, 11, most, 600)]
    return head, foot


def _short_title():
    return citing.edition().title.partition(":")[0]


def image(published, cited):
    """Return a figure as one SVG: title, subtitle, drawing, sources, version, key and scenario, and its metadata."""
    drawn = theme.svg(published.specs["wide"], published.key, published.alt)
    start, _, rest = drawn.partition(">")
    inner = rest.removesuffix("</svg>")
    drawn_width, drawn_height = (float(number) for number in re.search(r'viewBox="0 0 (\S+) (\S+)"', start).groups())
    head, foot = lines(published, cited)
    parts, y = [], float(MARGIN)

    def write(block):
        nonlocal y
        for words, size, weight, colour, space in block:
            y += space + size
            parts.append(
                f'<text x="{MARGIN}" y="{y - 0.2 * size:g}" font-family="{_FALLBACK}" font-size="{size}px" '
                f'font-weight="{weight}" fill="{theme.colour(colour)}">{html.escape(words)}</text>'
            )

    write(head)
    y += 12
    parts.append(f'<g transform="translate({MARGIN},{y:g})">{inner}</g>')
    y += drawn_height + 8
    write(foot)
    y += MARGIN
    width = max(drawn_width, theme.WIDE.width) + 2 * MARGIN
    inside = "".join(parts).replace(f'font-family="{theme.FONT}"', f'font-family="{_FALLBACK}"')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {y:g}" width="{width:g}" height="{y:g}" '
        f'role="img"><title>{html.escape(published.title)}</title><desc>{html.escape(published.alt)}</desc>'
        f"{_dublin_core(published, cited)}"
        f'<rect width="100%" height="100%" fill="{theme.colour("paper")}"/>{inside}</svg>'
    )


def metadata(published, cited):
    """Return what every image says of itself: Dublin Core names to text."""
    under = cited.scenario or "base assumptions"
    return {
        "title": published.title,
        "creator": citing.edition().author,
        "date": citing.edition().released.isoformat(),
        "identifier": cited.name,
        "description": published.alt,
        "source": citing.names(cited.sources),
        "relation": f"{_short_title()}, version {citing.edition().version}; {under}",
        "rights": "CC BY 4.0",
    }


def _dublin_core(published, cited):
    said = "".join(f"<dc:{name}>{html.escape(words)}</dc:{name}>" for name, words in metadata(published, cited).items())
    return (
        '<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Description>{said}</rdf:Description></rdf:RDF></metadata>'
    )


def svg(drawn):
    """Return an image that carries its typeface, so that it looks the same on any machine."""
    return drawn.replace("<metadata>", f"<style>{typeface.embedded_css()}</style><metadata>", 1)


def png(drawn, published, cited):
    """Return an image as PNG, two pixels to a unit."""
    import vl_convert
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    theme.register_fonts()
    picture = Image.open(io.BytesIO(vl_convert.svg_to_png(drawn, scale=SCALE)))
    # A chart has few colours: a palette takes a quarter of the space, and no eye tells the difference.
    picture = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    said = PngInfo()
    for name, words in metadata(published, cited).items():
        said.add_itxt(name.capitalize(), words)
    written = io.BytesIO()
    picture.save(written, "png", optimize=True, dpi=(96 * SCALE, 96 * SCALE), pnginfo=said)
    return written.getvalue()


def pdf(drawn, published, cited):
    """Return an image as PDF, its lines and letters as vectors."""
    import vl_convert
    from pypdf import PdfReader, PdfWriter

    theme.register_fonts()
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # the renderer miscounts its objects; here they are recounted
    rendered = PdfReader(io.BytesIO(vl_convert.svg_to_pdf(drawn)))
    _sort_names(rendered.root_object)
    writer = PdfWriter(clone_from=rendered)
    said = metadata(published, cited)
    writer.metadata = {
        "/Title": said["title"],
        "/Author": said["creator"],
        "/Subject": f"{said['relation']}. Sources: {said['source']}",
        "/Keywords": said["identifier"],
    }
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def _sort_names(node, done=None):
    """Put the names in every dictionary of a PDF in order: the renderer lists fonts as chance has it.

    Objects are numbered by where they are first met, so that afterwards the same picture is the same bytes.
    """
    from pypdf.generic import DictionaryObject

    done = set() if done is None else done
    node = node.get_object()
    if id(node) in done:
        return
    done.add(id(node))
    if isinstance(node, DictionaryObject):
        named = sorted(dict.items(node))
        dict.clear(node)
        dict.update(node, named)
        for _, child in named:
            _sort_names(child, done)
    elif isinstance(node, list):
        for child in list.__iter__(node):
            _sort_names(child, done)


def parts(spec):
    """Return where a specification holds data: a list of ``(path, rows)``.

    Parameters
    ----------
    spec : dict
        Vega-Lite.

    Returns
    -------
    list of (tuple, list of dict)
    """
    found = []

    def walk(node, path):
        if isinstance(node, dict):
            for name, child in node.items():
                if name == "data" and isinstance(child, dict) and isinstance(child.get("values"), list):
                    found.append(((*path, name, "values"), child["values"]))
                elif name == "datasets" and not path:
                    found.extend(((name, given), rows) for given, rows in child.items())
                else:
                    walk(child, (*path, name))
        elif isinstance(node, list):
            for place, child in enumerate(node):
                walk(child, (*path, place))

    walk(spec, ())
    return found


def sets(spec):
    """Return the different sets of rows in a specification: a list of ``(paths, rows)``; layers often share one."""
    found = []
    for path, rows in parts(spec):
        same = next((paths for paths, known in found if known == rows), None)
        if same is None:
            found.append(([path], rows))
        else:
            same.append(path)
    return found


def columns(rows):
    """Return the names of the columns of some rows, in order."""
    return list(dict.fromkeys(column for row in rows for column in row))


def table(spec):
    """Return the data of a specification as CSV.

    A chart that draws from several sets of rows names the set in the first column, ``part``, from 1.
    """
    found = sets(spec)
    names = columns(row for _, rows in found for row in rows)
    several = len(found) > 1
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((["part"] if several else []) + names)
    for number, (_, rows) in enumerate(found, start=1):
        for row in rows:
            writer.writerow(([number] if several else []) + [cell(row.get(name)) for name in names])
    return text.getvalue()


def cell(value):
    """Return a value as it stands in the CSV; blank for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return value


def specification(published, cited):
    """Return a figure's wide specification, with what it is and how its CSV is to be read in ``usermeta``."""
    described = {
        "key": published.key,
        "fingerprint": published.fingerprint,
        "version": citing.edition().version,
        "scenario": cited.scenario or None,
        "title": published.title,
        "subtitle": published.subtitle,
        "caption": published.caption,
        "alt": published.alt,
        "unit": published.unit,
        "sources": list(cited.sources),
        "citation": citing.text(cited),
        "csv": [
            {"part": number, "at": [list(path) for path in paths], "types": _types(rows)}
            for number, (paths, rows) in enumerate(sets(published.specs["wide"]), start=1)
        ],
    }
    return {**published.specs["wide"], "usermeta": described}


def _types(rows):
    """Return the type of every column of some rows; a column of several types is read as JSON."""
    kinds = {}
    for row in rows:
        for column, value in row.items():
            kind = {bool: "boolean", int: "number", float: "number", str: "string"}.get(type(value), "json")
            kinds.setdefault(column, set()).add(kind)
    return {column: kind.pop() if len(kind) == 1 else "json" for column, kind in kinds.items()}


def redraw(spec, text):
    """Return a specification with its data replaced by the rows of a CSV file.

    Parameters
    ----------
    spec : dict
        As `specification` returns it; its ``usermeta`` says which part and which type each column has.
    text : str
        CSV as `table` writes it, its numbers perhaps changed.

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If a column is missing or a cell is not of its type; names line and column.
    """
    rows = list(csv.DictReader(io.StringIO(text)))
    changed = copy.deepcopy(spec)
    for part in spec["usermeta"]["csv"]:
        number = str(part["part"])
        typed = [
            _typed(row, part["types"], line)
            for line, row in enumerate(rows, start=2)
            if row.get("part", number) == number
        ]
        for *path, last in part["at"]:
            node = changed
            for step in path:
                node = node[step]
            node[last] = copy.deepcopy(typed)
    return changed


def _typed(row, types, line):
    read = {"number": _number, "boolean": {"true": True, "false": False}.__getitem__, "string": str, "json": json.loads}
    typed = {}
    for column, kind in types.items():
        if column not in row:
            raise InputError(f"CSV: the column '{column}' is missing")
        if row[column] == "" and kind != "string":
            continue
        try:
            typed[column] = read[kind](row[column])
        except (ValueError, KeyError):
            raise InputError(f"CSV, line {line}: '{row[column]}' in column '{column}' is not a {kind}") from None
    return typed


def _number(cell):
    number = float(cell)
    return int(number) if number.is_integer() and "." not in cell and "e" not in cell else number
