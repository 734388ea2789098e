#!/usr/bin/env python3
"""Holds the Grafana dashboards in k8s/dashboards against what they show: that they import as they are, that nothing
on them overlaps or lacks its title, description and unit, that every metric and label they ask for exists, and that every
indicator of the handbook has its panel. Whether the queries have answers, tests/monitoring asks a running suite."""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/monitoring"))
sys.dont_write_bytecode = True
import promql  # noqa: E402

DASHBOARDS = ROOT / "k8s/dashboards"
NAMES = {
    "group-overview", "reception-svc", "workshop-svc", "parts-svc", "crm-svc", "gateway", "database",
    "reception-and-workshop-today", "parts", "customers-and-compliance",
}
TYPES = {"timeseries", "stat", "table", "bargauge", "heatmap", "state-timeline", "row"}
# Grafana shows a unit it does not know as text behind the number, so a slip would go unnoticed.
UNITS = {"percentunit", "s", "d", "dtdurations", "reqps", "ops", "bytes", "short", "none", "currency:¥"}
# Boards for people of the trade: every panel names the rows of the handbook it serves.
OF_THE_TRADE = {"reception-and-workshop-today", "parts", "customers-and-compliance"}
ROW = re.compile(r"\b[GRWSPC]-\d\d\b|\bM\b")
SAYS_WHAT_IS_GOOD = re.compile(r"\b(good|[Cc]ompare|[Pp]romised|[Tt]arget)\b", re.I)
OF_PROMETHEUS = {"up": {}, "ALERTS": {"alertname": set(), "alertstate": set(), "severity": set()}}
OF_EVERY_SERIES = {"job", "instance", "le"}
OF_GRAFANA = {"__rate_interval", "__range", "__interval"}
# Section M of the handbook: what each indicator is called in its metrics, of which those that exist must be on a panel.
# A name that ends in _ stands for all that begin with it.
INDICATORS = {
    "on-time delivery": ["reception_on_time_delivery_ratio"],
    "time to greeting": ["reception_greeting_seconds", "reception_greeting_in_time_ratio"],
    "appointment show-rate": ["reception_appointment_show_ratio"],
    "add-on acceptance": ["reception_add_on_acceptance_ratio"],
    "estimate accuracy": ["reception_estimate_accuracy_ratio"],
    "service timeliness": ["duty_due", "duty_in_time"],
    "satisfaction": ["crm_satisfaction_ratio"],
    "complaint rate, handling, first reply": ["crm_complaint_", "crm_complaints_"],
    "follow-up coverage": ["crm_follow_up_coverage_ratio"],
    "repurchase": ["crm_repurchase_"],
    "churn": ["crm_churn_"],
    "fix-right-first-time": ["workshop_fix_right_first_time_ratio"],
    "inspection pass rate": ["workshop_inspection_pass_ratio"],
    "technician efficiency": ["workshop_technician_efficiency_ratio"],
    "technician productivity": ["workshop_technician_productivity_ratio"],
    "technician utilisation": ["workshop_technician_utilisation_ratio"],
    "bay occupancy": ["workshop_bay_occupancy_ratio"],
    "parts fill rate": ["parts_fill_rate_ratio"],
    "stock turnover": ["parts_turnover_ratio", "parts_true_turnover_ratio"],
    "dead stock": ["parts_dead_stock_amount"],
    "receivables": ["reception_receivables_open_amount", "reception_receivables_overdue_amount",
                    "parts_receivables_open_amount", "parts_receivables_overdue_amount"],
    "duties overdue by kind": ["duty_overdue"],
    "revenue by labour and parts": ["reception_revenue_amount"],
    "effective labour rate": ["reception_effective_labour_rate_amount"],
}

failures = []


def fail(where, what):
    failures.append(f"{where}: {what}")


# ---------------------------------------------------------------------------------------------------------------------
# What there is to ask for.


def documented():
    """{metric: {label: its values, empty where the page names none}} by the tables of docs/metrics.md."""
    page = ROOT / "docs/metrics.md"
    found = {}
    for name, cell in re.findall(r"^\| `(\w+)` \| \w+ \|([^|]*)\|", page.read_text(encoding="utf-8"), re.M):
        labels = re.findall(r"`(\w+)`(?:: ([^`]*))?", cell)
        found[name] = {label: set() if "..." in values else set(re.findall(r"\w+", values)) for label, values in labels}
    return found


def recorded():
    """{metric: labels} of the recording rules in k8s/alerts, which are called level:metric:operations."""
    found = {}
    for path in (ROOT / "k8s/alerts").glob("*.yaml"):
        for name in re.findall(r"^\s*- record: (\S+)", path.read_text(encoding="utf-8"), re.M):
            found[name] = {label: set() for label in name.split(":")[0].split("_")}
    return found


