"""Names of teams and people: readable, and no two that look the same by a trick of letters."""

import unicodedata

__all__ = ["clean_name", "team_key", "team_name"]

_SHORTEST, _LONGEST, _LONGEST_KEY = 2, 80, 160
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # control, format (bidi too), surrogate, unassigned, …


def clean_name(name: str, what: str, longest: int = _LONGEST, shortest: int = _SHORTEST) -> str:
    """Give a name in normal form, with single spaces.

    Parameters
    ----------
    name : str
        As it was given.
    what : str
        What it names, for the message.
    longest, shortest : int
        Characters that are allowed.

    Raises
    ------
    ValueError
        If it is too short or too long, or has a character that cannot be seen.
    """
    if len(name) > 4 * longest:  # no work on a book
        raise ValueError(f"the {what} has {len(name)} characters; give {shortest} to {longest}")
    for letter in name:
        if unicodedata.category(letter) in _UNSEEN and letter not in "\t ":
            raise ValueError(
                f"the {what} {name!a} has the character U+{ord(letter):04X}, which cannot be seen; "
                "leave it out"
            )
    clean = " ".join(unicodedata.normalize("NFC", name).split())
    if not shortest <= len(clean) <= longest:
        raise ValueError(f"the {what} {clean!r} has {len(clean)} characters; give {shortest} to {longest}")
    return clean


def team_name(name: str) -> str:
    """Give the name of a team as it is shown.

    Raises
    ------
    ValueError
        If it cannot be a name of a team.

    Examples
    --------
    >>> team_name("  Deep   Blue ")
    'Deep Blue'
    """
    clean = clean_name(name, "name of a team")
    if not any(letter.isalnum() for letter in clean):
        raise ValueError(f"the name of a team {clean!r} has no letter and no digit; give one")
    if len(team_key(clean)) > _LONGEST_KEY:
        raise ValueError(f"the name of a team {clean!r} is too long when written out; give a shorter one")
    return clean


def team_key(name: str) -> str:
    """Give what two names that read the same have in common: compatibility form, without case.

    Examples
    --------
    >>> team_key("Ｄeep  BLUE") == team_key("deep blue")
    True
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())
