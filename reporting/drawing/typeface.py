"""The typefaces of the site and the figures: cut to the characters the report uses, and measured."""

import base64
from functools import cache
from importlib.resources import files
from io import BytesIO

#: Package, file, family, weight and style of each face of the site.
FACES = (
    ("font_source_serif_pro", "SourceSerifPro-Regular", "Source Serif Pro", 400, "normal"),
    ("font_source_serif_pro", "SourceSerifPro-It", "Source Serif Pro", 400, "italic"),
    ("font_source_serif_pro", "SourceSerifPro-Semibold", "Source Serif Pro", 600, "normal"),
    ("font_source_sans_pro", "SourceSansPro-Regular", "Source Sans Pro", 400, "normal"),
    ("font_source_sans_pro", "SourceSansPro-It", "Source Sans Pro", 400, "italic"),
    ("font_source_sans_pro", "SourceSansPro-Semibold", "Source Sans Pro", 600, "normal"),
)
#: The faces a figure is drawn with, by weight.
_SANS = {
    weight: (package, face)
    for package, face, family, weight, style in FACES
    if family == "Source Sans Pro" and style == "normal"
}
#: Latin, punctuation, super- and subscripts, arrows and signs the report uses.
_CHARACTERS = (
    "U+0020-007E,U+00A0-017F,U+2010-2027,U+202F,U+2030,U+2032-2033,U+2070-208E,U+20AC,U+2190-2193,U+2212,U+2248,"
    "U+2260-2265"
)


def _path(package, face):
    return files(package) / "files" / f"{face}.ttf"


@cache
def woff2(package, face):
    """Return a face cut to the report's characters, as WOFF2."""
    from fontTools import subset

    options = subset.Options(flavor="woff2", layout_features=["kern", "liga", "lnum", "tnum", "onum", "sups"])
    options.recalc_timestamp = False
    written = BytesIO()
    with subset.load_font(str(_path(package, face)), options) as font:
        tool = subset.Subsetter(options)
        tool.populate(unicodes=subset.parse_unicodes(_CHARACTERS))
        tool.subset(font)
        subset.save_font(font, written, options)
    return written.getvalue()


def css(address):
    """Return the ``@font-face`` rules of all faces.

    Parameters
    ----------
    address : callable
        Takes package and face, returns the address of the font.
    """
    return "".join(_rule(*each, address(*each[:2])) for each in FACES)


@cache
def embedded_css():
    """Return the ``@font-face`` rules of the faces a figure is drawn with, fonts included."""
    rules = []
    for each in FACES:
        if each[:2] in _SANS.values():
            data = base64.b64encode(woff2(*each[:2])).decode()
            rules.append(_rule(*each, f"data:font/woff2;base64,{data}"))
    return "".join(rules)


def _rule(package, face, family, weight, style, address):
    return (
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {style}; '
        f'font-display: swap; src: url("{address}") format("woff2"); }}\n'
    )


@cache
def _advances(weight):
    """Return units per em, and the width of each character of a face."""
    from fontTools.ttLib import TTFont

    with TTFont(str(_path(*_SANS[weight]))) as font:
        widths, names = font["hmtx"], font.getBestCmap()
        return font["head"].unitsPerEm, {chr(code): widths[name][0] for code, name in names.items()}


def width(text, size, weight=400):
    """Return how wide a text is in the figures' face, in px; kerning is left out.

    Parameters
    ----------
    text : str
    size : float
        In px.
    weight : {400, 600}
    """
    em, advances = _advances(weight)
    return sum(advances.get(character, em) for character in text) * size / em


def wrap(text, size, most, weight=400):
    """Return a text as lines of at most `most` px."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width(longer, size, weight) > most:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
