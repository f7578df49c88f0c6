"""Kills of programs that keep a run: nothing that was finished is lost, and a check finds all in order."""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time


def main(program, stream, count, seed):
    """Loads a stream `count` times, two at a time, and kills each load after a random time."""
    folder = tempfile.mkdtemp(prefix="kills-")
    env = dict(os.environ, SUBUNIT_HISTORY=os.path.join(folder, "history"))
    chance = random.Random(seed)

    def load():
        return subprocess.Popen([program, "load", stream], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    begun = time.monotonic()
    load().communicate()
    usual = time.monotonic() - begun
    finished, killed = 1, 0
    for _ in range(count // 2):
        both = [load(), load()]
        for child in both:
            try:
                out, _ = child.communicate(timeout=chance.uniform(0.02, 1.5 * usual))
            except subprocess.TimeoutExpired:
                child.kill()
                out, _ = child.communicate()
                killed += 1
            # What it named is kept, whether it was killed after that or not.
            finished += len([line for line in out.splitlines() if line.startswith(b"@")])
    # The next load puts right what is left.
    last = load().communicate()[1].decode()
    finished += 1

    def ask(*words):
        done = subprocess.run([program, "history", *words, "--json"], env=env, stdout=subprocess.PIPE, check=False)
        return json.loads(done.stdout)

    runs, checked = ask("list")["runs"], ask("check")
    whole = [run for run in runs if run["verdict"] != "interrupted"]
    left = [name for name in os.listdir(os.path.join(folder, "history", "runs")) if not name.endswith(".sub.zst")]
    print(f"{count} loads, {killed} killed: {finished} said to be kept, {len(whole)} whole runs and "
          f"{len(runs) - len(whole)} interrupted ones found, {len(left)} files left, problems: {checked['problems']}")
    sys.stderr.write(last)
    shutil.rmtree(folder)
    return len(whole) < finished or checked["problems"] or left


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("history.py SUBUNIT-RUN STREAM [COUNT [SEED]]")
    numbers = [int(word) for word in sys.argv[3:5]]
    sys.exit(1 if main(sys.argv[1], sys.argv[2], *(numbers + [200, 1][len(numbers):])) else 0)
