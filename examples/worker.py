"""A worker: ids of tests arrive on $SUBUNIT_TEST_FD, one a line; results leave on stdout as packets.
   Start it with: subunit worker -- python3 examples/worker.py [SECONDS-A-TEST]"""
import os, sys, time, zlib
def number(n):                      # 1 byte up to 63, 2 bytes up to 16383
    return bytes([n]) if n < 64 else (n | 0x4000).to_bytes(2, "big")
def send(test_id, status):          # status: 2 inprogress, 3 success, 6 fail
    body = number(len(test_id)) + test_id
    size = 3 + len(body) + 4        # signature and flags, body, checksum; and the length itself
    packet = b"\xb3\x29" + bytes([status]) + number(size + (1 if size < 63 else 2)) + body
    os.write(1, packet + zlib.crc32(packet).to_bytes(4, "big"))
for line in open(int(os.environ["SUBUNIT_TEST_FD"]), "rb"):
    send(line.rstrip(b"\n"), 2)
    time.sleep(float(sys.argv[1]) if sys.argv[1:] else 0)   # here the test would run
    send(line.rstrip(b"\n"), 3)
