"""Rounds by kind, and what went wrong in them."""

import subprocess

# Nothing here takes a second; who has not ended by then hangs.
HANG = 60
PROBLEMS = ["panics", "hangs", "damaged", "lost", "dishonest"]


class Ledger:
    def __init__(self):
        self.kinds = {}
        self.shown = 0

    def round(self, kind, count=1):
        self.kinds.setdefault(kind, dict.fromkeys(["rounds"] + PROBLEMS, 0))["rounds"] += count

    def problem(self, kind, what, detail):
        self.kinds[kind][what] += 1
        self.shown += 1
        if self.shown <= 40:
            print(f"    {kind}: {what}: {detail}", flush=True)

    def judge(self, kind, done, allowed, name):
        """Counts a round, its panic, its hang, and an exit status that is not among those allowed."""
        self.round(kind)
        if done.hung:
            return self.problem(kind, "hangs", name)
        if b"panicked at" in done.err or done.status == 101 or done.status < 0:
            return self.problem(kind, "panics", f"{name}: status {done.status}: {done.err[-300:]}")
        if done.status not in allowed:
            self.problem(kind, "dishonest", f"{name}: exit status {done.status}, not {allowed}: {done.err[-300:]}")

    def table(self):
        print(f"{'kind':44} {'rounds':>7}" + "".join(f"{name:>10}" for name in PROBLEMS))
        total = dict.fromkeys(["rounds"] + PROBLEMS, 0)
        for kind, row in self.kinds.items():
            print(f"{kind:44} {row['rounds']:7}" + "".join(f"{row[name]:10}" for name in PROBLEMS))
            total = {name: total[name] + row[name] for name in total}
        print(f"{'all':44} {total['rounds']:7}" + "".join(f"{total[name]:10}" for name in PROBLEMS))
        return all(total[name] == 0 for name in PROBLEMS)


class Done:
    """How a command ended."""

    def __init__(self, status, out, err, hung=False):
        self.status, self.out, self.err, self.hung = status, out or b"", err or b"", hung


def run(command, given=b"", **options):
    """Runs a command to its end. SIGXFSZ stays ignored, so that a file at its limit is an error to it."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "restore_signals": False} | options
    process = subprocess.Popen(command, stdin=subprocess.PIPE, **options)
    return finish(process, given)


def finish(process, given=None):
    """Waits for the end of a command; one that does not come to it is killed."""
    try:
        out, err = process.communicate(given, timeout=HANG)
        return Done(process.returncode, out, err)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        return Done(process.returncode, out, err, hung=True)
