#!/usr/bin/env python3
"""Asks a Prometheus that watches a running suite what dashboards and rules ask it.

  configure URL DIRECTORY     writes prometheus.yml and the rules there, for the targets in DIRECTORY/targets (job host:port)
  await_look URL              Prometheus has looked at every process once more
  ask URL                     every query of every panel, variable and rule: each parses and returns data, unless
                              empty_when_well.yaml says why it must not; alerts stay silent
  await URL ALERT...          each alert ("TargetDown job=crm-svc") fires and leads to a paragraph that exists
  await_end URL ALERT...      each alert has ended
"""
import fnmatch
import json
import math
import pathlib
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "k8s/alerts"))
sys.dont_write_bytecode = True
import alerts  # noqa: E402
import plain  # noqa: E402
import promql  # noqa: E402

DASHBOARDS = ROOT / "k8s/dashboards"
EMPTY = pathlib.Path(__file__).with_name("empty_when_well.yaml")
# How long the suite may take to show everything, and an alert to ring: far more than it needs.
DEADLINE_SECONDS = 60
PAUSE_SECONDS = 0.5
# What a panel looks back over, and what Grafana makes of it with its usual scrape interval of 15 s.
RANGE_SECONDS = 900
STEP_SECONDS = 5
OF_GRAFANA = {"__rate_interval": "1m", "__range": "15m", "__interval": "15s"}


class Prometheus:
    def __init__(self, url):
        self.url = url

    def get(self, path, **parameters):
        """The answer's data; ValueError when it is refused; None while nobody answers."""
        query = urllib.parse.urlencode(parameters, doseq=True)
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{query}", timeout=30) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as refused:
            if refused.code == 503:
                return None  # starting
            raise ValueError(json.load(refused)["error"]) from refused
        except (urllib.error.URLError, ConnectionError):
            return None

    def now(self, expression):
        return values_in(self.get("query", query=expression))

    def lately(self, expression):
        end = time.time()
        return values_in(self.get("query_range", query=expression, start=end - RANGE_SECONDS, end=end, step=STEP_SECONDS))


def values_in(data):
    """Numbers of an answer; NaN is none: Grafana shows nothing for it."""
    if data is None:
        return []
    if data["resultType"] in ("scalar", "string"):
        points = [data["result"]]
    else:
        points = [point for series in data["result"] for point in series.get("values", [series.get("value")])]
    return [value for _, value in points if not math.isnan(float(value))]


class Question:
    """`where` names it in reports and in empty_when_well.yaml."""

    def __init__(self, where, expression, ask, quiet=False):
        self.where = where
        self.expression = expression
        self.ask = ask
        self.quiet = quiet  # an alert: no data is what all hope for
        self.answered = False
        self.refused = None

    def try_again(self):
        try:
            self.answered = bool(self.ask(self.expression))
        except ValueError as why:
            self.refused = str(why)


# ---------------------------------------------------------------------------------------------------------------------
# Dashboards, as Grafana asks them


def values_of_variable(prometheus, variable):
    """What a query variable offers, from `label_values(metric, label)`."""
    query = variable["query"]["query"] if isinstance(variable["query"], dict) else variable["query"]
    match = re.fullmatch(r"label_values\((?:(.+),\s*)?(\w+)\)", query)
    if match is None:
        raise ValueError(f"no label_values: {query}")
    selector, label = match.groups()
    found = prometheus.get(f"label/{label}/values", **({"match[]": selector} if selector else {})) or []
    wanted = variable.get("regex", "").strip("/")
    return [value for value in found if re.search(wanted, value)]


def filled_in(expression, chosen):
    for name, value in {**chosen, **OF_GRAFANA}.items():
        expression = re.sub(r"\$\{%s(?::\w+)?\}|\$%s\b|\[\[%s\]\]" % (name, name, name), lambda _: value, expression)
    return expression


def targets_of(board):
    for panel in board["panels"]:
        for inner in [panel, *panel.get("panels", [])]:
            for target in inner.get("targets", []):
                yield f"{inner['title']} / {target['refId']}", target
    for annotation in board.get("annotations", {}).get("list", []):
        if "expr" in annotation:
            yield f"annotation {annotation['name']}", annotation


def variables_of(board):
    return [variable for variable in board["templating"]["list"] if variable["type"] == "query"]


def questions_of_variables(prometheus, name, board):
    for variable in variables_of(board):
        yield Question(f"{name}: variable {variable['name']}", str(variable["query"]),
                       lambda _, asked=variable: values_of_variable(prometheus, asked))


def questions_of_panels(prometheus, name, board):
    chosen = {}
    for variable in variables_of(board):
        # All of them is an alternative of what there is, unless the variable says otherwise.
        values = "|".join(re.sub(r"[\\$^*{}\[\]'+?.()|]", r"\\\\\g<0>", value)
                          for value in values_of_variable(prometheus, variable))
        chosen[variable["name"]] = variable.get("allValue") or f"({values})"
    for where, target in targets_of(board):
        ask_it = prometheus.now if target.get("instant") else prometheus.lately
        yield Question(f"{name}: {where}", filled_in(target["expr"], chosen), ask_it)


# ---------------------------------------------------------------------------------------------------------------------
# Rules


def questions_of_rules(prometheus):
    seen = set()
    for _, rule in alerts.rules():
        if "record" in rule:
            yield Question(f"rule {rule['record']}", rule["expr"], prometheus.now)
            yield Question(f"record {rule['record']}", rule["record"], prometheus.now)
        else:
            yield Question(f"alert {rule['alert']}", rule["expr"], prometheus.now, quiet=True)
        # An alert that reads a metric nobody shows is silent for ever: what it reads must be there.
        for selector in promql.selectors(rule["expr"]):
            if selector not in seen:
                seen.add(selector)
                yield Question(f"reads {selector}", selector, prometheus.now)


