"""Room on the disk, asked for before anything is fetched."""

import shutil
from pathlib import Path

__all__ = ["MARGIN", "free_bytes", "human_bytes", "require_space"]

MARGIN = 256 * 2**20
"""Bytes that are left free for everything else."""


def free_bytes(folder: Path) -> int:
    """Give the bytes that can be written into a folder, which need not exist yet."""
    existing = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(existing).free


def require_space(folder: Path, needed: int) -> None:
    """Refuse what does not fit.

    Raises
    ------
    OSError
        If the disk has fewer bytes free than needed and ``MARGIN``; the message gives both figures.
    """
    free = free_bytes(folder)
    if needed > max(free - MARGIN, 0):
        raise OSError(
            f"{human_bytes(needed)} are needed in {folder} and {human_bytes(free)} are free there "
            f"({human_bytes(MARGIN)} of them are left alone); make room or choose another folder"
        )


def human_bytes(count: float) -> str:
    """Write bytes as people read them: ``1.5 GB``, by powers of ten."""
    for unit in ("bytes", "kB", "MB"):
        if count < 999.5:
            return f"{count:.0f} {unit}" if count >= 100 or unit == "bytes" else f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} GB" if count < 999.5 else f"{count / 1000:.3g} TB"
