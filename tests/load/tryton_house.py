"""A private Tryton: a PostgreSQL cluster with durable commits and a trytond in several worker processes, both on
loopback ports the system chose, below one directory. As root it runs under the account postgres, because PostgreSQL
refuses root. Everything ends with the program that opened it."""
import contextlib
import ctypes
import glob
import json
import os
import pathlib
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

DATABASE = "tryton"
ACCOUNT = "postgres"
SECONDS_TO_START = 60
OPENING = pathlib.Path(__file__).with_name("tryton_opening.py")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def process_tree(root):
    """The process and all below it that live."""
    children = {}
    for stat in glob.glob("/proc/[0-9]*/stat"):
        with contextlib.suppress(OSError):
            text = pathlib.Path(stat).read_text(encoding="utf-8", errors="replace")
            children.setdefault(int(text.rsplit(")", 1)[1].split()[1]), []).append(int(text.split(" ", 1)[0]))
    found, waiting = [], [root]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def cpu_seconds(root):
    """User and system seconds of a process and all it ever started, those that ended included."""
    ticks = 0
    for pid in process_tree(root):
        with contextlib.suppress(OSError):
            text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
            ticks += sum(map(int, text.rsplit(")", 1)[1].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


class TrytonHouse:
    def __init__(self, directory):
        self.account = pwd.getpwnam(ACCOUNT) if os.geteuid() == 0 else None
        self.directory = self._own_directory(pathlib.Path(directory))
        self.password = secrets.token_hex(16)
        self.postgres = self.trytond = None
        self.programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop_trytond()
        self._stop(self.postgres, signal.SIGINT)
        shutil.rmtree(self.directory, ignore_errors=True)

    def open(self, parts):
        """An empty cluster, Tryton's sale module in it, the dealership of tryton_opening.py. Returns its record ids."""
        self._start_postgres()
        self._write("trytond.conf", f"[database]\nuri = {self._uri('')}\nminconn = 4\n")
        self._run(["trytond-admin", "-c", self.path("trytond.conf"), "-d", DATABASE, "-u", "sale",
                   "--activate-dependencies", "--email", "bench@localhost"], TRYTONPASSFILE=self.path("password"))
        return json.loads(self._run([str(OPENING), self.path("trytond.conf"), self._uri(DATABASE), str(parts)]))

    def start_trytond(self, workers):
        """gunicorn with so many worker processes; returns the port once it answers."""
        self.stop_trytond()
        port = free_port()
        self.trytond = self._spawn(
            ["gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--worker-tmp-dir", "/dev/shm",
             "--timeout", "300", "--log-level", "warning", "trytond.application:app"], "trytond.log",
            TRYTOND_CONFIG=self.path("trytond.conf"), TRYTOND_DATABASE_NAMES=DATABASE)

        def answers():
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/", b'{"id":0,"method":"common.server.version","params":[]}',
                {"Content-Type": "application/json"})
            urllib.request.urlopen(request, timeout=5).read()

        self._wait_until(answers, self.trytond, "trytond.log")
        return port

    def stop_trytond(self):
        self._stop(self.trytond, signal.SIGTERM)
        self.trytond = None

    def cpu_seconds(self):
        return {"trytond": cpu_seconds(self.trytond.pid), "postgresql": cpu_seconds(self.postgres.pid)}

    def path(self, name):
        return str(self.directory / name)

    # The account must reach its directory; a checkout below /root it cannot.
    def _own_directory(self, directory):
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True, mode=0o700)
        if self.account is None:
            return directory
        os.chown(directory, self.account.pw_uid, self.account.pw_gid)
        reached = subprocess.run(["test", "-w", str(directory)], check=False, **self._identity()).returncode == 0
        if reached:
            return directory
        directory.rmdir()
        directory = pathlib.Path(tempfile.mkdtemp(prefix="aftersales-tryton-", dir="/var/tmp"))
        os.chown(directory, self.account.pw_uid, self.account.pw_gid)
        return directory

    def _identity(self):
        if self.account is None:
            return {}
        return {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}

    def _environment(self, more):
        return {"PATH": f"{self.programs}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.directory), **more}

    def _write(self, name, text):
        file = self.directory / name
        file.write_text(text, encoding="utf-8")
        file.chmod(0o600)
        if self.account is not None:
            os.chown(file, self.account.pw_uid, self.account.pw_gid)

    def _spawn(self, command, log, **environment):
        with open(self.directory / log, "ab") as output:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                    cwd=self.directory, env=self._environment(environment),
                                    preexec_fn=die_with_parent, **self._identity())

    def _run(self, command, **environment):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=self.directory,
                              env=self._environment(environment), preexec_fn=die_with_parent, check=False,
                              **self._identity())
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        return done.stdout

    @staticmethod
    def _stop(process, how):
        if process is None or process.poll() is not None:
            return
        process.send_signal(how)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _wait_until(self, answers, process, log):
        for _ in range(SECONDS_TO_START * 10):
            if process.poll() is not None:
                break
            with contextlib.suppress(OSError, RuntimeError):
                return answers()
            time.sleep(0.1)
        raise RuntimeError(f"no answer; {log} says:\n{(self.directory / log).read_text(encoding='utf-8')[-2000:]}")

    def _uri(self, database):
        return f"postgresql://{DATABASE}:{self.password}@127.0.0.1:{self.port}/{database}"

    def _start_postgres(self):
        self._write("password", self.password + "\n")
        self._run(["initdb", "--pgdata", self.path("data"), "--username", DATABASE, "--pwfile", self.path("password"),
                   "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8"])
        self.port = free_port()
        # What concerns durability stays as PostgreSQL delivers it: fsync, full_page_writes, synchronous_commit on.
        self.postgres = self._spawn(
            ["postgres", "-D", self.path("data"), "-h", "127.0.0.1", "-p", str(self.port), "-k", str(self.directory),
             "-c", "shared_buffers=128MB", "-c", "max_connections=200"], "postgres.log")
        login = {"PGPASSWORD": self.password}
        self._wait_until(lambda: self._run(["createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", DATABASE,
                                            DATABASE], **login), self.postgres, "postgres.log")
