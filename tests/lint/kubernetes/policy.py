#!/usr/bin/env python3
"""Our own rules for what k8s/ deploys, over the objects render.py wrote: what no schema can know. Each rule is one
function that yields what is wrong; together they print a table, one line a rule, one column an overlay.

    python3 tests/lint/kubernetes/policy.py build/lint/kubernetes/*.json
"""
import ipaddress
import json
import pathlib
import re
import sys

import facts as sources

THIRD_PARTY = {"mariadb"}
# Not from ./dev's packages: what every client of the net needs, time zones of stores, the backups' compression.
RUNTIME_ONLY = {"ca-certificates", "tzdata", "zstd"}
RESTRICTED_VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
# Who is outside: the labels a policy names them by, and what they are called here.
OUTSIDE = {
    ("kube-system", "k8s-app=kube-dns"): "names",
    ("monitoring", "app.kubernetes.io/name=prometheus"): "prometheus",
    ("ingress-nginx", "app.kubernetes.io/name=ingress-nginx"): "ingress",
}
# What a process needs after its grace to end the background work and write its last line.
SPARE_SECONDS = 5
# `kubectl apply` keeps a copy of each object in an annotation, and annotations have this limit.
APPLIED_BYTES_MAX = 1 << 18
RULES = []


def rule(name):
    def add(function):
        RULES.append((name, function))
        return function

    return add


# ---------------------------------------------------------------------------------------------------- what is deployed


class Workload:
    """Pods of one template."""

    def __init__(self, overlay, item):
        self.overlay, self.item, self.kind, self.name = overlay, item, item["kind"], item["metadata"]["name"]
        spec = item["spec"]
        template = spec["jobTemplate"]["spec"]["template"] if self.kind == "CronJob" else spec["template"]
        self.labels = template["metadata"].get("labels", {})
        self.pod = template["spec"]
        self.containers = self.pod["containers"] + self.pod.get("initContainers", [])
        self.serves = self.kind in ("Deployment", "StatefulSet", "DaemonSet")

    def __str__(self):
        return f"{self.kind} {self.name}"

    def image(self, container):
        """The target of the Containerfile, or None for somebody else's image."""
        return self.overlay.facts.images.get(repository(container["image"]).split("/")[-1])

    def program(self, container):
        image = self.image(container)
        if image is None:
            return None
        if "tools" in image.parents:
            return "backup"
        return "gateway" if image.entrypoint == "gateway" else "service"

    def environment(self, container):
        image = self.image(container)
        values = dict(image.environment) if image else {}
        for source in container.get("envFrom", []):
            name = source.get("configMapRef", {}).get("name")
            values.update(self.overlay.get("ConfigMap", name).get("data", {}))
        values.update({entry["name"]: str(entry.get("value", "")) for entry in container.get("env", [])})
        return values

    def settings(self, container):
        """As the process will see them, defaults included."""
        program = self.program(container)
        values = dict(self.overlay.facts.settings.get(program, {}))
        for name, value in self.environment(container).items():
            if name.startswith("AFTERSALES_"):
                values[name.removeprefix("AFTERSALES_").lower().replace("_", "-")] = value
        for argument in container.get("args", []):
            if argument.startswith("--"):
                name, _, value = argument[2:].partition("=")
                values[name] = value
        return values

    def serving(self):
        """(container, settings) of our long-running programs."""
        return [
            (c, self.settings(c)) for c in self.containers if self.serves and self.program(c) in ("service", "gateway")
        ]

    def ports(self):
        return {p["name"]: p["containerPort"] for c in self.containers for p in c.get("ports", [])}

    def volumes(self):
        return {v["name"]: v for v in self.pod.get("volumes", [])}


