"""What stands around an article: fonts, palette and scripts, and which of them a page loads."""

import re
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError

from analysis import __version__
from reporting.drawing import theme, typeface

#: The templates of the frame; Sphinx takes them before the theme's.
TEMPLATES = Path(__file__).parent / "templates" / "frame"
STYLES = {"palette.css", "report.css"}
SCRIPTS = {"report.js"}
#: Sphinx's own search needs these; it loads the first three on every page, and leaves the others to the search page.
SEARCH_SCRIPTS = {"documentation_options.js", "doctools.js", "sphinx_highlight.js"}
SEARCH_PAGE_SCRIPTS = ("_static/searchtools.js", "_static/language_data.js", "searchindex.js")


def mathml(self, node, display):
    """Write a formula as MathML: no script, no font, no network."""
    from latex2mathml.converter import convert

    self.body.append(convert(node.astext(), display="block" if display else "inline"))
    raise nodes.SkipNode


def write_assets(app):
    """Put the fonts, the palette and the chart library where pages find them."""
    folder = Path(app.outdir) / "_static"
    folder.mkdir(parents=True, exist_ok=True)
    faces = typeface.css(lambda package, face: f"fonts/{face}.woff2")
    (folder / "palette.css").write_text(faces + theme.style_sheet(), "utf-8")
    fonts = folder / "fonts"
    fonts.mkdir(exist_ok=True)
    for package, face, *_ in typeface.FACES:
        (fonts / f"{face}.woff2").write_bytes(typeface.woff2(package, face))
    import vl_convert

    snippet = "window.chartLibrary = { embed: vegaEmbed };"
    bundle = vl_convert.javascript_bundle(snippet, vl_version="6.4")
    target = Path(app.outdir) / "charts" / "vega.js"
    target.parent.mkdir(exist_ok=True)
    # The bundle declares names such as `_` at top level, which would clash with Sphinx's own scripts.
    target.write_text(f"(function () {{\n{bundle}\n}})();\n", "utf-8")


def add_templates(app, config):
    """Let the frame's templates go before the theme's."""
    config.templates_path = [str(TEMPLATES), *config.templates_path]


def dress(app, pagename, templatename, context, doctree):
    """Give a page's frame what it shows, and keep of all scripts and styles those that this report uses.

    Raises
    ------
    sphinx.errors.ExtensionError
        If one of them is not there any more: a page without it would look whole and not be.
    """
    searching = pagename == "search"
    context["report_version"] = __version__
    context["css_files"] = _kept(context["css_files"], STYLES, pagename)
    context["script_files"] = _kept(
        context["script_files"], SCRIPTS | (SEARCH_SCRIPTS if searching else set()), pagename
    )
    if searching:
        context["script_files"] += SEARCH_PAGE_SCRIPTS  # names alone: Sphinx leaves their order as it is


def _kept(files, wanted, pagename):
    kept = {Path(str(file.filename or "")).name: file for file in files}
    missing = sorted(wanted - kept.keys())
    if missing:
        raise ExtensionError(f"{pagename}: neither Sphinx nor the theme gives the page {', '.join(missing)} any more")
    return sorted((file for name, file in kept.items() if name in wanted), key=lambda file: file.priority)


def remove_unused(app, exception):
    """Leave out of the finished site what no page loads: 5 MB of the theme's scripts and styles."""
    if exception:
        return
    static = Path(app.outdir) / "_static"
    used = set()
    for page in Path(app.outdir).rglob("*.html"):
        used.update(re.findall(r'_static/([^"?#]+)', page.read_text("utf-8")))
    for file in sorted(static.rglob("*"), reverse=True):
        name = file.relative_to(static).as_posix()
        if file.is_dir():
            if not any(file.iterdir()):
                file.rmdir()
        elif name not in used and not name.startswith("fonts/"):
            file.unlink()
