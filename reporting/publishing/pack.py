"""Memo packs: some figures with captions, citations and their data, as Word, Markdown or a ZIP file."""

import contextlib
import hashlib
import io
import json
import os
import re
import tempfile
import zipfile
from pathlib import Path
from urllib.parse import quote

from analysis.errors import InputError, unknown
from reporting.core import outputs
from reporting.core.wording import NBSP
from reporting.drawing import figures
from reporting.publishing import citing, downloads, markdown

FORMATS = ("docx", "zip", "md")
#: By what a pack is known as one that this command made and nobody edited: of a Word file who saved it last, of a ZIP
#: file its comment, of a Markdown file its last line with a hash over the others, of a folder of pictures a file in it.
MARK = "python -m analysis pack"
FOLDER_MARK = ".pack"
#: Width of a picture on the page, and the most rows of data that a Word file lists.
_PICTURE_CM = 16
_MOST_ROWS = 200
#: Columns that say how a mark looks or where its label stands, not what it means.
_STYLING = {"align", "baseline", "color", "colour", "dash", "dx", "dy", "fill", "order", "shape", "size", "stroke"}


def write(keys, report, form, out):
    """Write a memo pack.

    Parameters
    ----------
    keys : list of str
        Figures, in the order they shall have.
    report : reporting.core.report.Report
    form : {"docx", "zip", "md"}
    out : pathlib.Path
        The file; Markdown puts its pictures and data into a folder of the same name beside it.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    InputError
        If a figure or the format is unknown, a figure is named twice, or the file cannot be written. Nothing is
        written then.
    """
    if form not in FORMATS:
        raise unknown("format", form, FORMATS)
    for key in keys:
        figures.find(key)
    repeated = [key for key in keys if keys.count(key) > 1]
    if repeated:
        raise InputError(f"figure '{repeated[0]}' is named twice")
    if not keys:
        raise InputError("a pack needs at least one figure, for example fig-cost-scopes")
    if out.suffix != f".{form}":
        raise InputError(f"{out}: a pack in the format {form} ends in .{form}")
    if not out.parent.is_dir():
        raise InputError(f"{out}: the folder {out.parent} does not exist")
    folder = out.with_suffix("")
    with outputs.writing(out):
        outputs.check_file(out, f"a memo pack, or was edited since {MARK} made it,", is_pack)
        if form == "md":
            outputs.check_folder(folder, FOLDER_MARK, "the pictures of a memo pack")
    items = []
    for key in keys:
        published = figures.publish(key, report)
        cited = citing.of_figure(published, report)
        items.append((published, cited, downloads.files(published, cited)))
    if form == "docx":
        _replace(out, as_docx(items))
    elif form == "zip":
        _replace(out, as_zip(items, out.stem))
    else:
        with outputs.writing(folder):
            folder.mkdir(exist_ok=True)
            (folder / FOLDER_MARK).touch()
        for _, _, content in items:
            for name, data in content.items():
                _replace(folder / name, data)
        text = as_markdown(items, f"{quote(folder.name)}/")
        _replace(out, f"{text}{_last_line(text)}".encode())
    return out


def is_pack(path):
    """Tell whether a file is a memo pack as `write` left it."""
    if path.suffix == ".docx":
        from docx import Document

        return Document(str(path)).core_properties.last_modified_by == MARK
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return archive.comment == MARK.encode()
    text, start, end = path.read_bytes().decode("utf-8").rpartition("<!-- ")
    return f"{start}{end}" == _last_line(text)


def _last_line(text):
    return f"<!-- {MARK}: {hashlib.sha256(text.encode()).hexdigest()[:16]} -->\n"


def _replace(path, data):
    """Write a file as a whole: whoever reads it meets the old one or the new one."""
    with outputs.writing(path), contextlib.ExitStack() as stack:
        handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        stack.callback(Path(partial).unlink, missing_ok=True)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(partial).chmod(0o644)
        Path(partial).replace(path)