class Overlay:
    def __init__(self, name, objects, facts):
        self.name, self.objects, self.facts = name, objects, facts
        self.workloads = [
            Workload(self, o)
            for o in objects
            if o["kind"] in ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")
        ]
        self.namespace = next((o["metadata"]["name"] for o in objects if o["kind"] == "Namespace"), None)

    def of(self, kind):
        return [o for o in self.objects if o["kind"] == kind]

    def get(self, kind, name):
        return next((o for o in self.of(kind) if o["metadata"]["name"] == name), {})

    def selected(self, selector):
        return [w for w in self.workloads if matches(selector, w.labels)]

    def scaler_of(self, workload):
        for scaler in self.of("HorizontalPodAutoscaler"):
            target = scaler["spec"]["scaleTargetRef"]
            if (target["kind"], target["name"]) == (workload.kind, workload.name):
                return scaler
        return None

    def least(self, workload):
        scaler = self.scaler_of(workload)
        return scaler["spec"]["minReplicas"] if scaler else workload.item["spec"].get("replicas", 1)

    def kind_of_secrets(self):
        """Which half of k8s/secrets.sh it is for."""
        return "development" if self.name == "dev" else "production"


def repository(image):
    return re.sub(r"(@sha256:\w+|:[^:/]+)$", "", image)


def matches(selector, labels):
    for key, value in (selector.get("matchLabels") or {}).items():
        if labels.get(key) != value:
            return False
    for entry in selector.get("matchExpressions") or []:
        has, value = entry["key"] in labels, labels.get(entry["key"])
        held = {
            "In": value in entry.get("values", []),
            "NotIn": value not in entry.get("values", []),
            "Exists": has,
            "DoesNotExist": not has,
        }
        if not held[entry["operator"]]:
            return False
    return True


def port_of(listen):
    return int(listen.rsplit(":", 1)[1]) if ":" in listen else None


def seconds(duration):
    units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"([\d.]+)(ms|s|m|h)", duration))


def amount(quantity):
    found = re.fullmatch(r"([\d.]+)(m|Ki|Mi|Gi|)", str(quantity))
    return float(found[1]) * {"m": 0.001, "": 1, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}[found[2]]


def targets_in(setting):
    """{"parts": ("parts-svc", 8080)} of a setting peers or upstreams."""
    found = re.findall(r"aftersales\.(\w+)\.v1=dns:///([\w.-]+):(\d+)", setting)
    return {package: (host, int(port)) for package, host, port in found}


# ------------------------------------------------------------------------------------------------------ one pod by itself


@rule("probes differ and ask what is answered")
def probes(overlay):
    for workload in overlay.workloads:
        if not workload.serves:
            continue
        for container in workload.containers:
            alive, ready = container.get("livenessProbe"), container.get("readinessProbe")
            if not alive or not ready:
                yield f"{workload}: {container['name']} has not both liveness and readiness"
                continue
            questions = [{k: p[k] for k in ("grpc", "httpGet", "exec", "tcpSocket") if k in p} for p in (alive, ready)]
            if questions[0] == questions[1]:
                yield f"{workload}: liveness and readiness ask the same"
            for probe in (alive, ready, container.get("startupProbe")):
                yield from answered(workload, container, probe)


def answered(workload, container, probe):
    settings, known = workload.settings(container), workload.overlay.facts
    if not probe or workload.program(container) is None:
        return
    if "grpc" in probe:
        if probe["grpc"]["port"] != port_of(settings.get("health-listen", "")):
            yield f"{workload}: a gRPC probe at port {probe['grpc']['port']}, which is not health-listen; probes speak no TLS"
        if probe["grpc"].get("service") not in known.health_names:
            yield f"{workload}: nobody answers health for {probe['grpc'].get('service')}"
    elif "httpGet" in probe:
        port = probe["httpGet"]["port"]
        if workload.ports().get(port, port) != port_of(settings["admin-listen"]):
            yield f"{workload}: an HTTP probe at port {port}, which is not admin-listen"
        if probe["httpGet"]["path"] not in known.http_paths:
            yield f"{workload}: the admin door does not serve {probe['httpGet']['path']}"
    else:
        yield f"{workload}: a probe that asks nothing of the program"


