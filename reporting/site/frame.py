"""What stands around an article: fonts, palette and scripts, and the theme's page reduced to its structure."""

import re
from pathlib import Path

from docutils import nodes

from analysis import __version__
from reporting.drawing import theme, typeface


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


#: The scripts a page may load. Search needs Sphinx's own; the theme's are replaced by report.js.
SCRIPTS = ("report.js",)
SEARCH_SCRIPTS = (
    "documentation_options.js",
    "doctools.js",
    "sphinx_highlight.js",
    "searchtools.js",
    "language_data.js",
    "searchindex.js",
)
STYLES = ("palette.css", "report.css")
#: Runs before the first paint, so that a reader in dark mode sees no white flash.
EARLY_SCRIPT = (
    "<script>(function (d, t) { try { t = localStorage.getItem('theme') } catch (e) {} "
    "d.theme = t || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light') }"
    ")(document.documentElement.dataset)</script>"
)
#: What the theme puts around an article and this report does not use.
_UNUSED = re.compile(
    r"""<dialog\ id="pst-secondary-sidebar-modal"></dialog>
    | <div\ id="jb-print-docs-body".*?(?=<div\ id="searchbox">)
    | <div\ class="pst-async-banner-revealer.*?</aside>\s*</div>
    | <header\ id="pst-header".*?</header>
    | <div\ (?:id|class)="\w+-scroll-pixel-helper"></div>
    | <div\ class="sidebar-header-items\b[^>]*>\s*</div>
    | <div\ class="sidebar-primary-items__end\b[^>]*>\s*</div>
    | <span\ class="search-button__kbd-shortcut">.*?</span>
    | <footer\ class="bd-footer">\s*</footer>
    | <(i|span)\ class="[^"]*\bfa-[^>]*>\s*</\1>
    | <!--.*?-->
    | <meta\ name="docsearch[^>]*>
    | (?<=/>)<meta\ name="viewport"[^>]*>
    | <meta\ name="viewport"[^>]*initial-scale=1"/>
    | \ data-bs-\w+="[^"]*"
    """,
    re.VERBOSE | re.DOTALL,
)


def trim_page(app, pagename, templatename, context, doctree):
    """Name the version in the footer, and the report only once in the title of its first page."""
    context["theme_extra_footer"] = context.get("theme_extra_footer", "").replace("VERSION", __version__)
    if pagename == app.config.root_doc:
        context["titlesuffix"] = ""


def trim_site(app, exception):
    """Leave out of the finished site what the theme loads and this report replaces: 5 MB of scripts and styles."""
    if exception:
        return
    static = Path(app.outdir) / "_static"
    used = set()
    for page in Path(app.outdir).rglob("*.html"):
        text = trim_frame(page.read_text("utf-8"), search=page.name == "search.html")
        page.write_text(text, "utf-8")
        used.update(re.findall(r'_static/([^"?#]+)', text))
    for file in sorted(static.rglob("*"), reverse=True):
        name = file.relative_to(static).as_posix()
        if file.is_dir():
            if not any(file.iterdir()):
                file.rmdir()
        elif name not in used and not name.startswith("fonts/"):
            file.unlink()


def trim_frame(page, search=False):
    """Return a page with the theme's frame around the article reduced to its structure; the article stays as it is."""
    allowed = SCRIPTS + (SEARCH_SCRIPTS if search else ())

    def script(match):
        source = re.search(r'\bsrc="(?:[^"?]*/)?([^"?/]+)', match[1])
        return match[0] if source and source[1] in allowed else ""

    def link(match):
        if not re.search(r'rel="(?:stylesheet|preload)"', match[0]):
            return match[0]
        return match[0] if any(f"/{name}" in match[0] for name in STYLES) else ""

    def trim(frame):
        frame = re.sub(r"<script\b([^>]*)>.*?</script>", script, frame, flags=re.DOTALL)
        frame = re.sub(r"<link\b[^>]*>", link, frame)
        frame = frame.replace('<span class="fa-solid fa-bars"></span>', "Menu")
        frame = frame.replace('title="Toggle primary sidebar"', 'type="button" aria-haspopup="dialog"')
        frame = _UNUSED.sub("", frame)
        return re.sub(r"\s*\n\s*", "\n", frame)

    before, start, rest = page.partition("<article")
    article, end, after = rest.partition("</article>")
    before = trim(before).replace("</title>", f"</title>\n{EARLY_SCRIPT}", 1)
    return before + start + article + end + trim(after)
