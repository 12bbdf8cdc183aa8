"""The look of the figures: palette, type, and how a chart becomes SVG that is the same everywhere."""

import copy
import math
import re
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from reporting.core import wording
from reporting.drawing import typeface

#: Colour name to (light, dark). The site's style sheet swaps them; the stored SVG is the light one.
#: Marks that are told apart by colour differ in lightness too, so that grey print keeps them apart.
PALETTE = {
    "ink": ("#1b1f24", "#eceae5"),
    "muted": ("#5d6670", "#a7b0ba"),
    "rule": ("#d5d9dd", "#40474f"),
    "paper": ("#fefefe", "#15181c"),
    "accent": ("#17549c", "#7cb4f0"),
    "accent_soft": ("#a9c8ea", "#2f5783"),
    "contrast": ("#c4601a", "#d67d2a"),
    "contrast_soft": ("#f2d3b3", "#6e4a26"),
    "neutral": ("#8b949e", "#7f8995"),
    "neutral_soft": ("#dfe3e7", "#353c44"),
}
FONT = "Source Sans Pro"
#: Labels of an axis of dollars, from thousands to billions, in Vega's expression language.
DOLLARS = (
    "datum.value >= 1e9 ? '$' + format(datum.value / 1e9, '~g') + 'B' : datum.value >= 1e6 ? '$' + "
    "format(datum.value / 1e6, '~g') + 'M' : '$' + format(datum.value / 1e3, '~g') + 'k'"
)
_FACES = ("Regular", "Semibold", "It")


def colour(name):
    """Return the light value of a palette colour."""
    return PALETTE[name][0]


@dataclass(frozen=True)
class Canvas:
    """The space a figure is drawn into.

    Attributes
    ----------
    width : int
        Total width in px, axes and labels included.
    narrow : bool
        Whether this is the version for a phone.
    """

    width: int
    narrow: bool


WIDE = Canvas(680, narrow=False)
NARROW = Canvas(350, narrow=True)


def config():
    """Return the Vega-Lite configuration shared by all figures."""
    ink, muted, rule = colour("ink"), colour("muted"), colour("rule")
    label = {"labelFont": FONT, "labelFontSize": 13, "labelColor": muted}
    title = {"titleFont": FONT, "titleFontSize": 13, "titleFontWeight": "normal", "titleColor": muted}
    return {
        "background": None,
        "aria": False,
        "font": FONT,
        "padding": 4,
        "view": {"stroke": None},
        "axis": {
            **label,
            **title,
            "domainColor": rule,
            "tickColor": rule,
            "gridColor": rule,
            "gridDash": [1, 3],
            "labelPadding": 5,
            "titlePadding": 8,
            "labelLimit": 260,
        },
        "axisY": {"domain": False, "ticks": False},
        "header": {**label, **title, "labelColor": ink},
        "text": {"font": FONT, "fontSize": 13, "fill": ink},
        "bar": {"fill": colour("accent")},
        "line": {"stroke": colour("accent"), "strokeWidth": 2},
        "point": {"fill": colour("accent"), "size": 70, "filled": True, "opacity": 1},
        "rule": {"stroke": colour("muted")},
        "area": {"fill": colour("accent_soft"), "opacity": 1},
        "tick": {"fill": colour("ink")},
    }


def rows_axis(canvas, **options):
    """Return the axis of a chart whose rows are named: beside the marks, or above them on a phone (`row_names`)."""
    import altair as alt

    if canvas.narrow:
        return alt.Axis(labels=False, title=None, ticks=False, domain=False)
    return alt.Axis(title=None, ticks=False, domain=False, labelColor=colour("ink"), **options)


def row_names(base, field="name", x=0, dy=-17):
    """Return the layer that writes row names above the marks, `x` px from the left."""
    import altair as alt

    return base.mark_text(align="left", dy=dy, color=colour("ink")).encode(x=alt.value(x), text=f"{field}:N")


def dates(field, first, last, *, nice=True, **axis):
    """Return the x encoding of a field of dates.

    The scale is in UTC, as the dates are: on a local one the ticks, and with them the labels, hang on the time zone
    of the machine that draws.

    Parameters
    ----------
    field : str
    first, last : str
        Ends of the axis, ISO dates.
    nice : bool
        Whether the ends may move out to a round date.
    **axis
        Options of `altair.Axis`.
    """
    import altair as alt

    scale = alt.Scale(type="utc", domain=[first, last], **({} if nice else {"nice": False}))
    return alt.X(f"{field}:T", title=None, scale=scale, axis=alt.Axis(format="%Y", **axis))


def extent(least, values, ticks, *, log=False, room=(0.0, 0.0)):
    """Return the ends and the ticks of an axis that holds some values.

    Both are the ones given as long as these hold the values: a drawing keeps its axis until an assumption moves
    something out of it.

    Parameters
    ----------
    least : (float, float)
        Ends of the axis as it is at least.
    values : iterable of float
        Whatever is drawn along it.
    ticks : list of float
        Ticks for the least axis; a longer one goes on in the same manner.
    log : bool
        Whether the scale is logarithmic.
    room : (float, float)
        Parts of the axis that stay free below and above the values, for labels.

    Returns
    -------
    (list of float, list of float)
    """
    along, back = (math.log10, lambda place: 10.0**place) if log else (float, float)
    first, last = (along(end) for end in least)
    places = [along(value) for value in values]
    low, high = min(places), max(places)

    def tight():
        span = last - first
        return low - room[0] * span < first - 1e-9, high + room[1] * span > last + 1e-9

    grows = tight()
    if not any(grows):
        return list(least), ticks
    if grows == (True, False):
        first = (low - room[0] * last) / (1 - room[0])
    elif grows == (False, True):
        last = (high - room[1] * first) / (1 - room[1])
    if all(grows) or any(tight()):  # on a longer axis the other end may want more room, too
        grows, span = (True, True), (high - low) / (1 - sum(room))
        first, last = low - room[0] * span, high + room[1] * span
    ends = [back(place) if grown else end for place, grown, end in zip((first, last), grows, least, strict=True)]
    return ends, (_log_ticks if log else _even_ticks)(ends, ticks)