@rule("Pod Security restricted, root read-only")
def restricted(overlay):
    labels = overlay.get("Namespace", overlay.namespace).get("metadata", {}).get("labels", {})
    if labels.get("pod-security.kubernetes.io/enforce") != "restricted":
        yield "the namespace does not enforce restricted"
    for workload in overlay.workloads:
        pod = workload.pod
        security = pod.get("securityContext", {})
        if security.get("runAsNonRoot") is not True or not security.get("runAsUser"):
            yield f"{workload}: may run as root"
        if security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{workload}: no seccomp profile RuntimeDefault"
        if any(pod.get(shared) for shared in ("hostNetwork", "hostPID", "hostIPC")):
            yield f"{workload}: shares something of the node"
        if pod.get("automountServiceAccountToken") is not False:
            yield f"{workload}: mounts a token for the cluster's API"
        for volume in workload.volumes().values():
            for kind in set(volume) - {"name"} - RESTRICTED_VOLUMES:
                yield f"{workload}: volume {volume['name']} is a {kind}"
        for container in workload.containers:
            own = container.get("securityContext", {})
            if own.get("allowPrivilegeEscalation") is not False or own.get("capabilities", {}).get("drop") != ["ALL"]:
                yield f"{workload}: {container['name']} may gain rights"
            if (
                own.get("capabilities", {}).get("add")
                or own.get("privileged")
                or own.get("runAsNonRoot") is False
                or own.get("runAsUser") == 0
            ):
                yield f"{workload}: {container['name']} has more than restricted allows"
            if own.get("readOnlyRootFilesystem") is not True:
                yield f"{workload}: {container['name']} may write to its root"
            if any("hostPort" in port for port in container.get("ports", [])):
                yield f"{workload}: {container['name']} takes a port of the node"


@rule("images: named, versioned, made here")
def images(overlay):
    for workload in overlay.workloads:
        for container in workload.containers:
            image = container["image"]
            tag = image[len(repository(image)) :]
            if not tag or tag == ":latest":
                yield f"{workload}: {image} has no version"
            if workload.image(container) is None and repository(image).split("/")[-1] not in THIRD_PARTY:
                yield f"{workload}: no Containerfile target makes {image}"


@rule("requests and limits")
def resources(overlay):
    for workload in overlay.workloads:
        for container in workload.containers:
            said = container.get("resources", {})
            for kind in ("cpu", "memory"):
                request, limit = said.get("requests", {}).get(kind), said.get("limits", {}).get(kind)
                if request is None or limit is None:
                    yield f"{workload}: {container['name']} has no {kind} request and limit"
                elif amount(request) > amount(limit):
                    yield f"{workload}: {container['name']} requests more {kind} than its limit"


@rule("time to end: grace fits the drain")
def termination(overlay):
    for workload in overlay.workloads:
        for container, settings in workload.serving():
            needed = seconds(settings["drain-wait"]) + seconds(settings["grace"]) + SPARE_SECONDS
            given = workload.pod.get("terminationGracePeriodSeconds", 30)
            if given < needed:
                yield f"{workload}: {given} s to end, {container['name']} needs {needed:g}"


@rule("replicas are spread")
def spread(overlay):
    for workload in overlay.workloads:
        if workload.kind != "Deployment":
            continue
        keys = {
            c["topologyKey"]
            for c in workload.pod.get("topologySpreadConstraints", [])
            if matches(c.get("labelSelector", {"matchLabels": {"": ""}}), workload.labels)
        }
        if not {"kubernetes.io/hostname", "topology.kubernetes.io/zone"} <= keys:
            yield f"{workload}: not spread over nodes and zones"


# --------------------------------------------------------------------------------------------------- several objects together


