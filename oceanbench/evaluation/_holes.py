"""Points that had to be scored and have no value."""

from typing import NoReturn

from oceanbench.submission import Problem, SubmissionError

__all__ = ["refuse_gaps", "refuse_holes"]


def refuse_holes(missing: int, wanted: int, first: str) -> NoReturn:
    """Refuse a map with ``missing`` of ``wanted`` points without a value, the first of them at ``first``."""
    raise SubmissionError(
        "the map",
        [
            Problem(
                f"no value at {missing} of the {wanted} points to be scored ({missing / wanted:.2%}), "
                f"the first at {first}",
                "a value at each",
                "fill them, or say what they mean: --holes zero scores a height of zero there, "
                "--holes official skips them as the challenge's own code does",
            )
        ],
    )


def refuse_gaps(missing: int, wanted: int) -> NoReturn:
    """Refuse a map whose missing values, or whose edge, leave ``missing`` of ``wanted`` points undefined."""
    raise SubmissionError(
        "the map",
        [
            Problem(
                f"cubic splines leave {missing} of the {wanted} points to be scored without a value: a "
                "missing value spoils the whole field of its day, and nothing is extrapolated",
                "a value at each node, and nodes on both sides of every point of the truth",
                "fill it, or say what a missing value means: --holes zero scores a height of zero there",
            )
        ],
    )