def heading(items):
    """Return the title of a pack and the line under it."""
    here, scenario = citing.edition(), items[0][1].scenario
    under = f", scenario {scenario}" if scenario else ""
    noun = "figure" if len(items) == 1 else "figures"
    title, _, _ = here.title.partition(":")
    return title, f"{len(items)} {noun} from version {here.version}, {here.released.isoformat()}{under}"


def caption(published):
    """Return a figure's caption, with the warning where its title does not hold."""
    return published.caption if published.true else f"{figures.UNTRUE} {published.caption}"


def as_markdown(items, folder):
    """Return a pack as Markdown.

    Parameters
    ----------
    items : list of (reporting.drawing.figures.Published, reporting.publishing.citing.Cited, dict)
        Each with its files.
    folder : str
        Where the files lie, seen from the Markdown file; ends with a slash or is empty.
    """
    title, under = heading(items)
    lines = [f"# {title}", "", f"{under}.", ""]
    for published, cited, _ in items:
        key = published.key
        alt = published.alt.replace("[", "(").replace("]", ")").replace("\n", " ")
        files = ", ".join(f"[{ending[1:]}]({folder}{key}{ending})" for ending in downloads.KINDS)
        lines += [
            f"## {published.title}",
            "",
            published.subtitle,
            "",
            f"![{alt}]({folder}{key}.png)",
            "",
            f"*{caption(published)}*",
            "",
            citing.markdown(cited),
            "",
            f"Files: {files}",
            "",
        ]
    lines += ["## Data", ""]
    for published, cited, _ in items:
        lines += [f"### {cited.name}", "", f"{published.title}. Unit: {published.unit}.", ""]
        for head, *rows in tables(published):
            lines += [*markdown.table(head, rows), ""]
    return "\n".join(lines).replace(NBSP, " ")


def as_zip(items, name):
    """Return a pack as a ZIP file: Word, Markdown, one bibliography, and every file of every figure."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = MARK.encode()

        def put(path, data):
            entry = zipfile.ZipInfo(f"{name}/{path}", (*citing.edition().released.timetuple()[:3], 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, data)

        put("memo.md", as_markdown(items, "figures/"))
        put("memo.docx", as_docx(items))
        put("references.bib", _bibliography(items))
        put("references.csl.json", _csl(items))
        for _, _, content in items:
            for path, data in content.items():
                put(f"figures/{path}", data)
    return written.getvalue()


def _bibliography(items):
    """Return the BibTeX entries of all figures and their sources, each once."""
    entries = dict.fromkeys(entry for _, cited, _ in items for entry in citing.bibtex(cited).split("\n\n"))
    return "\n\n".join(entries) + "\n"


def _csl(items):
    found = {item["id"]: item for _, cited, _ in items for item in citing.csl_items(cited)}
    return json.dumps(list(found.values()), indent=1, ensure_ascii=False) + "\n"


def as_docx(items):
    """Return a pack as a Word file: each figure with caption and citation, then sources, then the data."""
    from docx import Document
    from docx.shared import Cm, Pt

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.2)
    _dress(document)
    title, under = heading(items)
    here = citing.edition()
    properties = document.core_properties
    properties.title, properties.author = title, here.author
    properties.subject, properties.keywords = under, ", ".join(cited.name for _, cited, _ in items)
    properties.comments, properties.last_modified_by = "", MARK
    document.add_paragraph(title, style="Title")
    document.add_paragraph(f"{under}.", style="Subtitle")
    for number, (published, cited, content) in enumerate(items, start=1):
        top = document.add_heading(f"Figure {number}", level=1)
        top.paragraph_format.page_break_before = number > 1
        picture = document.add_paragraph()
        picture.paragraph_format.keep_with_next = True
        shape = picture.add_run().add_picture(io.BytesIO(content[f"{published.key}.png"]), width=Cm(_PICTURE_CM))
        described = shape._inline.docPr
        described.set("descr", published.alt)
        described.set("title", published.title)
        described.set("name", published.key)
        document.add_paragraph(caption(published), style="Caption")
        document.add_paragraph(citing.text(cited, credited=False), style="Citation")
        document.add_paragraph(f"Data: {published.source_line()}; in full at the end.", style="Citation")
    document.add_heading("Sources of the data", level=1)
    sources = dict.fromkeys(source for _, cited, _ in items for source in cited.sources)
    for line in sorted((citing.credit(source) for source in sources), key=str.lower):
        document.add_paragraph(line, style="List Bullet")
    appendix = document.add_heading("Data", level=1)
    appendix.paragraph_format.page_break_before = True
    for published, cited, _ in items:
        document.add_heading(cited.name, level=2)
        document.add_paragraph(f"{published.title}. Unit: {published.unit}.")
        for table in tables(published):
            _add_table(document, table, Pt(8))
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _dress(document):
    """Give the styles of a Word file the report's sober look, in typefaces that every office has."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    from reporting.drawing.theme import colour

    ink, muted = (RGBColor.from_string(colour(name)[1:].upper()) for name in ("ink", "muted"))
    document.styles.add_style("Citation", WD_STYLE_TYPE.PARAGRAPH).base_style = document.styles["Normal"]
    for name, size, shade, above, below in (
        ("Normal", 10.5, ink, 0, 6),
        ("Title", 22, ink, 0, 2),
        ("Subtitle", 11, muted, 0, 18),
        ("Heading 1", 15, ink, 12, 8),
        ("Heading 2", 12, ink, 12, 4),
        ("Caption", 9.5, ink, 4, 6),
        ("Citation", 8.5, muted, 0, 6),
        ("List Bullet", 9.5, ink, 0, 3),
    ):
        style = document.styles[name]
        style.font.size, style.font.color.rgb, style.font.name = Pt(size), shade, "Calibri"
        style.font.italic = False
        style.font.bold = name.startswith(("Heading", "Title"))
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{attribute}"), None)
        for attribute in ("ascii", "hAnsi", "cs", "eastAsia"):
            fonts.set(qn(f"w:{attribute}"), "Calibri")
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(above), Pt(below)
        if name == "Title":
            for border in style.element.pPr.findall(qn("w:pBdr")):
                style.element.pPr.remove(border)