# ---------------------------------------------------------------------------------------------------------------------


def exception_for(question, exceptions):
    return next((entry for entry in exceptions if fnmatch.fnmatchcase(question.where, entry["ask"])), None)


def wrong(question, exceptions):
    """What is wrong with a question's answer; None when nothing is."""
    if question.refused:
        return f"is refused: {question.refused}"
    entry = exception_for(question, exceptions)
    if entry is not None and entry.get("may"):
        return None
    empty = question.quiet != (entry is not None)
    if question.answered and empty:
        return "rings" if question.quiet else "returns data although it is listed as empty when all is well"
    if not question.answered and not empty:
        return "is listed as ringing and is silent" if question.quiet else "returns nothing"
    return None


def ask_until(questions, exceptions, deadline):
    """Asks each until its answer is what it should be, or time is up."""
    while True:
        for question in questions:
            question.try_again()
        questions = [one for one in questions if not one.refused and wrong(one, exceptions)]
        if not questions:
            return
        if time.monotonic() > deadline:
            print("waited in vain for", ", ".join(sorted(one.where for one in questions)))
            return
        time.sleep(PAUSE_SECONDS)


def ask(prometheus):
    exceptions = yaml.safe_load(EMPTY.read_text(encoding="utf-8"))
    deadline = time.monotonic() + DEADLINE_SECONDS
    boards = [(path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in sorted(DASHBOARDS.glob("*.json"))]
    # The variables first: their values go into the panels' queries.
    questions = [one for name, board in boards for one in questions_of_variables(prometheus, name, board)]
    ask_until(questions, exceptions, deadline)
    others = [*questions_of_rules(prometheus)]
    others += [one for name, board in boards for one in questions_of_panels(prometheus, name, board)]
    ask_until(others, exceptions, deadline)
    questions += others
    # What must be empty is looked at once more, now that everything else has data. A scrape that a busy machine missed
    # makes an alert ring for a second, here where they have no patience: it must end.
    ask_until([one for one in questions if one.quiet or exception_for(one, exceptions)], exceptions,
              time.monotonic() + DEADLINE_SECONDS)
    faults = [f"{question.where}: {why}\n    {question.expression}" for question in questions
              if (why := wrong(question, exceptions))]
    faults += [f"{EMPTY.name}: nobody asks {entry['ask']}" for entry in exceptions
               if not any(fnmatch.fnmatchcase(question.where, entry["ask"]) for question in questions)]
    for fault in faults:
        print(fault)
    print(f"{len(questions)} questions, {len(faults)} faults")
    return 1 if faults else 0


def configure(directory):
    """Alerts ring without their `for`: minutes of patience are promtool's to test."""
    directory = pathlib.Path(directory)
    plain.write_plain(ROOT / "k8s/alerts", directory / "rules")
    for path in (directory / "rules").glob("*.yaml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for group in content["groups"]:
            for rule in group["rules"]:
                rule.pop("for", None)
        path.write_text(yaml.safe_dump(content, sort_keys=False, width=1000), encoding="utf-8")
    targets = [line.split() for line in (directory / "targets").read_text(encoding="utf-8").splitlines()]
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(directory / "rules/*.yaml")],
        "scrape_configs": [{"job_name": job, "static_configs": [{"targets": [target]}]} for job, target in targets],
    }
    (directory / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return 0


def await_look(prometheus):
    asked = time.time()
    deadline = time.monotonic() + DEADLINE_SECONDS
    jobs = {"gateway", "reception-svc", "workshop-svc", "parts-svc", "crm-svc"}
    while time.monotonic() < deadline:
        answer = prometheus.get("query", query="timestamp(up) and up == 1") or {"result": []}
        looked = {series["metric"]["job"] for series in answer["result"] if float(series["value"][1]) > asked}
        if looked >= jobs:
            return 0
        time.sleep(PAUSE_SECONDS)
    print("not everybody was looked at")
    return 1


def firing(prometheus, wanted):
    name, *labels = wanted.split()
    expected = {"alertname": name, **dict(label.split("=", 1) for label in labels)}
    for alert in (prometheus.get("alerts") or {"alerts": []})["alerts"]:
        if alert["state"] == "firing" and expected.items() <= alert["labels"].items():
            return alert
    return None


def await_alerts(prometheus, names, ringing):
    sections = alerts.anchors(alerts.GUIDE.read_text(encoding="utf-8"))
    deadline = time.monotonic() + DEADLINE_SECONDS
    for name in names:
        while (found := firing(prometheus, name)) is None if ringing else firing(prometheus, name):
            if time.monotonic() > deadline:
                print(f"{name} {'does not ring' if ringing else 'goes on ringing'}")
                return 1
            time.sleep(PAUSE_SECONDS)
        if ringing and found["annotations"]["runbook_url"].partition("#")[2] not in sections:
            print(f"{name} leads to {found['annotations']['runbook_url']}, which is not there")
            return 1
    return 0


def main():
    verb, url, *words = sys.argv[1:] if len(sys.argv) > 2 else ["", ""]
    prometheus = Prometheus(url)
    if verb == "configure":
        return configure(*words)
    if verb == "await_look":
        return await_look(prometheus)
    if verb == "ask":
        return ask(prometheus)
    if verb in ("await", "await_end"):
        return await_alerts(prometheus, words, verb == "await")
    return __doc__


if __name__ == "__main__":
    sys.exit(main())
