"""Says how scenarios of behave end, beside its formatters, and leaves out those that are not asked for: behave --format
subunit_behave:Beside, with this folder in $PYTHONPATH."""

import subunit_results as results
from behave import model
from behave.formatter.base import Formatter

STATUSES = {"passed": "success", "skipped": "skip", "untested": "skip"}


class Beside(Formatter):
    """Prints nothing: it is what makes behave load this file."""

    name = "subunit"


def _ids(feature):
    """The ids of the scenarios of a feature, by their lines. Of those that share a name, the second has its line."""
    ids, names = {}, set()
    for scenario in feature.walk_scenarios():
        place = feature.filename
        if scenario.name.strip() in names:
            place = f"{place}:{scenario.line}"
        names.add(scenario.name.strip())
        ids[scenario.line] = f"{place} > {scenario.name.strip()}"
    return ids


def _id_of(scenario):
    feature = scenario.feature
    if not hasattr(feature, "subunit_ids"):
        feature.subunit_ids = _ids(feature)
    return feature.subunit_ids[scenario.line]


def _why(scenario):
    """What failed: steps with their errors, or hooks."""
    steps = [step for step in scenario.all_steps if step.status.name not in ("passed", "skipped", "untested")]
    lines = [f"{step.keyword} {step.name} ({step.status.name}, {step.location})\n{step.error_message or ''}" for step in steps]
    lines += [scenario.error_message] if getattr(scenario, "error_message", None) else []
    return "\n".join(lines)


def _chosen(should_run):
    def asked(scenario, config=None):
        return should_run(scenario, config) and results.is_asked(_id_of(scenario))

    return asked


def _told(run):
    def told(scenario, runner):
        test_id = _id_of(scenario)
        if not scenario.should_run(runner.config):
            return run(scenario, runner)
        if results.LISTS:
            results.listed([test_id])
            return False
        results.say(test_id=test_id, status="inprogress")
        failed = run(scenario, runner)
        status = STATUSES.get(scenario.status.name, "fail")
        # A hook may fail where no step has.
        if failed and status != "fail":
            status = "fail"
        name, why = ("reason", scenario.skip_reason or "") if status == "skip" else ("traceback", _why(scenario))
        results.ended(test_id, status, why if status != "success" else "", name)
        return failed

    return told


model.Scenario.should_run = _chosen(model.Scenario.should_run)
model.Scenario.run = _told(model.Scenario.run)
