"""What `subunit cat` does, written with python-subunit: for speed.py."""

import sys

from subunit.v2 import ByteStreamToStreamResult, StreamResultToBytes

result = StreamResultToBytes(sys.stdout.buffer)
ByteStreamToStreamResult(sys.stdin.buffer, non_subunit_name="stdout").run(result)
