"""What teams hand in: bytes by their digest, entries, what became of them, and who may see it."""

from oceanbench_leaderboard.submissions._card import INPUTS, Card, read_card, refusal_in_words
from oceanbench_leaderboard.submissions._challenges import withholds_truth
from oceanbench_leaderboard.submissions._changing import delete, hide, rescore
from oceanbench_leaderboard.submissions._changing import select_entry as select
from oceanbench_leaderboard.submissions._dropping import drop_refused
from oceanbench_leaderboard.submissions._entering import Entry, enter
from oceanbench_leaderboard.submissions._events import EventView, history, note_event
from oceanbench_leaderboard.submissions._files import file_keys, passport, report_file, report_keys
from oceanbench_leaderboard.submissions._quota import QuotaView, quota
from oceanbench_leaderboard.submissions._uploads import (
    PartWriter,
    UploadState,
    open_part,
    remove_upload,
    upload_state,
)
from oceanbench_leaderboard.submissions._views import SubmissionView, every, mine, view

__all__ = [
    "INPUTS",
    "Card",
    "Entry",
    "EventView",
    "PartWriter",
    "QuotaView",
    "SubmissionView",
    "UploadState",
    "delete",
    "drop_refused",
    "enter",
    "every",
    "file_keys",
    "hide",
    "history",
    "mine",
    "note_event",
    "open_part",
    "passport",
    "quota",
    "read_card",
    "refusal_in_words",
    "remove_upload",
    "report_file",
    "report_keys",
    "rescore",
    "select",
    "upload_state",
    "view",
    "withholds_truth",
]
