"""What `subunit to-jsonl` does, written with python-subunit: for speed.py."""

import json
import sys

from subunit.v2 import ByteStreamToStreamResult


class Lines:
    """Writes a line for each event."""

    def status(self, test_tags=None, timestamp=None, file_bytes=None, **event):
        if test_tags is not None:
            event["test_tags"] = sorted(test_tags)
        if timestamp is not None:
            event["timestamp"] = timestamp.isoformat()
        if file_bytes is not None:
            event["file_bytes"] = bytes(file_bytes).decode("utf-8", "replace")
        print(json.dumps({name: value for name, value in event.items() if value is not None}))


ByteStreamToStreamResult(sys.stdin.buffer, non_subunit_name="stdout").run(Lines())