@rule("disruption budgets below replicas")
def budgets(overlay):
    budgeted = overlay.of("PodDisruptionBudget")
    for workload in overlay.workloads:
        if workload.kind != "Deployment":
            continue
        own = [b for b in budgeted if matches(b["spec"]["selector"], workload.labels)]
        if len(own) != 1:
            yield f"{workload}: {len(own)} disruption budgets"
            continue
        least = overlay.least(workload)
        if not isinstance(own[0]["spec"].get("minAvailable"), int) or own[0]["spec"]["minAvailable"] >= least:
            yield f"{workload}: minAvailable {own[0]['spec'].get('minAvailable')} of at least {least}: no node could be emptied"


@rule("autoscalers own the replicas they scale")
def scalers(overlay):
    for scaler in overlay.of("HorizontalPodAutoscaler"):
        name = scaler["metadata"]["name"]
        target = next((w for w in overlay.workloads if w.kind == "Deployment" and overlay.scaler_of(w) is scaler), None)
        if target is None:
            yield f"HorizontalPodAutoscaler {name}: scales nothing"
        elif "replicas" in target.item["spec"]:
            yield f"{target}: replicas would be set back at each apply"
        if scaler["spec"]["minReplicas"] >= scaler["spec"]["maxReplicas"]:
            yield f"HorizontalPodAutoscaler {name}: nothing between least and most"


@rule("every Service has pods and their ports")
def services(overlay):
    called = {
        host
        for w in overlay.workloads
        for c, s in w.serving()
        for host, _ in targets_in(s.get("peers", "") + "," + s.get("upstreams", "")).values()
    }
    for service in overlay.of("Service"):
        name, spec = service["metadata"]["name"], service["spec"]
        behind = overlay.selected({"matchLabels": spec["selector"]})
        if not behind:
            yield f"Service {name}: selects no pods"
        for workload in behind:
            if not workload.serves:
                yield f"Service {name}: would send calls to {workload}"
            for port in spec["ports"]:
                if port.get("targetPort") not in workload.ports():
                    yield f"Service {name}: {workload} has no port {port.get('targetPort')}"
        if name in called and spec.get("clusterIP") != "None":
            yield f"Service {name}: has an address of its own: all calls of a connection would go to one pod"
    for host in called - {s["metadata"]["name"] for s in overlay.of("Service")}:
        yield f"no Service {host}, which settings name"


@rule("ports are those of the settings")
def ports(overlay):
    for workload in overlay.workloads:
        for container, settings in workload.serving():
            said = {name: port_of(settings.get(f"{name}-listen", "")) for name in ("health", "web", "admin")}
            said["grpc"] = port_of(settings["listen"])
            said = {name: port for name, port in said.items() if port}
            if said != {p["name"]: p["containerPort"] for p in container.get("ports", [])}:
                yield f"{workload}: listens at {said}, declares {workload.ports()}"
    for monitor in overlay.of("PodMonitor"):
        chosen = overlay.selected(monitor["spec"]["selector"])
        for endpoint in monitor["spec"]["podMetricsEndpoints"]:
            for workload in chosen:
                if endpoint["port"] not in workload.ports() or endpoint.get("path", "/metrics") != "/metrics":
                    yield f"PodMonitor {monitor['metadata']['name']}: {workload} serves no metrics at {endpoint['port']}"
        for workload in overlay.workloads:
            if workload.serving() and workload not in chosen:
                yield f"PodMonitor {monitor['metadata']['name']}: {workload} is not scraped"
    for ingress in overlay.of("Ingress"):
        for name, port in backends(ingress):
            if port not in {p["name"] for p in overlay.get("Service", name).get("spec", {}).get("ports", [])}:
                yield f"Ingress {ingress['metadata']['name']}: no port {port} at Service {name}"


def backends(ingress):
    for entry in ingress["spec"]["rules"]:
        for path in entry["http"]["paths"]:
            yield path["backend"]["service"]["name"], path["backend"]["service"]["port"]["name"]


# ----------------------------------------------------------------------------------------------------------- settings


