"""Tables that a notebook shows: real HTML tables, the same bytes every time."""

import html

from analysis import results


class Table:
    """A captioned table.

    Parameters
    ----------
    caption : str
    head : sequence of str
        Column names.
    rows : sequence of sequence of str
        Cells in words; the first of each row names it.
    """

    def __init__(self, caption, head, rows):
        self.caption, self.head, self.rows = caption, list(head), [list(row) for row in rows]

    def html(self):
        """Return the table as HTML; on a phone each row folds into a block, labelled by column."""
        escape = html.escape
        header = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.head)
        body = "".join(
            f'<tr><th scope="row">{escape(row[0])}</th>'
            + "".join(
                f'<td data-label="{escape(name)}">{escape(cell)}</td>'
                for name, cell in zip(self.head[1:], row[1:], strict=True)
            )
            + "</tr>"
            for row in self.rows
        )
        return (
            f'<div class="table-scroll"><table class="plain"><caption>{escape(self.caption)}</caption>'
            f"<thead><tr>{header}</tr></thead><tbody>{body}</tbody></table></div>"
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        lines = [self.caption, "\t".join(self.head), *("\t".join(row) for row in self.rows)]
        return {"text/html": self.html(), "text/plain": "\n".join(lines)}


def of_results(report, caption, keys):
    """Return a table of results with their 80% ranges.

    Parameters
    ----------
    report : analysis.report.Report
    caption : str
    keys : sequence of str
    """
    rows = []
    for key in keys:
        spread = report.text(key, "range") if report.inputs(key).assumptions else "no assumption"
        rows.append((results.find(key).title, report.text(key), spread))
    return Table(caption, ("Number", "Value", "80% range"), rows)