def tables(published):
    """Return the data of a figure as tables of text, one a set of rows.

    Left out are rows that a larger set has too, and what only styles or places the marks.
    """
    found = []
    every = [rows for _, rows in downloads.sets(published.specs["wide"])]
    for rows in every:
        names = [
            name
            for name in downloads.columns(rows)
            if name not in _STYLING and any(_tells(row.get(name)) for row in rows)
        ]
        part_of_another = any(len(other) > len(rows) and all(row in other for row in rows) for other in every)
        if names and not part_of_another:
            found.append([names, *([_short(downloads.cell(row.get(name))) for name in names] for row in rows)])
    return found


def _short(value):
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _tells(value):
    return value not in (None, "") and not re.fullmatch(r"#[0-9a-f]{6}", str(value))


def _add_table(document, rows, size):
    from docx.oxml.ns import qn

    shown = rows[: 1 + _MOST_ROWS]
    table = document.add_table(rows=len(shown), cols=len(rows[0]), style="Light Shading")
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    for name, value in (("val", "0600"), ("noHBand", "1"), ("noVBand", "1"), ("firstColumn", "0"), ("firstRow", "0")):
        look.set(qn(f"w:{name}"), value)
    for cells, row in zip(table._tbl.tr_lst, shown, strict=True):
        for cell, words in zip(cells.tc_lst, row, strict=True):
            cell.p_lst[0].add_r().text = words
    for paragraph in (p for row in table.rows for cell in row.cells for p in cell.paragraphs):
        paragraph.paragraph_format.space_after = 0
        paragraph.paragraph_format.line_spacing = 1
        for run in paragraph.runs:
            run.font.size = size
    for cell in table.rows[0].cells:
        cell.paragraphs[0].paragraph_format.keep_with_next = True
        cell.paragraphs[0].runs[0].font.bold = True
    left = len(rows) - len(shown)
    rest = f"{left} more rows are in the CSV file of the figure." if left else ""
    document.add_paragraph(rest)
