"""Says in JSON Lines how tests end: $SUBUNIT_RESULTS is where, $SUBUNIT_IDS a file of the ids to run; all run without it.
With $SUBUNIT_LISTING, a file, no test runs: their ids are written there."""

import json
import os

_RESULTS, _IDS, _LISTING = (os.environ.pop(f"SUBUNIT_{name}", None) for name in ("RESULTS", "IDS", "LISTING"))
_PID = os.getpid()
_out = open(_RESULTS, "a", encoding="utf-8") if _RESULTS else None


def _asked():
    if _IDS is None:
        return None
    with open(_IDS, encoding="utf-8") as file:
        return set(file.read().split("\n"))


ASKED = _asked()
LISTS = _LISTING is not None


def is_asked(test_id):
    return ASKED is None or test_id in ASKED


def listed(test_ids):
    with open(_LISTING, "a", encoding="utf-8") as file:
        file.writelines(f"{test_id}\n" for test_id in test_ids)


def say(**fields):
    # What tests fork does not speak for them.
    if _out is None or os.getpid() != _PID:
        return
    event = {"type": "event", "runnable": True, "eof": False, **fields}
    _out.write(json.dumps(event, ensure_ascii=True) + "\n")
    _out.flush()


def ended(test_id, status, text="", name="traceback", runnable=True):
    """The end of a test, and why."""
    if text:
        text = text.encode("utf-8", "replace").decode("utf-8")
        say(
            test_id=test_id,
            runnable=runnable,
            file_name=name,
            file_bytes=text,
            eof=True,
            mime_type="text/plain;charset=utf8",
        )
    say(test_id=test_id, status=status, runnable=runnable)
