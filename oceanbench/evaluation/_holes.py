"""Points that had to be scored and have no value."""

from typing import NoReturn

from oceanbench.submission import Problem, SubmissionError

__all__ = ["refuse_holes"]


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
