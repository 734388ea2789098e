#!/usr/bin/env python3
"""Keeps the three walls of a room: what a *_rules, *_store and *_service file may include, and that no service reads
another's code or schema. Prints each breach with its file and line; exits 1 if there is any."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = ["reception", "workshop", "parts", "crm"]
FORBIDDEN = {
    "_rules": [r"chassis/(sql|host|client|server/(call|service|rpcs)|records)", r"_store\.h", r"_service\.h", "grpcpp"],
    "_store": [r"_service\.h", "grpcpp", r"chassis/client"],
    "_service": ["grpcpp", "cppconn"],
}
breaches = []
for service in SERVICES:
    for path in sorted((ROOT / f"{service}-svc").rglob("*")):
        if path.suffix not in (".h", ".cc") or path.name.endswith("_test.cc"):
            continue
        wall = next((w for w in FORBIDDEN if path.stem.endswith(w)), None)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            include = re.match(r'#include [<"]([^>"]+)', line)
            where = f"{path.relative_to(ROOT)}:{number}"
            if include:
                for other in SERVICES:
                    if other != service and include[1].startswith(f"{other}-svc/"):
                        breaches.append(f"{where}: includes another service's code")
                for pattern in FORBIDDEN.get(wall, []):
                    if re.search(pattern, include[1]):
                        breaches.append(f"{where}: {wall[1:]} may not include {include[1]}")
            if wall in ("_service", "_rules") and re.search(r'"(SELECT|INSERT|UPDATE|DELETE) ', line):
                breaches.append(f"{where}: SQL outside a store")
for path in sorted((ROOT / "chassis").rglob("*")):
    if path.suffix not in (".h", ".cc") or path.name.endswith("_test.cc"):
        continue
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if re.match(r'#include "(reception|workshop|parts|crm)-svc/', line) or re.match(
            r'#include "aftersales/(reception|workshop|parts|crm)/', line
        ):
            breaches.append(f"{path.relative_to(ROOT)}:{number}: the chassis knows no business")
print("\n".join(breaches))
sys.exit(1 if breaches else 0)
