"""oceanbench: from a sea surface height map to a score that others trust."""

from importlib.metadata import version

__version__ = version("oceanbench")
__all__ = ["__version__"]
