#!/usr/bin/env python3
"""Holds the migrations since the landed version (tests/lint/landed_api) to what an upgrade by day needs: the old programs
work on the new schema while both run (docs/operations.md, "Upgrade"). Files that have landed do not change; new ones only
add: tables, keys, columns that a writer who does not know them may leave out. Taking away waits for the version after:
a statement that may is preceded by a line `-- contract: why nobody needs it any more`. Exits 1 with every breach."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
DIRECTORIES = ["chassis", "reception-svc", "workshop-svc", "parts-svc", "crm-svc"]


def statements(text):
    """[(statement on one line, is it declared a contraction)]"""
    found, lines, contract = [], [], False
    for line in text.splitlines():
        if line.strip().startswith("--") or not line.strip():
            contract = contract or line.strip().startswith("-- contract:")
            continue
        lines.append(line.strip())
        if line.rstrip().endswith(";"):
            found.append((" ".join(lines).rstrip(";"), contract))
            lines, contract = [], False
    return found


def parts_of(changes):
    """The comma-separated changes of an ALTER TABLE."""
    parts, depth, part = [], 0, ""
    for c in changes:
        depth += (c == "(") - (c == ")")
        if c == "," and depth == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += c
    return parts + [part.strip()]


def breach(statement, new_tables):
    """What is wrong with it, or None."""
    if made := re.match(r"CREATE TABLE (\w+)", statement):
        new_tables.add(made[1])
        return None
    if re.match(r"CREATE INDEX ", statement):
        return None
    if re.match(r"CREATE UNIQUE INDEX ", statement):
        return "a unique key may refuse what the old programs write"
    if altered := re.match(r"ALTER TABLE (\w+) (.*)", statement):
        if altered[1] in new_tables:
            return None
        parts = parts_of(altered[2])
        added = {name[1] for part in parts if (name := re.match(r"ADD (?:KEY|INDEX) (\w+)", part))}
        for part in parts:
            if re.match(r"ADD (KEY|INDEX) ", part):
                continue
            # Made anew under its name, in one statement: whoever names it in a hint finds it.
            if (dropped := re.match(r"DROP (?:KEY|INDEX) (\w+)$", part)) and dropped[1] in added:
                continue
            if re.match(r"ADD COLUMN ", part) and (" NOT NULL" not in part or " DEFAULT " in part):
                continue
            return f"`{part}` is no mere addition"
        return None
    if filled := re.match(r"(?:INSERT(?: IGNORE)? INTO|UPDATE) (\w+)", statement):
        return None if filled[1] in new_tables or statement.startswith("UPDATE") else "rows for a table the old programs own"
    return "is no mere addition"


def main():
    landed = (ROOT / "tests/lint/landed_api").read_text().strip()
    git = lambda *words: subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)  # noqa: E731
    if git("cat-file", "-e", f"{landed}^{{commit}}").returncode != 0:
        print(f"no commit {landed} in this clone: nothing to compare with")
        return 0
    breaches = []
    for directory in DIRECTORIES:
        new_tables = set()
        for path in sorted((ROOT / directory / "migrations").glob("*.sql")):
            name = path.relative_to(ROOT).as_posix()
            text = path.read_text(encoding="utf-8")
            before = git("show", f"{landed}:{name}")
            if before.returncode == 0:
                if [s for s, _ in statements(before.stdout)] != [s for s, _ in statements(text)]:
                    breaches.append(f"{name}: has landed and may not change any more; write a new one")
                continue
            for statement, contract in statements(text):
                why = None if contract else breach(statement, new_tables)
                if why:
                    breaches.append(f"{name}: {why}: {statement[:100]}")
        gone = git("ls-tree", "-r", "--name-only", landed, f"{directory}/migrations").stdout.split()
        breaches += [f"{name}: has landed and is gone" for name in gone if not (ROOT / name).exists()]
    print("\n".join(breaches))
    return 1 if breaches else 0


sys.exit(main())
