#!/usr/bin/env python3
"""The rules of policy.py must fail where they should: each case breaks a copy of what render.py wrote, or of what the
sources say, and names the rule that has to notice. A rule without a case here would not be known to work."""
import copy
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import facts as sources
import policy

RENDERED = sources.ROOT / "build/lint/kubernetes"
FACTS = sources.facts()
OBJECTS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in RENDERED.glob("*.json")}


class Broken:
    """A copy of an overlay to break, with short ways to its parts."""

    def __init__(self, name):
        self.objects, self.facts = copy.deepcopy(OBJECTS[name]), copy.deepcopy(FACTS)
        self.name = name

    def get(self, kind, name):
        """`name` without the hash of generated names."""
        return next(
            o
            for o in self.objects
            if o["kind"] == kind and re.sub(r"-[a-z0-9]{10}$", "", o["metadata"]["name"]) == name
        )

    def drop(self, kind, name):
        self.objects.remove(self.get(kind, name))

    def pod(self, name, kind="Deployment"):
        return self.get(kind, name)["spec"]["template"]["spec"]

    def container(self, name, kind="Deployment"):
        return self.pod(name, kind)["containers"][0]

    def settings(self, name):
        return self.get("ConfigMap", name)["data"]

    def issuers(self, file, change):
        data = self.settings("issuers")
        issuers = json.loads(data[file])
        change(issuers)
        data[file] = json.dumps(issuers)

    def policy(self, name):
        return self.get("NetworkPolicy", name)["spec"]


def put(path, value, *, of):
    """Sets of[a][b]...; "-" appends, None deletes."""
    *way, last = path
    for step in way:
        of = of[step]
    if last == "-":
        of.append(value)
    elif value is None:
        del of[last]
    else:
        of[last] = value


