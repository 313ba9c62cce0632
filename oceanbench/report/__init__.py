"""What a reader gets of an evaluation: a page with pictures, or a table in the terminal.

The pictures alone are in :mod:`oceanbench.report.figures`, which loads matplotlib.
"""

from oceanbench.report.page import write_report
from oceanbench.report.table import print_evaluation

__all__ = ["print_evaluation", "write_report"]