@rule("every setting exists and has its shape")
def settings(overlay):
    for workload in overlay.workloads:
        for container in workload.containers:
            program = workload.program(container)
            if program is None:
                continue
            known = overlay.facts.settings[program]
            for name, value in workload.settings(container).items():
                if name not in known:
                    yield f"{workload}: {program} has no setting {name}"
                    continue
                shape = known[name]
                fits = True
                if shape in ("true", "false"):
                    fits = value in ("true", "false")
                elif re.fullmatch(r"\d+", shape):
                    fits = re.fullmatch(r"\d+", value)
                elif re.fullmatch(r"\d+(ms|s|m|h)", shape):
                    fits = re.fullmatch(r"(\d+(\.\d+)?(ms|s|m|h))+", value)
                if not fits:
                    yield f"{workload}: setting {name} = {value}, where {shape} would fit"


@rule("peers: whom the code calls, nobody else")
def peers(overlay):
    for service, called in overlay.facts.peers.items():
        workload = next((w for w in overlay.workloads if w.kind == "Deployment" and w.name == f"{service}-svc"), None)
        if workload is None:
            yield f"no Deployment {service}-svc"
            continue
        for _, said in workload.serving():
            if set(targets_in(said["peers"])) != called or said["peers"].count("=") != len(called):
                yield f"{workload}: peers are {said['peers']}, the code calls {', '.join(sorted(called))}"
    for workload in overlay.workloads:
        for _, said in workload.serving():
            if "upstreams" in said and set(targets_in(said["upstreams"])) != set(overlay.facts.peers):
                yield f"{workload}: upstreams are not the four services"


# What a file setting reads, as the keys its directory must have.
TLS_FILES = {"ca.crt", "tls.crt", "tls.key"}


def mounted(workload, container):
    """{directory: (what, name, keys)}; keys is None where only the cluster knows them."""
    overlay, found = workload.overlay, {}
    volumes = workload.volumes()
    for mount in container.get("volumeMounts", []):
        volume = volumes.get(mount["name"], {})
        for kind, field, name in (("Secret", "secret", "secretName"), ("ConfigMap", "configMap", "name")):
            if field in volume:
                found[mount["mountPath"]] = (kind, volume[field][name], keys_of(overlay, kind, volume[field][name]))
        if "projected" in volume:
            keys = {
                s["serviceAccountToken"]["path"] for s in volume["projected"]["sources"] if "serviceAccountToken" in s
            }
            found[mount["mountPath"]] = ("token", mount["name"], keys)
        if mount.get("subPath"):
            found[mount["mountPath"]] = ("subPath", mount["name"], set())
        if mount["name"] not in volumes and mount["name"] not in claims(workload):
            found[mount["mountPath"]] = ("nothing", mount["name"], set())
    return found


def claims(workload):
    return {c["metadata"]["name"] for c in workload.item["spec"].get("volumeClaimTemplates", [])}


def keys_of(overlay, kind, name):
    """None: nobody makes it."""
    here = overlay.get(kind, name)
    if here:
        return set(here.get("data", {})) | set(here.get("binaryData", {}))
    return overlay.facts.provided[overlay.kind_of_secrets()].get((kind, name))


@rule("secrets and files are there")
def files(overlay):
    for workload in overlay.workloads:
        for container in workload.containers:
            places = mounted(workload, container)
            for path, (kind, name, keys) in places.items():
                if keys is None:
                    yield f"{workload}: {kind} {name} is made neither here nor by k8s/secrets.sh"
                elif kind in ("subPath", "nothing"):
                    yield f"{workload}: {path} is mounted from {kind}: it would not follow changes, or not be there"
            if workload.program(container) is None:
                continue
            yield from setting_files(workload, container, places)
        for source in (s for c in workload.containers for s in c.get("envFrom", [])):
            name = source.get("configMapRef", {}).get("name")
            if "secretRef" in source:
                yield f"{workload}: a secret in the environment"
            elif not overlay.get("ConfigMap", name):
                yield f"{workload}: no ConfigMap {name}"
        for entry in (e for c in workload.containers for e in c.get("env", [])):
            if "secretKeyRef" in entry.get("valueFrom", {}):
                yield f"{workload}: a secret in the environment"