CASES = [
    (
        "probes differ and ask what is answered",
        "liveness asks for readiness",
        lambda b: put(["livenessProbe", "grpc", "service"], "readiness", of=b.container("parts-svc")),
    ),
    (
        "probes differ and ask what is answered",
        "a probe at the port with TLS",
        lambda b: put(["readinessProbe", "grpc", "port"], 8080, of=b.container("parts-svc")),
    ),
    (
        "probes differ and ask what is answered",
        "a health nobody answers for",
        lambda b: put(["startupProbe", "grpc", "service"], "started", of=b.container("parts-svc")),
    ),
    (
        "probes differ and ask what is answered",
        "no readiness",
        lambda b: put(["readinessProbe"], None, of=b.container("gateway")),
    ),
    (
        "probes differ and ask what is answered",
        "a page the admin door has not",
        lambda b: put(["readinessProbe", "httpGet", "path"], "/ready", of=b.container("gateway")),
    ),
    (
        "Pod Security restricted, root read-only",
        "root",
        lambda b: put(["securityContext", "runAsNonRoot"], False, of=b.pod("parts-svc")),
    ),
    (
        "Pod Security restricted, root read-only",
        "no seccomp",
        lambda b: put(["securityContext", "seccompProfile"], None, of=b.pod("crm-migrate", "Job")),
    ),
    (
        "Pod Security restricted, root read-only",
        "a writable root",
        lambda b: put(["securityContext", "readOnlyRootFilesystem"], False, of=b.container("gateway")),
    ),
    (
        "Pod Security restricted, root read-only",
        "a right more",
        lambda b: put(["securityContext", "capabilities", "add"], ["NET_ADMIN"], of=b.container("gateway")),
    ),
    (
        "Pod Security restricted, root read-only",
        "a directory of the node",
        lambda b: put(["volumes", "-"], {"name": "x", "hostPath": {"path": "/"}}, of=b.pod("gateway")),
    ),
    (
        "Pod Security restricted, root read-only",
        "a token for the cluster",
        lambda b: put(["automountServiceAccountToken"], None, of=b.pod("parts-svc")),
    ),
    (
        "Pod Security restricted, root read-only",
        "a lenient namespace",
        lambda b: put(
            ["metadata", "labels", "pod-security.kubernetes.io/enforce"],
            "baseline",
            of=b.get("Namespace", "aftersales"),
        ),
    ),
    (
        "images: named, versioned, made here",
        "latest",
        lambda b: put(["image"], "images.dealer.example/aftersales/parts-svc:latest", of=b.container("parts-svc")),
    ),
    (
        "images: named, versioned, made here",
        "no version at a host with a port",
        lambda b: put(["image"], "images.dealer.example:5000/aftersales/parts-svc", of=b.container("parts-svc")),
    ),
    (
        "images: named, versioned, made here",
        "an image nobody makes",
        lambda b: put(["image"], "aftersales/parts:0.5.0", of=b.container("parts-svc")),
    ),
    (
        "requests and limits",
        "no memory limit",
        lambda b: put(["resources", "limits", "memory"], None, of=b.container("parts-svc")),
    ),
    (
        "requests and limits",
        "more requested than allowed",
        lambda b: put(["resources", "requests", "cpu"], "2500m", of=b.container("parts-svc")),
    ),
    (
        "time to end: grace fits the drain",
        "too little time",
        lambda b: put(["terminationGracePeriodSeconds"], 30, of=b.pod("parts-svc")),
    ),
    (
        "time to end: grace fits the drain",
        "a longer grace",
        lambda b: put(["AFTERSALES_GRACE"], "1m", of=b.settings("suite-settings")),
    ),
    (
        "replicas are spread",
        "another's replicas",
        lambda b: put(
            ["topologySpreadConstraints", 0, "labelSelector", "matchLabels", "app.kubernetes.io/name"],
            "crm-svc",
            of=b.pod("parts-svc"),
        ),
    ),
    (
        "disruption budgets below replicas",
        "all must stay",
        lambda b: put(["spec", "minAvailable"], 3, of=b.get("PodDisruptionBudget", "parts-svc")),
    ),
    ("disruption budgets below replicas", "none", lambda b: b.drop("PodDisruptionBudget", "gateway")),
    (
        "autoscalers own the replicas they scale",
        "two owners",
        lambda b: put(["spec", "replicas"], 3, of=b.get("Deployment", "parts-svc")),
    ),
    (
        "autoscalers own the replicas they scale",
        "no target",
        lambda b: put(["spec", "scaleTargetRef", "name"], "parts", of=b.get("HorizontalPodAutoscaler", "parts-svc")),
    ),
    (
        "every Service has pods and their ports",
        "a label no pod has",
        lambda b: put(["spec", "selector", "app.kubernetes.io/name"], "parts", of=b.get("Service", "parts-svc")),
    ),
    (
        "every Service has pods and their ports",
        "migrations behind a Service",
        lambda b: put(["spec", "selector", "app.kubernetes.io/component"], None, of=b.get("Service", "parts-svc")),
    ),
    (
        "every Service has pods and their ports",
        "a port no pod has",
        lambda b: put(["spec", "ports", 0, "targetPort"], "http", of=b.get("Service", "parts-svc")),
    ),
    (
        "every Service has pods and their ports",
        "one address for all pods",
        lambda b: put(["spec", "clusterIP"], None, of=b.get("Service", "parts-svc")),
    ),
    ("every Service has pods and their ports", "a peer without Service", lambda b: b.drop("Service", "crm-svc")),
    (
        "ports are those of the settings",
        "another port",
        lambda b: put(["AFTERSALES_ADMIN_LISTEN"], "0.0.0.0:9091", of=b.settings("gateway-settings")),
    ),
    (
        "ports are those of the settings",
        "a scraped port nobody has",
        lambda b: put(["spec", "podMetricsEndpoints", 0, "port"], "metrics", of=b.get("PodMonitor", "after-sales")),
    ),
    (
        "ports are those of the settings",
        "a service not scraped",
        lambda b: put(
            ["spec", "selector", "matchExpressions", 1, "values"], ["service"], of=b.get("PodMonitor", "after-sales")
        ),
    ),
    (
        "ports are those of the settings",
        "an Ingress to no port",
        lambda b: put(
            ["spec", "rules", 0, "http", "paths", 0, "backend", "service", "port", "name"],
            "https",
            of=b.get("Ingress", "web"),
        ),
    ),
    (
        "every setting exists and has its shape",
        "a misspelt setting",
        lambda b: put(["AFTERSALES_LOG_LEVLE"], "debug", of=b.settings("suite-settings")),
    ),
    (
        "every setting exists and has its shape",
        "a service's setting at the gateway",
        lambda b: put(["AFTERSALES_DATABASE_HOST"], "x", of=b.settings("gateway-settings")),
    ),
    (
        "every setting exists and has its shape",
        "no duration",
        lambda b: put(["AFTERSALES_DRAIN_WAIT"], "5", of=b.settings("suite-settings")),
    ),
    (
        "every setting exists and has its shape",
        "no number",
        lambda b: put(["AFTERSALES_LANES"], "two", of=b.settings("gateway-settings")),
    ),
    (
        "peers: whom the code calls, nobody else",
        "a peer too many",
        lambda b: put(
            ["AFTERSALES_PEERS"],
            "aftersales.reception.v1=dns:///reception-svc:8080,aftersales.crm.v1=dns:///crm-svc:8080",
            of=b.settings("parts-settings"),
        ),
    ),
    (
        "peers: whom the code calls, nobody else",
        "a peer too few",
        lambda b: put(["AFTERSALES_PEERS"], "", of=b.settings("parts-settings")),
    ),
    ("peers: whom the code calls, nobody else", "the code calls more", lambda b: b.facts.peers["crm"].add("parts")),
    (
        "secrets and files are there",
        "a secret nobody makes",
        lambda b: put(["volumes", 0, "secret", "secretName"], "parts-db", of=b.pod("parts-svc")),
    ),
    (
        "secrets and files are there",
        "a file outside the mounts",
        lambda b: put(["AFTERSALES_KEYS_FILE"], "/etc/aftersales/keys/data.json", of=b.settings("suite-settings")),
    ),
    (
        "secrets and files are there",
        "a key the secret has not",
        lambda b: put(
            ["AFTERSALES_DATABASE_PASSWORD_FILE"], "/etc/aftersales/database/pass", of=b.settings("suite-settings")
        ),
    ),
    (
        "secrets and files are there",
        "issuers' keys not mounted",
        lambda b: b.issuers("services.json", lambda i: i[1].update(jwks="/etc/keys.json")),
    ),
    (
        "secrets and files are there",
        "a secret in the environment",
        lambda b: put(
            ["env"],
            [
                {
                    "name": "AFTERSALES_STORE",
                    "valueFrom": {"secretKeyRef": {"name": "parts-database", "key": "password"}},
                }
            ],
            of=b.container("parts-svc"),
        ),
    ),
    (
        "secrets and files are there",
        "a mount that does not follow changes",
        lambda b: put(["volumeMounts", 0, "subPath"], "password", of=b.container("parts-svc")),
    ),
    (
        "secrets and files are there",
        "secrets.sh forgets one",
        lambda b: b.facts.provided["production"].pop(("Secret", "data-keys")),
    ),
    (
        "who is who: tokens of the platform",
        "a stranger becomes a service",
        lambda b: b.issuers(
            "services.json",
            lambda i: i[1]["role_map"].update({"system:serviceaccount:default:default": "suite_service"}),
        ),
    ),
    (
        "who is who: tokens of the platform",
        "the login may make services",
        lambda b: b.issuers("services.json", lambda i: i[0].pop("role_map")),
    ),
    (
        "who is who: tokens of the platform",
        "the gateway takes services' tokens",
        lambda b: b.issuers("gateway.json", lambda i: i[0]["role_map"].update(x="suite_service")),
    ),
    (
        "who is who: tokens of the platform",
        "a role nobody knows",
        lambda b: b.issuers("gateway.json", lambda i: i[0]["role_map"].update(x="emperor")),
    ),
    (
        "who is who: tokens of the platform",
        "a token for another audience",
        lambda b: put(
            ["volumes", 6, "projected", "sources", 0, "serviceAccountToken", "audience"], "vault", of=b.pod("parts-svc")
        ),
    ),
    (
        "who is who: tokens of the platform",
        "another account",
        lambda b: put(["serviceAccountName"], "default", of=b.pod("parts-svc")),
    ),
    (
        "certificates have the names they are called by",
        "a name not in the certificate",
        lambda b: put(
            ["AFTERSALES_PEERS"],
            "aftersales.reception.v1=dns:///reception-svc.aftersales.svc.cluster.local:8080",
            of=b.settings("parts-settings"),
        ),
    ),
    (
        "certificates have the names they are called by",
        "another gateway is believed",
        lambda b: put(["AFTERSALES_GATEWAY_NAME"], "gateway", of=b.settings("suite-settings")),
    ),
    (
        "network: every edge that is used, no other",
        "everybody may call parts",
        lambda b: put(["ingress", 0, "from", 0], {"podSelector": {}}, of=b.policy("parts-svc")),
    ),
    (
        "network: every edge that is used, no other",
        "an edge nobody uses",
        lambda b: put(
            ["egress", 0, "to", 0, "podSelector", "matchExpressions", 0, "values", "-"],
            "crm-svc",
            of=b.policy("parts-svc"),
        ),
    ),
    (
        "network: every edge that is used, no other",
        "a used edge is closed",
        lambda b: put(["egress"], [], of=b.policy("parts-svc")),
    ),
    (
        "network: every edge that is used, no other",
        "no default",
        lambda b: b.drop("NetworkPolicy", "nothing-by-default"),
    ),
    ("network: every edge that is used, no other", "no names", lambda b: b.drop("NetworkPolicy", "names")),
    ("network: every edge that is used, no other", "no database", lambda b: b.drop("NetworkPolicy", "to-database")),
    (
        "network: every edge that is used, no other",
        "another database port",
        lambda b: put(["AFTERSALES_DATABASE_PORT"], "3307", of=b.settings("suite-settings")),
    ),
    (
        "network: every edge that is used, no other",
        "Prometheus from anywhere",
        lambda b: put(["ingress", 0, "from", 0, "podSelector"], None, of=b.policy("metrics")),
    ),
    (
        "network: every edge that is used, no other",
        "all ports for Prometheus",
        lambda b: put(["ingress", 0, "ports"], None, of=b.policy("metrics")),
    ),
    (
        "network: every edge that is used, no other",
        "migrations go out",
        lambda b: put(["podSelector"], {}, of=b.policy("to-issuer")),
    ),
    (
        "the Containerfile's sources and packages",
        "a source that is not there",
        lambda b: b.facts.copies.append("sources"),
    ),
    (
        "the Containerfile's sources and packages",
        "a package of nobody's",
        lambda b: b.facts.packages_build.add("golang"),
    ),
    (
        "the Containerfile's sources and packages",
        "a library no program needs",
        lambda b: b.facts.packages_run.add("libqt5core5a"),
    ),
    (
        "the Containerfile's sources and packages",
        "root",
        lambda b: b.facts.images["tools"].environment.update(USER="root"),
    ),
    (
        "rules and dashboards are all taken in",
        "a forgotten dashboard",
        lambda b: b.facts.directories["dashboards"][0].add("new.json"),
    ),
    (
        "rules and dashboards are all taken in",
        "an object kubectl cannot apply",
        lambda b: put(["large"], "x" * (1 << 18), of=b.settings("issuers")),
    ),
]


