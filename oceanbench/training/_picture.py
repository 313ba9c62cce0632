"""The curve of a training."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from oceanbench.report.axes import OFFICIAL, REFERENCE, ROBUST, new_figure, style, title


def draw_course(curve: Sequence[Mapping[str, float]], path: Path) -> None:
    """Draw loss and held-out error over the steps, and write a PNG.

    Parameters
    ----------
    curve : sequence of mapping
        What every look said, see ``Look.to_json``.
    path : Path
    """
    figure = new_figure(7.0, 5.2)
    title(figure, "Course of the training")
    upper, lower = figure.subplots(2, 1, sharex=True)
    steps = [look["step"] for look in curve]
    upper.plot(steps, [look["loss"] for look in curve], color=ROBUST, marker=".")
    style(upper, "loss on what is learned from, mean since the last look", ylabel="loss")
    held = [1e3 * look["held_out_rmse"] for look in curve]
    lower.plot(steps, held, color=OFFICIAL, marker=".")
    untreated = 1e3 * curve[-1]["untreated_rmse"]
    style(
        lower,
        f"error of held-out heights: {held[-1]:.2f} mm in the end, {untreated:.2f} mm unfiltered",
        "steps",
        "RMSE (mm)",
    )
    for axes in (upper, lower):
        axes.grid(True, color=REFERENCE, alpha=0.12)
    part = path.with_name(f".{path.name}.part")
    figure.savefig(part, format="png")
    part.replace(path)
