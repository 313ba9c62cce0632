"""Files of a twin that follow from its shipped ones, and the digest of their values that proves it."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import netCDF4
import numpy as np

from oceanbench.twin import DigestError
from oceanbench.twin.checksums import SUMS_FILE

DIGEST_FILE: Final = "OBSERVATIONS.sha256"

type Make = Callable[[Path], None]
type Digest = Callable[[Path], str]


def announced_digest(folder: Path) -> str:
    """Give the digest that a twin's data folder announces for the observations of its truth.

    Raises
    ------
    FileNotFoundError
        If the folder has no such announcement, and so is not a twin's data folder.
    """
    path = folder / DIGEST_FILE
    if not path.is_file():
        raise FileNotFoundError(f"{folder} holds no {DIGEST_FILE}; name the data folder of a twin")
    return path.read_text().split()[0]


def announce(folder: Path, *, make: Make, digest: Digest) -> str:
    """Make the files in a folder that is thrown away, write their digest into ``folder`` and return it."""
    with tempfile.TemporaryDirectory() as name:
        make(Path(name))
        made = digest(Path(name))
    (folder / DIGEST_FILE).write_text(f"{made}  values of the observations\n")
    return made


def write_checked(folder: Path, out: Path, *, make: Make, digest: Digest) -> None:
    """Make files and move them to ``out`` if they have the digest that ``folder`` announces.

    Parameters
    ----------
    folder : Path
        Data folder of a twin.
    out : Path
        Where the files go, made if missing; files of the same names are replaced.
    make, digest : callable
        Write the files into a folder; give the digest of the files in a folder.

    Raises
    ------
    FileNotFoundError
        If nothing is announced.
    DigestError
        If the values differ from the published ones; nothing is left in ``out`` then.
    """
    expected = announced_digest(folder)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix="writing-") as name:
        made = Path(name)
        make(made)
        found = digest(made)
        if found != expected:
            raise DigestError(
                f"observations have digest {found}, the twin's are {expected}; check the truth with "
                f"{SUMS_FILE}, then report the versions of NumPy and SciPy"
            )
        for path in [path for path in made.rglob("*") if path.is_file()]:
            target = out / path.relative_to(made)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)


def values_digest(files: Mapping[str, Path], units: Mapping[str, float]) -> str:
    """SHA-256 of the rounded values in NetCDF files, whatever the bytes of the files.

    Parameters
    ----------
    files : mapping of str to Path
        Files by the label under which they enter, in the order in which they enter.
    units : mapping of str to float
        The variables that enter, and to what each is rounded, in its own unit.
    """
    total = hashlib.sha256()
    for label, path in files.items():
        with netCDF4.Dataset(path) as dataset:
            dataset.set_auto_mask(True)
            for name in sorted(set(dataset.variables) & set(units)):
                values = np.ma.filled(np.ma.asarray(dataset[name][:], dtype=np.float64), -1e6)
                total.update(f"{label} {name} {values.shape}".encode())
                total.update(np.rint(values / units[name]).astype("<i8").tobytes())
    return total.hexdigest()
