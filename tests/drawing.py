"""What stands where in a drawing: marks that leave their plot, texts that overlap or leave the page.

A specification is laid out by the renderer, transforms, scales and all, so nothing has to be guessed from the
Vega-Lite. Only widths of texts are measured here, in the typeface the figures are drawn with.
"""

import itertools
import math
import re
from dataclasses import dataclass

import vl_convert
from altair.utils.schemapi import debug_mode

from reporting.drawing import figures, theme, typeface
from reporting.inputs import evidence

#: How far a mark may stand outside its plot, and texts into one another, in px.
SLACK = 1.0
#: Top and bottom of letters over and under their base line, in parts of the type size.
_ASCENT, _DESCENT = 0.68, 0.18
#: Where the base line lies under the point a text is set at, in parts of the type size.
_BASE_LINE = {"alphabetic": 0.0, "middle": 0.3, "top": 0.79, "bottom": -0.21, "line-top": 0.79, "line-bottom": -0.21}


@dataclass(frozen=True)
class Text:
    """A text of a drawing and the box of its letters, in px."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other, slack=SLACK):
        """Return whether two boxes share more than a hair."""
        return (
            min(self.right, other.right) - max(self.left, other.left) > slack
            and min(self.bottom, other.bottom) - max(self.top, other.top) > slack
        )

    def holds(self, other, slack=SLACK):
        """Return whether another box lies inside, but for a hair."""
        return (
            other.left >= self.left - slack
            and other.right <= self.right + slack
            and other.top >= self.top - slack
            and other.bottom <= self.bottom + slack
        )


class Drawing:
    """A specification laid out.

    Attributes
    ----------
    width, height : float
        Of the page.
    texts : list of Text
        Axis labels and titles included.
    outside : list of str
        Marks that leave their plot, in words.
    """

    def __init__(self, spec):
        theme.register_fonts()
        drawn = vl_convert.vegalite_to_scenegraph(spec, vl_version="6.4")
        self.width, self.height = drawn["width"], drawn["height"]
        self.texts, self.outside, self._spec = [], [], spec
        self._walk(drawn["scenegraph"], *drawn["origin"], None, True)

    def _walk(self, mark, left, top, plot, inside):
        kind, role = mark["marktype"], mark.get("role")
        inside = inside and role in ("frame", "scope", "mark")
        for item in mark["items"]:
            x, y = item.get("x", 0), item.get("y", 0)
            if kind == "group":
                # A line drawn in parts stands in a group that is no plot of its own but as large as one.
                own = (item["width"], item["height"]) if item.get("width") and item.get("height") else plot
                for child in item.get("items", []):
                    self._walk(child, left + x, top + y, own, inside)
            elif kind == "text":
                self._text(item, left, top)
            if kind != "group" and inside and plot and not mark.get("clip"):
                self._check(mark, item, plot)

    def _text(self, item, left, top):
        text, size = str(item.get("text", "")), item.get("fontSize", 11)
        if not text.strip() or item.get("opacity") == 0:
            return
        weight = 600 if item.get("fontWeight") in (600, "bold") else 400
        wide = min(typeface.width(text, size, weight), item.get("limit") or 1e9)
        start = {"left": 0, "center": -wide / 2, "right": -wide}[item.get("align", "left")]
        x = left + item.get("x", 0) + item.get("dx", 0) + start
        y = top + item.get("y", 0) + item.get("dy", 0) + _BASE_LINE[item.get("baseline", "alphabetic")] * size
        if item.get("angle"):
            raise ValueError(f"{text!r} is turned, which is not measured")
        self.texts.append(Text(text, x, y - _ASCENT * size, x + wide, y + _DESCENT * size))

    def _check(self, mark, item, plot):
        ends = {axis: [item.get(axis), item.get(f"{axis}2")] for axis in ("x", "y")}
        if mark["marktype"] == "rect":
            for axis, size in (("x", "width"), ("y", "height")):
                if item.get(axis) is not None and item.get(size) is not None:
                    ends[axis].append(item[axis] + item[size])
        for (axis, places), size in zip(ends.items(), plot, strict=True):
            for place in places:
                if place is not None and not -SLACK <= place <= size + SLACK:
                    self.outside.append(self._words(mark, item, axis, place, size))
                    return

    def _words(self, mark, item, axis, place, size):
        """Say which mark stands outside, and by the encoding of its layer, of what field and about what value."""
        said = mark["marktype"] + (f" {item['text']!r}" if item.get("text") else "")
        said += f" of {mark.get('name')} at {axis} = {place:.0f} px of {size:.0f}"
        part = above = self._spec
        for kind, number in re.findall(r"(layer|concat)_(\d+)", mark.get("name") or ""):
            kind = kind if kind in part else next((each for each in ("hconcat", "vconcat") if each in part), kind)
            above, part = part, part.get(kind, [part] * 99)[int(number)]
        encoding = part.get("encoding", {}).get(axis, {})
        # The layers of a plot share a scale, and one of them declares it.
        layers = [part, *above.get("layer", [])]
        scales = [layer.get("encoding", {}).get(axis, {}).get("scale") or {} for layer in layers]
        scale = next((each for each in scales if "domain" in each), {})
        domain = scale.get("domain")
        if domain and all(isinstance(end, int | float) for end in domain):
            along = place / size if axis == "x" else 1 - place / size
            if scale.get("type") == "log":
                value = domain[0] * math.exp(along * math.log(domain[1] / domain[0]))
            else:
                value = domain[0] + along * (domain[1] - domain[0])
            said += f": {encoding.get('field')} about {value:.4g}, domain {domain[0]:.4g} to {domain[1]:.4g}"
        return said

    def collisions(self):
        """Return pairs of texts that overlap, and texts that leave the page, in words."""
        found = [f"{a.text!r} over {b.text!r}" for a, b in itertools.combinations(self.texts, 2) if a.overlaps(b)]
        page = Text("", 0, 0, self.width, self.height)
        return found + [f"{text.text!r} leaves the page" for text in self.texts if not page.holds(text)]


def drawn(key, report):
    """Return the specifications of a figure by canvas, and the assumptions that it read."""
    declared = figures.find(key)
    with evidence.recording() as inputs, debug_mode(False):
        specs = {
            name: theme.specification(declared.function(report, canvas), canvas)
            for name, canvas in (("wide", theme.WIDE), ("narrow", theme.NARROW))
        }
    return specs, {*inputs.assumptions, *inputs.ranges}
