"""What ``oceanbench serve`` is made of: a claim on a folder, a worker that is kept alive, a web server."""

from oceanbench_web.serving._claim import claimed
from oceanbench_web.serving._server import configured, listening, run_web
from oceanbench_web.serving._supervisor import Supervisor

__all__ = ["Supervisor", "claimed", "configured", "listening", "run_web"]