# Commands that read less than the service does.
READ_BY_MIGRATE = {"migration-password-file", "database-ca-file"}
READ_BY_BACKUP = {"database-password-file", "database-ca-file"}


def setting_files(workload, container, places):
    said = workload.settings(container)
    program = workload.program(container)
    for name, value in said.items():
        if not value or not name.endswith(("-file", "-directory")) or name == "backup-directory":
            continue
        if container.get("args") == ["migrate"] and name not in READ_BY_MIGRATE:
            continue
        if program == "backup" and name not in READ_BY_BACKUP:
            continue
        if program == "service" and container.get("args") == ["serve"] and name == "migration-password-file":
            continue  # the pods that serve are not given it
        if value.startswith("/usr/share/aftersales/"):
            continue  # in the image
        directory, wanted = (
            (value, TLS_FILES)
            if name.endswith("-directory")
            else (str(pathlib.PurePosixPath(value).parent), {pathlib.PurePosixPath(value).name})
        )
        keys = places.get(directory, ("", "", None))[2]
        if keys is None or not wanted <= keys:
            yield f"{workload}: setting {name} reads {value}, which is not mounted"
    for issuer in issuers_of(workload, said):
        if issuer["jwks"].startswith("/"):
            path = pathlib.PurePosixPath(issuer["jwks"])
            if path.name not in (places.get(str(path.parent), ("", "", None))[2] or set()):
                yield f"{workload}: the keys of {issuer['issuer']} are at {path}, which is not mounted"


def issuers_of(workload, said):
    if not workload.serves or not said.get("issuers-file"):
        return []
    name = pathlib.PurePosixPath(said["issuers-file"]).name
    for volume in workload.volumes().values():
        data = workload.overlay.get("ConfigMap", volume.get("configMap", {}).get("name")).get("data", {})
        if name in data:
            return json.loads(data[name])
    return []


@rule("who is who: tokens of the platform")
def identity(overlay):
    known = {"issuer", "audiences", "jwks", "ca_file", "algorithms", "leeway_seconds", "claims", "role_map"}
    for workload in overlay.workloads:
        for container, said in workload.serving():
            accepted = issuers_of(workload, said)
            for issuer in accepted:
                if set(issuer) - known or set(issuer.get("role_map", {}).values()) - overlay.facts.roles:
                    yield f"{workload}: the issuer {issuer['issuer']} has names the code does not know"
                if "role_map" not in issuer:
                    yield f"{workload}: the issuer {issuer['issuer']} could make anybody a service of the suite"
            trusted = {who for i in accepted for who, role in i.get("role_map", {}).items() if role == "suite_service"}
            if workload.program(container) == "gateway":
                if trusted:
                    yield f"{workload}: the gateway lets services' tokens in from outside"
                continue
            callers = {f"system:serviceaccount:{overlay.namespace}:{s}-svc" for s in overlay.facts.peers}
            if trusted != callers:
                yield f"{workload}: takes {', '.join(sorted(trusted))} for services of the suite"
            token = next(
                (
                    s["serviceAccountToken"]
                    for v in workload.volumes().values()
                    for s in v.get("projected", {}).get("sources", [])
                ),
                {},
            )
            if not any(
                token.get("audience") in i["audiences"]
                for i in accepted
                if "suite_service" in i.get("role_map", {}).values()
            ):
                yield f"{workload}: its own token is for {token.get('audience')}, which no issuer is accepted for"
            account = workload.pod.get("serviceAccountName")
            if account != workload.name or not overlay.get("ServiceAccount", account):
                yield f"{workload}: its identity is {account}"