class Rules(unittest.TestCase):
    def test_pass_what_is_there(self):
        for name, objects in OBJECTS.items():
            for rule, problems in policy.judged(policy.Overlay(name, objects, FACTS)).items():
                self.assertEqual(problems, [], f"{name}: {rule}")

    def test_notice_what_is_broken(self):
        for rule, what, breaks in CASES:
            with self.subTest(rule=rule, what=what):
                broken = Broken("production")
                breaks(broken)
                function = dict(policy.RULES)[rule]
                self.assertNotEqual(list(function(policy.Overlay("production", broken.objects, broken.facts))), [])

    def test_have_a_case_each(self):
        self.assertEqual({name for name, _ in policy.RULES}, {rule for rule, _, _ in CASES})

    def test_know_the_database_in_the_cluster(self):
        broken = Broken("dev")
        broken.drop("NetworkPolicy", "mysql")
        problems = dict(policy.RULES)["network: every edge that is used, no other"](
            policy.Overlay("dev", broken.objects, broken.facts)
        )
        self.assertIn(
            "ingress is used and not allowed: Deployment parts-svc -> StatefulSet mysql TCP 3306", list(problems)
        )

    def test_of_the_schemas_refuse_an_unknown_field_a_wrong_type_and_an_unknown_kind(self):
        broken = Broken("production")
        broken.container("parts-svc")["livenesProbe"] = {}
        broken.get("Service", "parts-svc")["spec"]["ports"][0]["port"] = "grpc"
        broken.get("PodMonitor", "after-sales")["spec"]["podMetricEndpoints"] = []
        broken.get("Ingress", "web")["kind"] = "Ingres"
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            json.dump(broken.objects, file)
            file.flush()
            told = subprocess.run(
                ["node", str(pathlib.Path(__file__).parent / "schemas.js"), file.name],
                capture_output=True,
                text=True,
                check=False,
            )
        self.assertEqual(told.returncode, 1)
        for wrong in ("livenesProbe", "/spec/ports/0/port must be integer", "podMetricEndpoints", "Ingres"):
            self.assertIn(wrong, told.stdout)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
