"""A command of ours in a process that ends when its parent does, also when that is killed.

Run as ``python -m oceanbench_web.serving._child WORDS``; standard input is a pipe of which only the parent
holds the other end.
"""

import os
import signal
import sys
import threading
import time

from oceanbench.cli import main

__all__: list[str] = []

_GRACE = 20.0  # seconds that the command has to end by itself


def _end_with_the_parent() -> None:
    # nothing is ever written: reading ends when the other end is closed, by whatever kills the parent
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_parent, name="parent", daemon=True).start()
    sys.argv[0] = "oceanbench"
    main()
