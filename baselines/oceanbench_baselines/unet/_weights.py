"""Weights of a trained network in a file: NumPy's ``npz``, 16-bit floats, with the sizes of the network."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from oceanbench_baselines.unet._shape import Shape

SHIPPED: Final = Path(__file__).parent / "shipped" / "weights.npz"
_WIDTHS, _BLOCKS = "shape.widths", "shape.blocks"


def write_weights(path: Path, shape: Shape, weights: Mapping[str, Any]) -> None:
    """Write weights; a file of that name is replaced only once all is written."""
    arrays = {name: np.asarray(value, np.float16) for name, value in weights.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.part")
    with partial.open("wb") as file:
        np.savez_compressed(
            file,
            allow_pickle=False,
            **{_WIDTHS: np.asarray(shape.widths), _BLOCKS: np.asarray(shape.blocks)},
            **arrays,
        )
    partial.replace(path)


def read_weights(path: Path) -> tuple[Shape, dict[str, NDArray[np.float32]]]:
    """Read what `write_weights` wrote.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it holds something else.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"there are no weights in {str(path)!r}; give 'shipped', or a file that oceanbench train wrote"
        )
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        shape = Shape(*(tuple(int(size) for size in arrays.pop(name)) for name in (_WIDTHS, _BLOCKS)))
    except (ValueError, KeyError, EOFError, OSError) as error:
        raise ValueError(
            f"{str(path)!r} does not hold the weights of a network ({error}); give 'shipped', or a file that "
            "oceanbench train wrote"
        ) from error
    return shape, {name: value.astype(np.float32) for name, value in arrays.items()}
