#!/usr/bin/env python3
"""Writes the rules of the PrometheusRule objects beside this file as plain rule files, as promtool and a Prometheus
without its operator read them.

  python3 k8s/alerts/plain.py DIRECTORY
"""
import pathlib
import sys

import yaml


def rule_objects(directory):
    """(file name, object) of every PrometheusRule in the directory, by name."""
    for path in sorted(directory.glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        if content["kind"] == "PrometheusRule":
            yield path.name, content


def write_plain(source, target):
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.yaml"):
        old.unlink()
    for name, content in rule_objects(source):
        text = yaml.safe_dump(content["spec"], allow_unicode=True, sort_keys=False, width=1000)
        (target / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write_plain(pathlib.Path(__file__).resolve().parent, pathlib.Path(sys.argv[1]))
