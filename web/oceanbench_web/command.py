"""The command ``oceanbench serve``: pages, API and worker on one machine, with nothing installed."""

import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from oceanbench.commands.options import FOLDER

if TYPE_CHECKING:  # what speaks HTTP is imported when the command runs
    from oceanbench_leaderboard.service import Service
    from oceanbench_leaderboard.settings import Settings

__all__ = ["serve"]


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on; 0 for a free one.",
)
@click.option("--data", type=FOLDER, help="Folder of the service; $OCEANBENCH_SERVICE if not given.")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Maps scored at a time."
)
@click.option("--no-worker", is_flag=True, help="Score nothing here: workers run elsewhere.")
def serve(host: str, port: int, data: Path | None, workers: int, no_worker: bool) -> None:
    """Run a leaderboard service: its pages, its API, and the worker that scores.

    Everything lies in one folder. $OCEANBENCH_DATABASE_URL, $OCEANBENCH_QUEUE_URL and $OCEANBENCH_STORE move
    it to PostgreSQL, Redis and S3, and 'oceanbench worker' to other machines.

    Example: oceanbench serve --data service
    """
    from oceanbench_leaderboard.logs import configure_logs
    from oceanbench_leaderboard.service import open_service
    from oceanbench_leaderboard.settings import Settings
    from oceanbench_web.app import create_app
    from oceanbench_web.security.production import check_production
    from oceanbench_web.serving import listening, run_web
    from oceanbench_web.settings import WebSettings
    from oceanbench_web.signin import providers

    settings, web = Settings.from_environment(data), WebSettings.from_environment()
    check_production(settings, web)
    providers()  # half a registration is refused now, not when somebody signs in
    configure_logs(settings.log_format)
    with _until_told_to_end(), ExitStack() as stack:
        server = stack.enter_context(listening(host, port))
        address = _address(host, server.getsockname()[1])
        stack.enter_context(_folder_of(settings, address))
        service = open_service(settings)
        stack.callback(service.close)
        _say_where(settings, address, host, service)
        if not no_worker:
            stack.enter_context(_worker(settings, workers))
        run_web(create_app(service, web), server, web)


@contextmanager
def _until_told_to_end() -> Iterator[None]:
    """Let SIGTERM and SIGINT unwind what was opened; while the web server runs it has its own handlers."""

    def end(number: int, frame: FrameType | None) -> None:
        sys.exit(0)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _address(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"


@contextmanager
def _folder_of(settings: "Settings", address: str) -> Iterator[None]:
    """Keep others from serving the same folder; beside a database server it holds scratch space only."""
    from oceanbench_web.serving import claimed

    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not settings.database_url.startswith("sqlite"):
        yield
        return
    with claimed(settings.data, address):
        yield


@contextmanager
def _worker(settings: "Settings", workers: int) -> Iterator[None]:
    from oceanbench_web.serving import Supervisor

    def tell(sentence: str) -> None:
        click.echo(sentence, err=True)

    with Supervisor(["worker", "--data", str(settings.data), "--workers", str(workers)], tell):
        yield


def _say_where(settings: "Settings", address: str, host: str, service: "Service") -> None:
    from oceanbench_leaderboard.accounts import teams

    click.echo(f"oceanbench serves {settings.base_url or address}")
    click.echo(f"folder of the service: {settings.data}")
    if settings.mode != "production" and host not in ("127.0.0.1", "localhost", "::1"):
        click.echo(
            f"warning: {host} can be reached from other machines, and the mode is development: "
            "set OCEANBENCH_MODE=production, which refuses unsafe settings",
            err=True,
        )
    if not teams(service):
        click.echo("nobody can submit yet; in another terminal:")
        click.echo(f"  oceanbench admin token 'MY TEAM' --data {settings.data}")
        click.echo(f"  oceanbench submit MAP.nc --to {address} --token THE_TOKEN --wait")