@rule("certificates have the names they are called by")
def certificates(overlay):
    made = overlay.facts.certificates[overlay.kind_of_secrets()]
    for workload in overlay.workloads:
        for container, said in workload.serving():
            for host, _ in targets_in(said.get("peers", "") + "," + said.get("upstreams", "")).values():
                if host not in made.get(host.removesuffix("-svc") + "-tls", ("", set()))[1]:
                    yield f"{workload}: calls {host}, which is not in that service's certificate"
            places = mounted(workload, container)
            if "upstream-tls-directory" in said:
                common = made.get(places[said["upstream-tls-directory"]][1], ("", set()))[0]
                for other in overlay.workloads:
                    for _, theirs in other.serving():
                        if theirs.get("gateway-name", common) != common:
                            yield f"{other}: believes {theirs['gateway-name']}, the gateway is {common}"
            elif said.get("database-host") == "mysql" and "mysql" not in made.get("mysql-tls", ("", set()))[1]:
                yield f"{workload}: the database's certificate has not its name"


# ------------------------------------------------------------------------------------------------------------ the network


def party(peer):
    """What somebody outside the namespace is called here."""
    if "ipBlock" in peer:
        ipaddress.ip_network(peer["ipBlock"]["cidr"])
        return "outside"
    inner = lambda selector: ",".join(
        f"{k}={v}" for k, v in sorted(peer.get(selector, {}).get("matchLabels", {}).items())
    )
    namespace = inner("namespaceSelector").removeprefix("kubernetes.io/metadata.name=")
    return OUTSIDE.get((namespace, inner("podSelector")), f"{namespace}/{inner('podSelector')}")


def numbers(entry, holder):
    """(protocol, number) of a policy's ports; `holder` is who listens there, None outside. No ports: all of them."""
    for port in entry.get("ports") or [{}]:
        wanted = port.get("port", "any")
        if isinstance(wanted, str) and holder is not None:
            wanted = holder.ports().get(wanted, wanted)
        yield port.get("protocol", "TCP"), wanted


def allowed(overlay, direction):
    """What policies let through: {(from, to, protocol, port)}, and who is not closed at all."""
    edges, open_pods = set(), []
    for workload in overlay.workloads:
        policies = [
            p
            for p in overlay.of("NetworkPolicy")
            if direction in p["spec"]["policyTypes"] and matches(p["spec"]["podSelector"], workload.labels)
        ]
        if not policies:
            open_pods.append(workload)
        field, side = ("egress", "to") if direction == "Egress" else ("ingress", "from")
        for entry in (e for p in policies for e in p["spec"].get(field, [])):
            for peer in entry.get(side) or [{"namespaceSelector": {}}]:
                within = "podSelector" in peer and "namespaceSelector" not in peer
                for other in overlay.selected(peer["podSelector"]) if within else [None]:
                    holder = workload if direction == "Ingress" else other
                    end = str(other) if other else party(peer)
                    pair = (str(workload), end) if direction == "Egress" else (end, str(workload))
                    edges |= {(*pair, *number) for number in numbers(entry, holder)}
    return edges, open_pods


def needed(overlay):
    """What the configuration uses: who calls whom, who has a database user, who fetches keys, who is looked at."""
    edges = set()
    by_service = {
        s["metadata"]["name"]: overlay.selected({"matchLabels": s["spec"]["selector"]}) for s in overlay.of("Service")
    }
    for workload in overlay.workloads:
        edges |= {(str(workload), "names", protocol, 53) for protocol in ("UDP", "TCP")}
        for container in workload.containers:
            said, program = workload.settings(container), workload.program(container)
            if workload.serves:
                for host, port in targets_in(said.get("peers", "") + "," + said.get("upstreams", "")).values():
                    edges |= {(str(workload), str(other), "TCP", port) for other in by_service.get(host, [])}
                edges |= {
                    (str(workload), "outside", "TCP", 443)
                    for i in issuers_of(workload, said)
                    if i["jwks"].startswith("https:")
                }
            if program in ("service", "backup"):
                port = int(said["database-port"])
                behind = by_service.get(said["database-host"])
                edges |= {(str(workload), str(other), "TCP", port) for other in behind or ["outside"]}
            if program == "gateway" and said.get("prometheus-url"):
                edges.add((str(workload), "prometheus", "TCP", int(said["prometheus-url"].rsplit(":", 1)[1])))
    for monitor in overlay.of("PodMonitor"):
        for workload in overlay.selected(monitor["spec"]["selector"]):
            edges |= {
                ("prometheus", str(workload), "TCP", workload.ports().get(e["port"]))
                for e in monitor["spec"]["podMetricsEndpoints"]
            }
    for ingress in overlay.of("Ingress"):
        for name, port in backends(ingress):
            target = next(
                (
                    p["targetPort"]
                    for p in overlay.get("Service", name).get("spec", {}).get("ports", [])
                    if p["name"] == port
                ),
                None,
            )
            edges |= {("ingress", str(w), "TCP", w.ports().get(target)) for w in by_service.get(name, [])}
    return edges