def duty_kinds():
    """Kinds of duties the services owe."""
    found = set()
    for path in list(ROOT.glob("*-svc/**/*.cc")) + list(ROOT.glob("*-svc/**/*_duties.h")):
        if path.name.endswith("_test.cc"):
            continue
        text = path.read_text(encoding="utf-8")
        found.update(re.findall(r'Duty(?:\[\])? = "(\w+)"', text))
        found.update(re.findall(r'[dD]uty\.set_kind\("(\w+)"\)', text))
        found.update(re.findall(r'DutyOf\((?!k[A-Z])\w+, "(\w+)"', text))
    return found


# ---------------------------------------------------------------------------------------------------------------------
# Queries.


def metrics_in(expr):
    return {promql.metric(selector) for selector in promql.selectors(expr)}


def base_of(name):
    return re.sub(r"_(bucket|sum|count)$", "", name)


def variables_in(text):
    return {a or b for a, b in re.findall(r"\$(?:\{([a-z_]\w*)[^}]*\}|([a-z_]\w*))", text)}


def check_labels(where, expr, legend, known):
    """Labels a query asks for by name: one that does not exist gives one line where there should be many."""
    metrics = {name: known.get(name, known.get(base_of(name), {})) for name in metrics_in(expr)}
    for selector in promql.selectors(expr):
        labels = metrics[promql.metric(selector)]
        for label, sign, value in re.findall(r'(\w+) ?(=~|!~|!=|=) ?"([^"]*)"', selector):
            if label not in labels and label not in OF_EVERY_SERIES:
                fail(where, f"{promql.metric(selector)} has no label {label}")
            elif labels.get(label) and "$" not in value and (strange := set(value.split("|")) - labels[label]):
                fail(where, f"{label} of {promql.metric(selector)} is never {', '.join(sorted(strange))}")
    there = {label for labels in metrics.values() for label in labels} | OF_EVERY_SERIES
    if any(name.startswith("background_") for name in metrics):
        there.add("exported_job")  # its own label job, which the scrape's takes the place of
    lists = {label for group in re.findall(r"\b(?:by|on|group_left|group_right) ?\(([^)]*)\)", expr)
             for label in re.findall(r"\w+", group)}
    for label in sorted((lists | set(re.findall(r"\{\{(\w+)\}\}", legend))) - there):
        fail(where, f"no metric of {expr} has a label {label}")
    kept = "group_" not in expr and re.match(r"(?:\w+\((?:\d+, )?)*(?:sum|max|min|avg|count|topk) by \(([^)]*)\)", expr)
    for label in set(re.findall(r"\{\{(\w+)\}\}", legend)) - set(re.findall(r"\w+", kept[1])) if kept else []:
        fail(where, f"the legend shows {label}, which {expr} has summed away")


def check_query(where, expr, known):
    if any(expr.count(a) != expr.count(b) for a, b in ("()", "[]", "{}")):
        return fail(where, f"brackets do not close: {expr}")
    for name in metrics_in(expr):
        if name not in known and base_of(name) not in known:
            fail(where, f"{name} is neither in docs/metrics.md nor recorded in k8s/alerts")
        cumulative = name.endswith(("_total", "_bucket")) or (base_of(name) != name and base_of(name) in known)
        for before in re.findall(r"(\w+) *\( *" + re.escape(name) + r"\b", expr) if cumulative else []:
            if before not in ("rate", "increase"):
                fail(where, f"{name} only grows: ask for its rate or increase")
        # One replica counts at a time, but a handover may overlap: never a sum over instances.
        if re.match(r"(reception|workshop|parts|crm|duty|verification)_", name) and not cumulative:
            asked = len(re.findall(r"\b" + name + r"\b", expr))
            if len(re.findall(r"(?:max|min) by \([^)]*\bstore\b[^)]*\) \(" + name + r"\b", expr)) != asked:
                fail(where, f"{name} is a figure of stores: max by (store ...) before anything else")
    for window in re.findall(r"(?:rate|increase)\([^\[]*\[([^\]]*)\]", expr):
        if not re.fullmatch(r"\$__rate_interval|\$__range|1h|1d", window):
            fail(where, f"a rate over [{window}]: take $__rate_interval")
    return None


# ---------------------------------------------------------------------------------------------------------------------
# Structure.


def check_place(where, panels):
    taken, titles = {}, {panel["id"]: panel["title"] for panel in panels}
    for panel in panels:
        at = panel["gridPos"]
        if at["w"] < 1 or at["h"] < 1 or at["x"] < 0 or at["y"] < 0 or at["x"] + at["w"] > 24:
            fail(where, f"{panel['title']!r} lies outside the 24 columns")
        for x in range(at["x"], at["x"] + at["w"]):
            for y in range(at["y"], at["y"] + at["h"]):
                if (other := taken.setdefault((x, y), panel["id"])) != panel["id"]:
                    return fail(where, f"{panel['title']!r} lies over {titles[other]!r}")
    return None


