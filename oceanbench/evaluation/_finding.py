"""Which challenge a map is for: what the file says, else what its box and dates fit."""

from pathlib import Path

from oceanbench.catalog import challenge_names, load_challenge
from oceanbench.challenge import Challenge
from oceanbench.data_files import has_reference
from oceanbench.evaluation._fitting import Fit, close_fits, covers_box, extent
from oceanbench.submission import Submission

__all__ = ["definition_named", "find_challenge"]


def definition_named(challenge: str | Challenge) -> Challenge:
    """Give a definition that is named, or given as it is.

    Raises
    ------
    LookupError
        If no challenge has that name.
    """
    return challenge if isinstance(challenge, Challenge) else load_challenge(challenge)


def find_challenge(
    submission: Submission, data: Path | None = None, *, needs_data: bool = True
) -> tuple[Challenge, str]:
    """Find the challenge of a map from its attributes, else its box and dates; say how in a sentence.

    Challenges that cannot be scored yet, and those that judge the maps of another challenge by other
    metrics, are never guessed: a file or the caller names them.

    Parameters
    ----------
    submission : Submission
        The map, canonical, with the attributes of its file.
    data : pathlib.Path, optional
        Folder in which the data of a challenge are looked for first.
    needs_data : bool
        Of several that fit, prefer one whose truth is on this machine.

    Raises
    ------
    LookupError
        If nothing fits.
    """
    named = submission.attributes.get("challenge")
    if isinstance(named, str) and named in challenge_names():
        return load_challenge(named), f"challenge {named}, as the file says"
    chosen, why = _guess(submission, data, needs_data)
    unknown = f"the file names the challenge {named!r}, which is not known here; " if named else ""
    return chosen, unknown + why


def _guess(submission: Submission, data: Path | None, needs_data: bool) -> tuple[Challenge, str]:
    guessable = _guessable()
    fits = sorted(
        (found[0] for challenge in guessable if (found := close_fits(submission, challenge))),
        key=lambda fit: (fit.distance, fit.challenge.is_twin),
    )
    if not fits:
        raise LookupError(
            f"no challenge fits a map of {extent(submission)}{_near_misses(submission, guessable)}; name one "
            f"with --challenge ({', '.join(challenge_names())}) or give a truth of your own with --reference"
        )
    here = [fit for fit in fits if not needs_data or _has_truth(fit, data)]
    chosen = (here or fits)[0].challenge.id
    others = [fit.challenge.id for fit in fits if fit.challenge.id != chosen]
    why = f"guessed challenge {chosen} from the box and the dates of the map"
    if others:
        only_one_here = len(here) == 1 and len(fits) > 1
        absent = ", whose data are not on this machine" if only_one_here else ""
        why += f"; {', '.join(others)} would fit too{absent}: name the one you mean with --challenge"
    return load_challenge(chosen), why


def _guessable() -> list[Challenge]:
    known = (load_challenge(name) for name in challenge_names())
    return [challenge for challenge in known if not (challenge.evaluation_pending or challenge.profile_of)]


def _has_truth(fit: Fit, data: Path | None) -> bool:
    return has_reference(fit.challenge.model_copy(update={"tracks": (fit.track,)}), data)


def _near_misses(submission: Submission, challenges: list[Challenge]) -> str:
    """Name the challenges one of whose boxes the map covers, with their days, which it does not."""
    near: dict[str, None] = {}
    for challenge in challenges:
        for track in challenge.tracks:
            on_track = challenge.on(track)
            if covers_box(submission, on_track.domain):
                period = on_track.periods.evaluation
                near[f"{challenge.id} {period.start} to {period.end}"] = None
    return f" (its box fits, its days do not: {'; '.join(near)})" if near else ""