def shown(edge):
    return f"{edge[0]} -> {edge[1]} {edge[2]} {edge[3]}"


@rule("network: every edge that is used, no other")
def network(overlay):
    used, pods = needed(overlay), {str(w) for w in overlay.workloads}
    for direction, mine in (("Egress", 0), ("Ingress", 1)):
        given, open_pods = allowed(overlay, direction)
        for workload in open_pods:
            yield f"{workload}: no policy closes its {direction.lower()}"
        wanted = {edge for edge in used if edge[mine] in pods}
        for edge in sorted(wanted - given, key=str):
            yield f"{direction.lower()} is used and not allowed: {shown(edge)}"
        for edge in sorted(given - wanted, key=str):
            yield f"{direction.lower()} is allowed and not used: {shown(edge)}"


# ----------------------------------------------------------------------------------------------------- images, directories


@rule("the Containerfile's sources and packages")
def containerfile(overlay):
    known = overlay.facts
    for source in known.copies:
        if not (sources.ROOT / source).exists():
            yield f"COPY {source}: not in the tree"
    for package in sorted(known.packages_build - known.packages_project):
        yield f"the build stage installs {package}, which is not in ./dev"
    for package in sorted(known.packages_run - known.packages_below - RUNTIME_ONLY):
        yield f"{package} is no package the project's packages bring along"
    for name, image in known.images.items():
        if name != "build" and image.environment.get("USER", "root").split(":")[0] in ("root", "0"):
            yield f"image {name} runs as root"
        if image.parents[-1].split(":")[-1] != "bookworm-slim":
            yield f"image {name} is not based on Debian bookworm-slim"


@rule("rules and dashboards are all taken in")
def directories(overlay):
    for name, (there, named) in overlay.facts.directories.items():
        for path in sorted(there ^ named):
            yield f"k8s/{name}/{path} is {'not listed in' if path in there else 'missing, but listed in'} its kustomization"
    for item in overlay.objects:
        size = len(json.dumps(item, ensure_ascii=False).encode())
        if size > APPLIED_BYTES_MAX:
            yield f"{item['kind']} {item['metadata']['name']} has {size} bytes, too many for kubectl apply"


def judged(overlay):
    """{rule: [what is wrong]}."""
    return {name: list(function(overlay)) for name, function in RULES}


def main(paths):
    known = sources.facts()
    overlays = [
        Overlay(pathlib.Path(path).stem, json.loads(pathlib.Path(path).read_text(encoding="utf-8")), known)
        for path in paths
    ]
    results = {overlay.name: judged(overlay) for overlay in overlays}
    width = max(len(name) for name, _ in RULES)
    print(" " * width, *(f"{overlay.name:>12}" for overlay in overlays))
    for name, _ in RULES:
        cells = (len(results[o.name][name]) for o in overlays)
        print(f"{name:<{width}}", *(f"{'ok' if count == 0 else f'{count} wrong':>12}" for count in cells))
    wrong = [
        f"{overlay}: {name}: {problem}"
        for overlay, result in results.items()
        for name, problems in result.items()
        for problem in problems
    ]
    print("\n".join(wrong))
    return 1 if wrong or not overlays else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