def units_of(panel):
    if panel["type"] == "heatmap":
        yield panel["options"]["yAxis"].get("unit")
    yield panel["fieldConfig"]["defaults"].get("unit")
    for override in panel["fieldConfig"]["overrides"]:
        yield from (p["value"] for p in override["properties"] if p["id"] == "unit")


def check_panel(where, panel, known):
    description = panel.get("description", "")
    if len(description) < 40 or not description.endswith(".") or not SAYS_WHAT_IS_GOOD.search(description):
        fail(where, "the description says in sentences what is shown and what is good")
    if where.split(".")[0] in OF_THE_TRADE and not ROW.search(description):
        fail(where, "the description names the handbook's row")
    for unit in units_of(panel):
        if unit not in UNITS:
            fail(where, f"unit {unit!r}: one of {', '.join(sorted(UNITS))}")
    if panel["type"] != "heatmap" and not panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps"):
        fail(where, "no thresholds")
    if panel.get("datasource", {}).get("uid") != "${datasource}":
        fail(where, "its data source is ${datasource}")
    targets = panel.get("targets", [])
    if not targets or len({t["refId"] for t in targets}) != len(targets):
        fail(where, "queries, each with its own refId")
    for target in targets:
        if panel["type"] != "table" and not target.get("legendFormat"):
            fail(where, f"query {target['refId']} has no legend")
        check_query(where, target["expr"], known)
        check_labels(where, target["expr"], target.get("legendFormat", ""), known)


def check_dashboard(path, known):
    text = path.read_text(encoding="utf-8")
    board = json.loads(text)
    where = path.name
    if text != json.dumps(board, indent=2, ensure_ascii=False) + "\n":
        fail(where, "not as Grafana exports it: two spaces, nothing escaped, a line at the end")
    if board["uid"] != f"after-sales-{path.stem}" or board["id"] is not None:
        fail(where, f"uid is after-sales-{path.stem}, id is null")
    if board["tags"] != ["after-sales"] or board["schemaVersion"] < 39 or not board["description"]:
        fail(where, "tag after-sales, schemaVersion 39, a description")
    if not any(link["type"] == "dashboards" and link["tags"] == ["after-sales"] for link in board["links"]):
        fail(where, "no links to the other dashboards")
    panels = board["panels"]
    if len({panel["id"] for panel in panels}) != len(panels):
        fail(where, "two panels with one id")
    check_place(where, panels)
    for panel in panels:
        if not panel.get("title") or panel["type"] not in TYPES:
            fail(where, f"panel {panel['id']}: a title, and one of {', '.join(sorted(TYPES))}")
        elif panel["type"] != "row":
            check_panel(f"{where}: {panel['title']}", panel, known)
    for annotation in board["annotations"]["list"]:
        if "expr" in annotation:
            check_query(f"{where}: {annotation['name']}", annotation["expr"], known)
    declared = {v["name"] for v in board["templating"]["list"]}
    used = variables_in(json.dumps(panels) + json.dumps(board["annotations"])) - OF_GRAFANA
    if declared != used or "datasource" not in declared:
        fail(where, f"variables declared {sorted(declared)}, used {sorted(used)}")
    for variable in board["templating"]["list"]:
        for name in re.findall(r"label_values\((\w+)", str(variable["query"])):
            if name not in known:
                fail(where, f"variable {variable['name']} asks for {name}, which is not in docs/metrics.md")
    return board


def shown_on(board):
    """Metrics a dashboard's panels show."""
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield from map(base_of, metrics_in(target["expr"]))


def main():
    metrics = documented()
    known = {**metrics, **recorded(), **OF_PROMETHEUS}
    paths = sorted(DASHBOARDS.glob("*.json"))
    if {path.stem for path in paths} != NAMES:
        fail("k8s/dashboards", f"holds {sorted(path.stem for path in paths)}, not {sorted(NAMES)}")
    packed = (DASHBOARDS / "kustomization.yaml").read_text(encoding="utf-8")
    for path in paths:
        if f"{{name: dashboard-{path.stem}, files: [{path.name}]}}" not in packed:
            fail("k8s/dashboards/kustomization.yaml", f"does not pack {path.name}")
    boards = {path.stem: check_dashboard(path, known) for path in paths}
    shown = {name for board in boards.values() for name in shown_on(board)}
    for indicator, names in INDICATORS.items():
        for name in names:
            exist = {one for one in metrics if one == name or name.endswith("_") and one.startswith(name)}
            for missing in exist - shown:
                fail("k8s/dashboards", f"{indicator}: no panel shows {missing}")
    compliance = json.dumps(boards.get("customers-and-compliance", {}))
    for kind in sorted(duty_kinds()):
        if f'"{kind}": {{"' not in compliance:
            fail("customers-and-compliance.json", f"duty {kind} is not named with its limit")
    for line in failures:
        print(line)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