def _log_ticks(ends, ticks):
    """Return ticks that go on by decades, or powers of ten alone if there would be many."""
    decades = range(-15, 16)
    more = {float(f"{tick * 10.0**n:.6g}") for tick in ticks for n in decades}
    found = sorted(tick for tick in more if ends[0] <= tick <= ends[1])
    return found if len(found) <= 8 else [tick for tick in found if f"{tick:e}"[0] == "1"]


def _even_ticks(ends, ticks):
    """Return ticks at the same distance, or at a multiple of it if there would be many."""
    step = ticks[-1] - ticks[-2]
    wide = next(
        step * times for times in (1, 2, 4, 5, 10, 20, 50, 100, 500, 1000) if (ends[1] - ends[0]) / step / times < 7
    )
    return [wide * n for n in range(math.ceil(ends[0] / wide), math.floor(ends[1] / wide) + 1)]


@dataclass(frozen=True)
class Box:
    """What a text covers, in px from the upper left corner of a plot.

    Attributes
    ----------
    left, top, right, bottom : float
    """

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def of(cls, text, x, y, align="left", size=13, weight=400):
        """Return the box of a text that starts, ends or is centred at `x` and has its middle at `y`."""
        wide = typeface.width(text, size, weight)
        left = x - {"left": 0, "center": wide / 2, "right": wide}[align]
        return cls(left, y - 0.45 * size, left + wide, y + 0.45 * size)

    def covers(self, other):
        """Return whether two boxes have a part in common."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def clear(places, taken):
    """Return the first of some places whose box covers none of those taken; the last if each of them does.

    Parameters
    ----------
    places : sequence of (Box, object)
    taken : sequence of Box
    """
    return next((place for box, place in places if not any(box.covers(other) for other in taken)), places[-1][1])


@cache
def register_fonts():
    """Make the figures' typeface known to the renderer, from the package that ships it."""
    import vl_convert

    folder = Path(tempfile.mkdtemp(prefix="figure-fonts-"))
    shipped = files("font_source_sans_pro") / "files"
    for face in _FACES:
        name = f"SourceSansPro-{face}.ttf"
        (folder / name).write_bytes((shipped / name).read_bytes())
    vl_convert.register_font_directory(str(folder))


def specification(chart, canvas):
    """Return a chart's Vega-Lite specification, sized for a canvas, configured and with rounded data."""
    content = chart.to_dict()
    content.pop("config", None)
    single = not {"hconcat", "vconcat", "concat", "facet", "repeat", "spec"} & content.keys()
    if single:
        content.setdefault("width", canvas.width)
        content["autosize"] = {"type": "fit-x", "contains": "padding"}
    content["config"] = config()
    return wording.rounded(content)


def svg(spec, prefix, description):
    """Render a specification as an SVG element that may stand inside an HTML page.

    Parameters
    ----------
    spec : dict
        Vega-Lite.
    prefix : str
        Put before every id: the renderer counts them through the whole process, so they would clash on a
        page and differ from run to run.
    description : str
        Alternative text.

    Returns
    -------
    str
    """
    import html

    import vl_convert

    register_fonts()
    drawn = vl_convert.vegalite_to_svg(copy.deepcopy(spec), vl_version="6.4")
    names = {}
    for identifier in re.findall(r'\bid="([^"]+)"', drawn):
        names.setdefault(identifier, f"{prefix}-{len(names)}")
    for identifier, name in names.items():
        drawn = drawn.replace(f'id="{identifier}"', f'id="{name}"').replace(f"url(#{identifier})", f"url(#{name})")
    drawn = re.sub(r'="([^"]*)"', _round_attribute, drawn)
    start = drawn.index(">", drawn.index("<svg")) + 1
    width, height = re.search(r'viewBox="0 0 (\S+) (\S+)"', drawn).groups()
    label = html.escape(description, quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-label="{label}">{drawn[start:]}'
    )


def _round_attribute(match):
    def two_decimals(number):
        return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")

    return '="' + re.sub(r"-?\d*\.\d{3,}(?:e-?\d+)?", two_decimals, match[1]) + '"'


def style_sheet():
    """Return the CSS that gives figures their dark colours, made from `PALETTE`."""
    dark = 'html[data-theme="dark"]'
    rules = []
    for light, night in PALETTE.values():
        for attribute in ("fill", "stroke"):
            selector = f'.fig svg [{attribute}="{light}"]'
            rules.append(f"{dark} {selector} {{ {attribute}: {night}; }}")
    names = "".join(f"--{name.replace('_', '-')}: {pair[0]}; " for name, pair in PALETTE.items())
    night = "".join(f"--{name.replace('_', '-')}: {pair[1]}; " for name, pair in PALETTE.items())
    head = [f"html {{ {names}}}", f"{dark} {{ {night}}}"]
    return "@media screen {\n" + "\n".join(rules) + "\n}\n" + "\n".join(head) + "\n"
