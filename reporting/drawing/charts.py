"""What the chapters' charts share: inline data, colours and shapes that the data name, texts, and rows with names."""

import altair as alt

from reporting.drawing.theme import FONT, colour, row_names, rows_axis

#: Encodings of marks whose rows say their colour (``fill``) and their shape (``shape``).
FILL, SHAPE = alt.Color("fill:N", scale=None), alt.Shape("shape:N", scale=None)


def data(values):
    """Return a chart of a list of mappings."""
    return alt.Chart(alt.Data(values=values))


def written(rows, x, y, align="left", **mark):
    """Return the layer of texts that stand in the plot: each of `rows` has its place, ``text`` and ``fill``."""
    return data(rows).mark_text(align=align, **mark).encode(x=x, y=y, text="text:N", color=FILL)


def named(canvas, field="name", **axis):
    """Return the y encoding of rows with names, in the order of the data; their names as in `theme.rows_axis`."""
    return alt.Y(f"{field}:N", sort=None, axis=rows_axis(canvas, **axis))


def layered(layers, base, canvas, wide, narrow, field="name", **place):
    """Return layers of named rows as one chart.

    Parameters
    ----------
    layers : list of altair.Chart
    base : altair.Chart
        With the rows and their places.
    canvas : reporting.drawing.theme.Canvas
    wide, narrow : int
        Height of a row in px; on a phone its name stands in it, too.
    field : str
        The name of a row.
    **place
        Options of `theme.row_names`.
    """
    names = [row_names(base, field, **place)] if canvas.narrow else []
    return alt.layer(*layers, *names).properties(height=alt.Step(narrow if canvas.narrow else wide))


def heading(text):
    """Return the title over one of several plots that stand beside each other."""
    return alt.TitleParams(
        text,
        anchor="start",
        frame="group",
        fontSize=13,
        fontWeight=600,
        color=colour("ink"),
        font=FONT,
        offset=8,
    )
