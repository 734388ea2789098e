#!/usr/bin/env python3
"""Makes docs/handbook.md from the sources: which RPC serves a handbook row (the `Handbook:` line of its comment in the
.proto), which test proves it (a test that provokes a refusal carrying the row's id, or says `// Handbook: X-nn` above
itself), and which metric shows it. With --check it writes nothing and fails when the file is out of date."""
import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
ID = re.compile(r"\b([GRWSPCFM]-\d\d)\b")


def rpcs():
    """id -> [(package, Service/Method)]"""
    found = collections.defaultdict(list)
    for path in sorted((ROOT / "protos/aftersales").glob("*/v1/*.proto")):
        package, service, comment = path.parts[-3], "", []
        for line in path.read_text(encoding="utf-8").splitlines():
            text = line.strip()
            if opened := re.match(r"service (\w+)", text):
                service = opened[1]
            if text.startswith("//"):
                comment.append(text[2:].strip())
                continue
            if method := re.match(r"rpc (\w+)\(", text):
                said = re.search(r"Handbook: (.*)$", " ".join(comment))
                for row in ID.findall(said[1]) if said else []:
                    found[row].append((package, f"{service}.{method[1]}"))
            comment = []
    return found


def reasons():
    """ERROR_REASON_X, or PROCUREMENT_ERROR_REASON_X -> id"""
    found = {}
    for path in (ROOT / "protos/aftersales").glob("*/v1/*errors.proto"):
        for name, body in re.findall(r"(\w*ERROR_REASON_\w+) = \d+ \[(.*?)\];", path.read_text(encoding="utf-8"), re.S):
            if row := re.search(r'handbook: "([^"]+)"', body):
                found[name] = row[1]
    return found


def tests():
    """id -> [Suite.Name]"""
    by_reason, found = reasons(), collections.defaultdict(set)
    for path in ROOT.rglob("*_test.cc"):
        if "build" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        # A test begins with the comment above it.
        begins = [m.start() for m in re.finditer(r"^(?://[^\n]*\n)*TEST(?:_[FP])?\(", text, re.M)]
        for piece in [text[begin:end] for begin, end in zip(begins, begins[1:] + [len(text)])]:
            name = re.search(r"^TEST(?:_[FP])?\((\w+), (\w+)\)", piece, re.M)
            if not name:
                continue
            rows = {by_reason[r] for r in re.findall(r"\w*ERROR_REASON_\w+", piece) if r in by_reason}
            for said in re.findall(r"// Handbook: (.*)", piece):
                rows.update(ID.findall(said))
            for row in rows:
                found[row].add(f"{name[1]}.{name[2]}")
    return found


def duties():
    """id -> {duty kind}"""
    found = collections.defaultdict(set)
    for path in list(ROOT.glob("*-svc/**/*.cc")):
        text = path.read_text(encoding="utf-8")
        for kind, row in re.findall(r'set_kind\("(\w+)"\);\s*\w+\.set_handbook\("([^"]+)"\)', text):
            found[row].add(kind)
    for path in list(ROOT.glob("*-svc/**/*_duties.h")) + list(ROOT.glob("*-svc/**/*.cc")):
        for kind, row in re.findall(r'Duty(?:\[\])? = "(\w+)"; *// ([A-Z]-\d\d)\b', path.read_text(encoding="utf-8"), re.M):
            found[row].add(kind)
    return found


def metrics():
    """id -> {metric}, by the rows in a metric's help text"""
    found = collections.defaultdict(set)
    for path in ROOT.glob("*-svc/**/*.cc"):
        if path.name.endswith("_test.cc"):
            continue
        text = path.read_text(encoding="utf-8")
        said = r'"((?:reception|workshop|parts|crm)_\w+)",\s*(?:\.help\s*=\s*)?((?:"[^"]*"\s*)+)'
        for name, words in re.findall(said, text):
            for row in ID.findall(words):
                found[row].add(name)
    return found


def page():
    serve, prove, owe, show = rpcs(), tests(), duties(), metrics()
    lines = [
        "# The handbook, row by row",
        "",
        "Made by `docs/make_handbook.py` from the protos and the tests; `./dev lint` fails when it is out of date. Every RPC",
        'is also counted and timed by `grpc_server_handled_total{grpc_method="..."}` and `grpc_server_handling_seconds`;',
        "duties by `duty_open`, `duty_overdue` and `duty_done_total` with the kind shown.",
        "",
        "| row | RPC | proved by | duty kinds | metrics of its own |",
        "|---|---|---|---|---|",
    ]
    order = {letter: place for place, letter in enumerate("GRWSPCFM")}
    for row in sorted(set(serve) | set(owe) | set(show), key=lambda r: (order[r[0]], r)):
        methods = collections.defaultdict(list)
        for package, method in serve[row]:
            methods[package].append(method)
        shown = "<br>".join(f"{package}: {', '.join(f'`{m}`' for m in names)}" for package, names in methods.items())
        proved = sorted(prove[row])
        more = f" and {len(proved) - 4} more" if len(proved) > 4 else ""
        lines.append(f"| {row} | {shown} | {', '.join(f'`{t}`' for t in proved[:4])}{more} | {', '.join(sorted(owe[row]))} | {', '.join(f'`{m}`' for m in sorted(show[row]))} |")
    return "\n".join(lines) + "\n"


def main():
    target = ROOT / "docs/handbook.md"
    if "--check" in sys.argv:
        if not target.exists() or target.read_text(encoding="utf-8") != page():
            print("docs/handbook.md is out of date: run docs/make_handbook.py")
            return 1
        return 0
    target.write_text(page(), encoding="utf-8")
    return 0


sys.exit(main())
