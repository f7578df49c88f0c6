"""SIGKILL for any process of a tree of multiplexers, at any moment.

The tree: a multiplexer over two multiplexers over two leaves each. A leaf writes down what it has finished before
it goes on, so it is known what must arrive:

* a leaf dies: all that any leaf finished arrives, and what it was doing is red;
* a multiplexer below dies: all from the other one arrives; what it had taken and not passed on is lost with it, and
  the run is red for it;
* the one on top dies: what it wrote is packets, but for the one it was writing.
"""

import os
import random
import re
import select
import signal
import subprocess
import sys
import time

from ledger import HANG, Done
from streams import is_cut, packet, wire

SEED = 20130228
TESTS = 150

# It takes a rest after each test, so that there are moments at which something is going on.
LEAF = '''import os, sys, time
packets = open(sys.argv[1], "rb").read()
size, log = int(sys.argv[2]), os.open(sys.argv[3], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
for at in range(0, len(packets), 2 * size):
    os.write(1, b"line\\n" + packets[at : at + size])
    os.write(2, b"on standard error\\n")
    whole = packets[at + size : at + 2 * size]
    # Written whole, as it is shorter than what a pipe never tears; then it is finished.
    assert os.write(1, whole) == size
    os.write(log, b"x")
    time.sleep(0.001)
'''


def kills(ledger, subunit, work, rounds):
    rng = random.Random(SEED)
    pairs = [(packet(f"test-{n:04}", "inprogress"), packet(f"test-{n:04}", "success")) for n in range(TESTS)]
    path, leaf = os.path.join(work, "packets"), os.path.join(work, "leaf.py")
    with open(path, "wb") as output:
        output.write(b"".join(begun + ended for begun, ended in pairs))
    with open(leaf, "w") as output:
        output.write(LEAF)
    size = len(pairs[0][0])
    bytes_of_all = len(one_output(subunit, leaf, path, size, work))
    for nth in range(rounds):
        logs = os.path.join(work, f"logs-{nth}")
        os.makedirs(logs)
        victim = rng.choice(["", "0", "1", "0/0", "0/1", "1/0", "1/1"])
        one_round(ledger, tree(subunit, leaf, path, size, logs), victim, rng.randrange(bytes_of_all), logs)


def one_output(subunit, leaf, path, size, work):
    """What the tree says when nobody dies."""
    logs = os.path.join(work, "logs")
    os.makedirs(logs)
    return subprocess.run(tree(subunit, leaf, path, size, logs), stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=HANG, check=True).stdout


def tree(subunit, leaf, path, size, logs):
    """The command line of the whole tree. Every process writes its number down."""
    def run(route):
        return f"echo $$ > {logs}/pid-{route}; exec {sys.executable} -S -E {leaf} {path} {size} {logs}/done-{route}"

    def middle(nth):
        children = " ".join(f"--run '{run(f'{nth}.{leaf}')}'" for leaf in (0, 1))
        return f"echo $$ > {logs}/pid-{nth}; exec {subunit} mux {children}"

    return [subunit, "mux", "--run", middle(0), "--run", middle(1)]


def one_round(ledger, command, victim, place, logs):
    """Reads so many bytes, kills the victim if it still lives, reads the rest."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, killed, ended, deadline = bytearray(), False, False, time.monotonic() + HANG
    while not ended and time.monotonic() < deadline:
        if not killed and len(out) >= place:
            killed = kill(process, victim, logs)
        if select.select([process.stdout], [], [], 0.2)[0]:
            piece = os.read(process.stdout.fileno(), 1000 if not killed else 65536)
            ended, out = not piece, out + piece
    status = process.wait(timeout=HANG) if ended else None
    rest_ends = ended and all_ended(logs, deadline)
    name = f"victim {victim or 'top'} after {len(out)} bytes, place {place}"
    kind = f"SIGKILL, {['the top', 'a multiplexer below', 'a leaf'][(len(victim) + 1) // 2]}"
    kind += "" if killed else ", had ended"
    done = Done(0 if status == -signal.SIGKILL and victim == "" else status, bytes(out), process.stderr.read(),
                not rest_ends)
    if done.hung:
        stop(process, logs)
    ledger.judge(kind, done, (0, 1), name)
    if not done.hung:
        judge(ledger, kind, done, victim, killed and victim == "" and status == -signal.SIGKILL, logs, name)


def kill(process, victim, logs):
    pid = process.pid if victim == "" else number(f"{logs}/pid-{victim.replace('/', '.')}")
    return bool(pid) and alive(pid) and sent(pid)


def sent(pid):
    """Kills a process; whether it was there still."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def number(path):
    """The number of a process, once it is written down whole."""
    try:
        text = open(path).read()
    except FileNotFoundError:
        return None
    return int(text) if text.endswith("\n") else None


def all_ended(logs, deadline):
    """No process of the tree is left behind."""
    while time.monotonic() < deadline:
        pids = [number(os.path.join(logs, name)) for name in os.listdir(logs) if name.startswith("pid-")]
        if not any(pid and alive(pid) for pid in pids):
            return True
        select.select([], [], [], 0.01)
    return False


def alive(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def stop(process, logs):
    process.kill()
    for name in os.listdir(logs):
        pid = number(os.path.join(logs, name)) if name.startswith("pid-") else None
        if pid and alive(pid):
            sent(pid)


def judge(ledger, kind, done, victim, top_died, logs, name):
    """What arrived, beside what had been finished."""
    try:
        packets, text = wire.read(done.out)
    except (wire.Damaged, IndexError) as damage:
        # Who is killed in the middle of a write has written half a packet.
        whole = re.search(rb"\xb3(?:(?!\xb3).)*\Z", done.out, re.S)
        if not (top_died and whole and is_cut(done.out[whole.start():])):
            ledger.problem(kind, "damaged", f"{name}: {damage}")
        return
    if text:
        ledger.problem(kind, "damaged", f"{name}: text outside packets: {text[:100]}")
    if top_died:
        return
    arrived, begun, red, incomplete = {}, set(), False, False
    for made in packets:
        key = made.get("route", b"").decode(), made.get("id", b"").decode()
        if made["status"] == "inprogress":
            begun.add(key)
        elif made["status"]:
            begun.discard(key)
            red = red or made["status"] == "fail"
            arrived[key] = arrived.get(key, 0) + (made["status"] == "success")
    for route in ["0/0", "0/1", "1/0", "1/1"]:
        log = f"{logs}/done-{route.replace('/', '.')}"
        finished = os.path.getsize(log) if os.path.exists(log) else 0
        found = [arrived.get((route, f"test-{nth:04}"), 0) for nth in range(TESTS)]
        incomplete = incomplete or sum(found) < TESTS
        if any(count > 1 for count in found):
            ledger.problem(kind, "damaged", f"{name}: a result of {route} came twice")
        beheaded = len(victim) == 1 and route.startswith(victim)
        if not beheaded and sum(found) < finished:
            ledger.problem(kind, "lost", f"{name}: {route} finished {finished}, {sum(found)} arrived")
    if begun:
        ledger.problem(kind, "dishonest", f"{name}: without an end: {sorted(begun)[:3]}")
    if done.status == 0 and (incomplete or red) or done.status == 1 and not red:
        ledger.problem(kind, "dishonest", f"{name}: exit status {done.status}, incomplete {incomplete}, red {red}")
