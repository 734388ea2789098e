#!/usr/bin/env python3
"""The alert rules as a test: promtool accepts them, their tests pass, each alert has a case in which it fires and one
in which it stays silent over the metrics it reads, says how urgent it is, and leads to a section of the handbook for
operators that exists.

  python3 tests/monitoring/alerts.py WORK_DIRECTORY
"""
import pathlib
import re
import shutil
import subprocess
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "k8s/alerts"))
sys.dont_write_bytecode = True
import plain  # noqa: E402
import promql  # noqa: E402

ALERTS = ROOT / "k8s/alerts"
GUIDE = ROOT / "docs/operations.md"
SEVERITIES = {"page", "ticket", "info"}
RECORD = re.compile(r"^[a-z_]+:[a-z_0-9]+:[a-z_0-9]+$")


def anchors(text):
    """Anchors of a Markdown file's headings, as GitHub makes them."""
    headings = re.findall(r"^#+\s+(.*?)\s*$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def rules():
    for name, content in plain.rule_objects(ALERTS):
        for group in content["spec"]["groups"]:
            for rule in group["rules"]:
                yield name, rule


def read_metrics(expression, recorded):
    """Metrics an expression reads, through the recording rules down to what the processes show."""
    found = set()
    for selector in promql.selectors(expression):
        name = promql.metric(selector)
        found |= read_metrics(recorded[name], recorded) if name in recorded else {name}
    return found


def cases(alert, metrics):
    """How many tests see the alert fire, how many silent over metrics it reads."""
    firing = silent = 0
    for path in sorted((ALERTS / "tests").glob("*.yaml")):
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]:
            given = {promql.metric(series["series"]) for series in group["input_series"]}
            for case in group.get("alert_rule_test", []):
                if case["alertname"] != alert or not given & metrics:
                    continue
                if case.get("exp_alerts"):
                    firing += 1
                else:
                    silent += 1
    return firing, silent


def faults():
    recorded = {rule["record"]: rule["expr"] for _, rule in rules() if "record" in rule}
    sections = anchors(GUIDE.read_text(encoding="utf-8"))
    seen = set()
    for name, rule in rules():
        if "record" in rule:
            if not RECORD.match(rule["record"]):
                yield f"{name}: {rule['record']} is not named level:metric:operations"
            continue
        alert = rule["alert"]
        where = f"{name}: {alert}"
        if alert in seen:
            yield f"{where} is there twice"
        seen.add(alert)
        if rule.get("labels", {}).get("severity") not in SEVERITIES:
            yield f"{where} has no severity of {', '.join(sorted(SEVERITIES))}"
        annotations = rule.get("annotations", {})
        for wanted in ("summary", "description", "runbook_url"):
            if not annotations.get(wanted):
                yield f"{where} has no {wanted}"
        page, _, anchor = annotations.get("runbook_url", "").partition("#")
        if page != "docs/operations.md" or anchor not in sections:
            yield f"{where}: {annotations.get('runbook_url')} leads to no section"
        firing, silent = cases(alert, read_metrics(rule["expr"], recorded))
        if firing == 0:
            yield f"{where} fires in no test"
        if silent == 0:
            yield f"{where} is silent in no test"
    known = {name for name, _ in plain.rule_objects(ALERTS)}
    listed = set(yaml.safe_load((ALERTS / "kustomization.yaml").read_text(encoding="utf-8"))["resources"])
    for name in sorted(known ^ listed):
        yield f"{name} and kustomization.yaml do not agree"


def promtool(*arguments):
    ran = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout + ran.stderr


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    work = pathlib.Path(sys.argv[1])
    plain.write_plain(ALERTS, work)
    shutil.rmtree(work / "tests", ignore_errors=True)
    shutil.copytree(ALERTS / "tests", work / "tests")
    failed = False
    for verb, files in (("check", work.glob("*.yaml")), ("test", (work / "tests").glob("*.yaml"))):
        code, output = promtool(verb, "rules", *sorted(str(path) for path in files))
        if code != 0:
            print(output)
            failed = True
    found = list(faults())
    for fault in found:
        print(fault)
    count = sum("alert" in rule for _, rule in rules())
    print(f"{count} alerts, {len(found)} faults")
    sys.exit(1 if failed or found else 0)


if __name__ == "__main__":
    main()
