"""Tables for the terminal in which the name of a thing is always whole, however narrow the terminal."""

from rich.table import Table

__all__ = ["listing"]


def listing(*headers: str, whole: str) -> Table:
    """Make an empty table, one column of which is cut and wrapped nowhere, for its words are typed again.

    Parameters
    ----------
    headers : str
        Of the columns, from the left.
    whole : str
        Which of them stays whole; the others give way to it, in several lines.
    """
    table = Table(box=None, pad_edge=False)
    for header in headers:
        table.add_column(header, no_wrap=header == whole, overflow="fold")
    return table
