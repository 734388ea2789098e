#!/usr/bin/env python3
"""Makes docs/settings.md from what the programs themselves say with --help, so that every setting is described once, in
the code that reads it. Argument: the directory of the programs (default build/release/bin). With --check it writes
nothing and fails when the file is out of date."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
SERVICES = ["reception-svc", "workshop-svc", "parts-svc", "crm-svc"]
HEAD = """# Settings

Made by `docs/make_settings.py` from each program's `--help`; a test compares them. How to set up an installation with
them is in [operations.md](operations.md#configure).

A setting is given as flag `--name=value`, as environment variable `AFTERSALES_NAME` (capitals, `_` for `-`), or as a line
`name = value` of the file that `--config=FILE` or `AFTERSALES_CONFIG` names; a flag beats the environment, which beats the
file. An unknown name or a malformed value stops the start-up and is named. Durations are written `250ms`, `10s`, `5m`,
`24h`. Secrets are never settings themselves: a setting names the file they are in.
"""


def settings_of(program, *command):
    """[(name, default, meaning)], as the program prints them"""
    said = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^  --([a-z-]+)=(.*)\n((?:      .*\n)+)", said, re.M)
    if len(found) < said.count("\n  --"):
        sys.exit(f"{program} --help has settings this script cannot read")
    return [(name, "" if default == "(empty)" else default, " ".join(meaning.split())) for name, default, meaning in found]


def table(settings):
    lines = ["| setting | environment | default | meaning |", "|---|---|---|---|"]
    for name, default, meaning in settings:
        environment = "AFTERSALES_" + name.upper().replace("-", "_")
        shown = f"`{default}`" if default else ""
        lines.append(f"| `{name}` | `{environment}` | {shown} | {meaning.replace('|', chr(92) + '|')} |")
    return "\n".join(lines) + "\n"


def document(programs):
    services = {service: settings_of(service, str(programs / service)) for service in SERVICES}
    common = services[SERVICES[0]]
    for service, own in services.items():
        if own != common:
            sys.exit(f"{service} has other settings than {SERVICES[0]}: give it a table of its own in {__file__}")
    parts = [HEAD]
    parts.append("## The four services\n\n" + ", ".join(f"`{service}`" for service in SERVICES) + " have the same ones; `serve` (the default), "
                 "`migrate` and `verify` are their subcommands.\n\n" + table(common))
    parts.append("## The gateway\n\n" + table(settings_of("gateway", str(programs / "gateway"))))
    parts.append("## Backup and restore\n\n`tools/backup.sh dump | check | restore`; it reads no file of settings.\n\n"
                 + table(settings_of("backup.sh", "bash", str(ROOT / "tools/backup.sh"))))
    return "\n".join(parts)


def main():
    arguments = [a for a in sys.argv[1:] if a != "--check"]
    made = document(pathlib.Path(arguments[0]) if arguments else ROOT / "build/release/bin")
    path = ROOT / "docs/settings.md"
    if "--check" in sys.argv:
        if not path.exists() or path.read_text(encoding="utf-8") != made:
            sys.exit("docs/settings.md is not what the programs say: run python3 docs/make_settings.py")
        return
    path.write_text(made, encoding="utf-8")


main()
