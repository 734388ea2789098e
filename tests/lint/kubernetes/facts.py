"""What the project's own sources say that the objects in k8s/ must agree with: settings from the code, images from the
Containerfile, packages and migrations from the tree, peers from the build. Read from sources, so no build is needed."""
import dataclasses
import os
import pathlib
import re
import subprocess
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
SERVICES = ["reception", "workshop", "parts", "crm"]
# Who calls a setting his own, by the function that declares them.
DECLARED = {
    "service": [("chassis/config/config.cc", "ServiceSettings"), ("chassis/config/config.cc", "IdentitySettings")],
    "gateway": [
        ("gateway/gateway.cc", "GatewaySettings"),
        ("chassis/config/config.cc", "IdentitySettings"),
        ("gateway/limits/traffic_settings.cc", "TrafficSettings"),
        ("gateway/web/front.cc", "FrontSettings"),
    ],
}
# secrets.sh needs a program of the build; its files' content does not matter here.
KEYS_PROGRAM = """#!/bin/sh
for file in issuer.jwk data.json jwks.json; do echo '{}' > "$1/$file"; done
"""


@dataclasses.dataclass
class Image:
    """A target of the Containerfile."""

    parents: list  # its own name first
    environment: dict
    entrypoint: str


@dataclasses.dataclass
class Facts:
    settings: dict  # program -> {name: default}
    health_names: set  # what a service answers gRPC health for
    http_paths: set  # what the gateway's admin door serves
    peers: dict  # service -> set of services
    images: dict  # target -> Image
    copies: list  # sources of COPY from the tree
    packages_build: set  # installed in the build stage
    packages_run: set  # installed in the other stages
    packages_project: set  # ./dev's
    packages_below: set  # what those depend on
    provided: dict  # kind of secrets.sh -> {(kind, name): set of keys}
    certificates: dict  # kind -> {secret: (common name, set of DNS names)}
    roles: set
    directories: dict  # k8s/alerts, k8s/dashboards -> (files there, files their kustomization names)


def text_of(path):
    return (ROOT / path).read_text(encoding="utf-8")


def settings_in(path, function):
    body = re.search(r"\b%s\(\) \{\n(.*?)\n\}\n" % function, text_of(path), re.DOTALL)[1]
    return dict(re.findall(r'\{"([a-z0-9-]+)",\s*"((?:[^"\\]|\\.)*)"', body))


def settings():
    known = {program: {} for program in DECLARED}
    for program, places in DECLARED.items():
        for path, function in places:
            known[program].update(settings_in(path, function))
    backup = re.search(r"usage\(\) \{(.*?)\n\}\n", text_of("tools/backup.sh"), re.DOTALL)[1]
    known["backup"] = {
        name: value.replace("(empty)", "") for name, value in re.findall(r"^  --([a-z-]+)(?:=(\S*))?$", backup, re.M)
    }
    # The pods of the backup share the services' settings; the script passes over what is not its own.
    known["backup"] = {**known["service"], **known["backup"]}
    return known


def peers():
    of = {}
    for name, protos in re.findall(r"^set\((\w+)_PROTOS ([\w ]+)\)", text_of("cmake/aftersales.cmake"), re.M):
        of[name] = {proto.removeprefix("protos_") for proto in protos.split()} - {name}
    return of


def containerfile():
    text = re.sub(r"\\\n", " ", text_of("k8s/images/Containerfile"))
    images, copies, build, run = {}, [], set(), set()
    stage = None
    for line in text.splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "FROM":
            stage = words[3]
            before = images.get(words[1])
            images[stage] = Image(
                [stage] + (before.parents if before else [words[1]]),
                dict(before.environment) if before else {},
                before.entrypoint if before else "",
            )
        elif words[0] == "COPY" and not words[1].startswith("--"):
            copies += words[1:-1]
        elif words[0] == "ENV":
            images[stage].environment.update(word.split("=", 1) for word in words[1:])
        elif words[0] == "ENTRYPOINT":
            images[stage].entrypoint = yaml.safe_load(line.split(None, 1)[1])[0]
        elif words[0] == "USER":
            images[stage].environment["USER"] = words[1]
        elif words[0] == "RUN" and "install" in words:
            after = words[words.index("install") + 1 :]
            names = after[: after.index("&&")] if "&&" in after else after
            (build if stage == "build" else run).update(name for name in names if not name.startswith("-"))
    return images, copies, build, run


