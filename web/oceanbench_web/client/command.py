"""The command ``oceanbench submit``: check here, send, follow, print."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from oceanbench.commands.options import EXISTING
from oceanbench.terminal import console, json_errors, json_option, print_json, progress_bar

if TYPE_CHECKING:
    from oceanbench_web.client import Connection
    from oceanbench_web.client._checking import Checked

__all__ = ["submit"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("map_file", type=EXISTING, metavar="MAP")
@click.option("--challenge", help="Which challenge it is for; guessed from the file if not given.")
@click.option("--track", help="Which track; from the file if it says so.")
@click.option("--method-card", "card_file", type=_FILE, help="TOML that tells how the map was made.")
@click.option("--method", help="Name of the method, if there is no card, or another than it says.")
@click.option("--to", "url", metavar="URL", help="Address of the service; $OCEANBENCH_URL if not given.")
@click.option("--token", metavar="TOKEN", help="Your token; better in $OCEANBENCH_TOKEN.")
@click.option("--wait", is_flag=True, help="Follow the submission until it is scored.")
@click.option("--no-check", is_flag=True, help="Send it without looking at it first.")
@click.option("--insecure", is_flag=True, help="Send the token also to an address that is not encrypted.")
@json_option
def submit(
    map_file: Path,
    challenge: str | None,
    track: str | None,
    card_file: Path | None,
    method: str | None,
    url: str | None,
    token: str | None,
    wait: bool,
    no_check: bool,
    insecure: bool,
    as_json: bool,
) -> None:
    """Submit a map to a service, which scores it and puts it on its board.

    It is checked here first, by the same code as there. A file that was cut on the way goes on from where it
    stopped.

    Example: oceanbench submit my_map.nc --to https://board.example.org --method "my method" --wait
    """
    from oceanbench_web.client import Connection, finished
    from oceanbench_web.client._cards import card_of
    from oceanbench_web.client._checking import check, unchecked
    from oceanbench_web.client._printing import print_end

    with json_errors(as_json):
        address, secret = _address(url), _secret(token)
        with Connection(address, secret, insecure=insecure, tell=_warn) as connection:
            checked = (unchecked if no_check else check)(map_file, challenge, track)
            card = card_of(card_file, method, checked.attributes)
            _tell_notes(checked)
            view = _enter(connection, map_file, checked, card.model_dump(mode="json"))
            _tell(f"{view['id']}: {view['url']}", as_json)
            if wait:
                view = _followed(connection, view)
    if as_json:
        print_json(view)
    elif finished(view):
        print_end(view, console())
    if view["state"] in ("refused", "failed"):
        sys.exit(1)


def _address(given: str | None) -> str:
    address = given or os.environ.get("OCEANBENCH_URL")
    if not address:
        raise ValueError("no address of a service; give --to URL, or set OCEANBENCH_URL")
    return address


def _secret(given: str | None) -> str:
    secret = (given or os.environ.get("OCEANBENCH_TOKEN") or "").strip()
    if not secret:
        raise ValueError(
            "no token; give --token, or set OCEANBENCH_TOKEN; the page /team of the service makes one, "
            "and so does its administrator: oceanbench admin token TEAM --data FOLDER_OF_THE_SERVICE"
        )
    if not (secret.isascii() and secret.isprintable()) or " " in secret:
        raise ValueError("the token holds signs that no token has; copy it again, it begins with ob_")
    return secret


def _tell_notes(checked: "Checked") -> None:
    for note in checked.notes:
        click.echo(note, err=True)


def _tell(line: str, as_json: bool) -> None:
    """Say something at once; where JSON is asked for, standard output is for that alone."""
    click.echo(line, err=as_json)


def _enter(connection: "Connection", path: Path, checked: "Checked", card: dict[str, Any]) -> dict[str, Any]:
    """Send the file and enter it; the address of its page comes with the answer."""
    from oceanbench_web.client import sha256_of, upload

    connection.once("GET", "/me")  # a wrong address or token is told before a large file is read
    definition = connection.once("GET", f"/challenges/{checked.challenge}")
    _refuse_closed(checked.challenge, definition)
    _warn_of_version(checked.challenge, str(definition.get("version", "")))
    with progress_bar() as progress:
        digest = sha256_of(path, progress)
        upload(connection, path, digest, progress)
    entry = {
        "challenge": checked.challenge,
        "track": checked.track,
        "sha256": digest,
        "file_name": path.name[-255:],
        "card": card,
    }
    view = connection.ask("POST", "/submissions", json=entry)
    _warn_of_other_card(view, card)
    return _with_url(connection, view)


def _with_url(connection: "Connection", view: dict[str, Any]) -> dict[str, Any]:
    return {**view, "url": f"{connection.url}/submissions/{view['id']}"}


def _warn(words: str) -> None:
    click.echo(words, err=True)


def _warn_of_other_card(view: dict[str, Any], card: dict[str, Any]) -> None:
    """Say so where the service had the file: what it had keeps the card that it came with."""
    kept = view.get("card") or {}
    if others := [name for name in card if name in kept and kept[name] != card[name]]:
        _warn(
            f"the service had this file already, as {view['id']}, with another card, which stays: what is "
            f"given now was not taken ({', '.join(others)})"
        )


def _refuse_closed(challenge: str, definition: dict[str, Any]) -> None:
    """Send no file that could not be entered: a deadline counts for the moment of entering."""
    if definition.get("open") is False:
        why = definition.get("why_not") or "it is closed"
        raise ValueError(f"{challenge} takes no submissions: {why}; nothing was sent")


def _warn_of_version(challenge: str, theirs: str) -> None:
    from oceanbench_web.client._checking import known_here

    ours = known_here(challenge)
    if ours is not None and theirs and ours.version != theirs:
        click.echo(
            f"warning: the service has version {theirs} of {challenge}, and this machine {ours.version}: "
            "its check may differ from the one made here",
            err=True,
        )


def _followed(connection: "Connection", view: dict[str, Any]) -> dict[str, Any]:
    from oceanbench_web.client import follow
    from oceanbench_web.client._following import stage

    def tell(now: dict[str, Any]) -> None:
        click.echo(stage(now), err=True)

    return _with_url(connection, follow(connection, str(view["id"]), tell))