def packages():
    array = re.search(r"^packages=\((.*?)^\)", text_of("dev"), re.DOTALL | re.M)[1]
    named = set(re.sub(r"#.*", "", array).split())
    # What apt brings along with them, as this machine has it.
    shown = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package}\t${Depends}, ${Pre-Depends}\n"],
        capture_output=True,
        text=True,
        check=True,
    )
    needs = {}
    for line in shown.stdout.splitlines():
        package, depends = line.split("\t")
        needs[package] = {
            re.split(r"[ (:]", choice.strip())[0] for entry in depends.split(",") for choice in entry.split("|")
        }
    below, more = set(named), set(named)
    while more:
        more = set().union(*(needs.get(package, set()) for package in more)) - below
        below |= more
    return named, below


def provided():
    """What k8s/secrets.sh makes, and the names in its certificates."""
    objects, certificates = {}, {}
    for kind in ("development", "production"):
        with tempfile.TemporaryDirectory() as place:
            keys = pathlib.Path(place, "keys-program")
            keys.write_text(KEYS_PROGRAM, encoding="utf-8")
            keys.chmod(0o700)
            for name in ("platform-keys.json", "database-ca.crt"):
                pathlib.Path(place, name).write_text("{}", encoding="utf-8")
            made = subprocess.run(
                [str(ROOT / "k8s/secrets.sh"), kind, place],
                capture_output=True,
                text=True,
                check=True,
                env={**os.environ, "AFTERSALES_KEYS": str(keys)},
            )
            objects[kind] = {
                (o["kind"], o["metadata"]["name"]): set(o["data"]) for o in yaml.safe_load_all(made.stdout) if o
            }
            certificates[kind] = {}
            for directory in pathlib.Path(place, "tls").iterdir():
                if not directory.is_dir():
                    continue
                shown = subprocess.run(
                    [
                        "openssl",
                        "x509",
                        "-noout",
                        "-subject",
                        "-ext",
                        "subjectAltName",
                        "-in",
                        str(directory / "tls.crt"),
                    ],
                    capture_output=True,
                    text=True,
                    check=True,
                ).stdout
                secret = directory.name if directory.name == "ingress-upstream" else f"{directory.name}-tls"
                certificates[kind][secret] = (
                    re.search(r"CN ?= ?(\S+)", shown)[1],
                    set(re.findall(r"DNS:([^,\s]+)", shown)),
                )
    return objects, certificates


def listed(directory):
    place = ROOT / "k8s" / directory
    said = yaml.safe_load(text_of(f"k8s/{directory}/kustomization.yaml"))
    named = set(said.get("resources", []))
    for generator in said.get("configMapGenerator", []):
        named |= {name.split("=")[-1] for name in generator.get("files", [])}
    there = {path.name for path in place.iterdir() if path.suffix in (".yaml", ".json")} - {"kustomization.yaml"}
    return there, named


def facts():
    images, copies, build, run = containerfile()
    named, below = packages()
    objects, certificates = provided()
    return Facts(
        settings=settings(),
        health_names=set(re.findall(r'Say\("(\w+)"', text_of("chassis/server/transport.cc"))),
        http_paths=set(re.findall(r'Path\(\) == "(/\w+)"', text_of("gateway/web/admin_door.cc"))),
        peers=peers(),
        images=images,
        copies=copies,
        packages_build=build,
        packages_run=run,
        packages_project=named,
        packages_below=below,
        provided=objects,
        certificates=certificates,
        roles={
            role.lower()
            for role in re.findall(r"^\s*ROLE_(\w+) = ", text_of("protos/aftersales/options/v1/options.proto"), re.M)
        }
        - {"unspecified"},
        directories={name: listed(name) for name in ("alerts", "dashboards")},
    )
