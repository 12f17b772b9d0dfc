"""PostgreSQL and Redis servers that are not there, refuse, die, close connections, answer with errors, with nonsense or not at
all, while jobs ask them: each under each model."""
import collections
import glob
import os
import re
import shutil
import signal
import socket
import socketserver
import subprocess
import threading
import time

from attempt import Attempt
from commands import models

TIMEOUT_S = 4   # of a run
SLACK_S = 20    # what else a run of two cells may take on a busy machine
JOBS = ["--jobs=40", "--threads=4", "--warmup=0", "--rounds=1", f"--timeout={TIMEOUT_S}s", "--seed=7", "-q", "-o", "r.json", "--exports"]
FOR_EVER = "requests=1000000"


class Pretender(socketserver.ThreadingUnixStreamServer):
    """Takes connections, and does this to each."""

    daemon_threads = True

    def __init__(self, path, behave):
        super().__init__(path, None)
        self.finish_request = lambda connection, _: behave(connection)
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()

    def handle_error(self, *_):
        """The client has gone."""


def talk_nonsense(connection):
    while connection.recv(1 << 16):
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def say_nothing(connection):
    while connection.recv(1 << 16):
        pass


def hang_up(connection):
    connection.recv(1)


class Server:
    """One of a kind, in a folder of its own."""

    def __init__(self, folder):
        self.folder, self.process = folder, None
        os.makedirs(folder)

    def start(self, options=()):
        self.process = subprocess.Popen([*self.words(), *options], cwd=self.folder, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 30
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"torture: {self.name} does not start in {self.folder}")
            time.sleep(0.02)

    def children(self):
        """Its processes but the first, with their words."""
        found = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat") as file:
                    parent = int(file.read().rsplit(")", 1)[1].split()[1])
                with open(f"/proc/{pid}/cmdline") as file:
                    words = file.read()
            except OSError:
                continue
            if parent == self.process.pid:
                found[int(pid)] = words
        return found

    def signal(self, number):
        for pid in [self.process.pid, *self.children()]:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def stop(self):
        """By SIGINT, at which a PostgreSQL leaves no shared memory behind, as one that was killed does until it starts again."""
        if self.process is not None:
            self.signal(signal.SIGCONT)
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.signal(signal.SIGKILL)
                self.process.wait()
        self.process = None


class Redis(Server):
    name = "redis"
    errors = "command=EVAL+return%09redis.call(%27incr%27%2C%27n%27)%2510==0%09and%09redis.error_reply(%27no%27)%09or%091+0"
    few = ["--maxclients", "4"]
    socket = "redis"
    says = {"is not there": "no connection to .*: (No such file|Connection refused)",
            "has too few connections": "answers no command: ERR max number of clients reached",
            "answers one in ten with an error": "4 of 40 jobs failed: server answered with an error",
            "talks nonsense": "answers no command: Protocol error",
            "hangs up": "answers no command: (Server closed the connection|Connection reset by peer)"}

    @staticmethod
    def missing():
        return None if shutil.which("redis-server") else "redis-server is not installed"

    def words(self):
        return ["redis-server", "--port", "0", "--unixsocket", os.path.join(self.folder, self.socket), "--save", "",
                "--appendonly", "no"]

    def before(self):
        return []

    def job(self, parameters):
        return f"redis:server={os.path.join(self.folder, self.socket)},{parameters}"

    def ask(self, command):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            connection.connect(os.path.join(self.folder, self.socket))
            connection.sendall(command.encode() + b"\r\n")
            return connection.recv(1 << 16).decode()

    def answers(self):
        try:
            return self.ask("PING").startswith("+PONG")
        except OSError:
            return False

    def is_busy(self):
        return int(re.search(r"total_commands_processed:(\d+)", self.ask("INFO stats"))[1]) > 200

    def end_connections(self):
        self.ask("CLIENT KILL TYPE normal")


class Postgres(Server):
    name = "pg"
    errors = "query=select+1/(nextval(%27s%27)%2510)"
    few = ["-c", "max_connections=4", "-c", "superuser_reserved_connections=0"]
    socket = ".s.PGSQL.5432"
    says = {"is not there": "no connection: .*(No such file|Connection refused)",
            "has too few connections": "no connection: .*too many clients",
            "answers one in ten with an error": "4 of 40 jobs failed: .*division by zero",
            "talks nonsense": "no connection: ",
            "hangs up": "no connection: .*server closed the connection"}

    def __init__(self, folder):
        super().__init__(folder)
        self.own = self.words_of_user()
        if self.own:
            shutil.chown(folder, "postgres", "postgres")
        subprocess.run([*self.own, self.program("initdb"), "-D", "data", "-U", "postgres", "-A", "trust", "-N"], cwd=folder,
                       check=True, stdout=subprocess.DEVNULL)
        self.start()
        self.query("create sequence s")
        self.stop()

    @staticmethod
    def program(name):
        found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
        return found[-1] if found else shutil.which(name)

    @staticmethod
    def words_of_user():
        """PostgreSQL does not run as root."""
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []

    @classmethod
    def missing(cls):
        needed = ["initdb", "postgres", "psql"]
        return None if all(map(cls.program, needed)) else f"{', '.join(needed)} are not all installed"

    def words(self):
        return [*self.own, self.program("postgres"), "-D", "data", "-k", self.folder, "-h", "", "-c", "fsync=off"]

    def before(self):
        return ["env", f"PGHOST={self.folder}", "PGUSER=postgres", "PGDATABASE=postgres"]

    def job(self, parameters):
        return f"pg:{parameters}"

    def query(self, text):
        return subprocess.run([*self.before(), "psql", "-Atqc", text], capture_output=True, text=True, timeout=30)

    def answers(self):
        return self.query("select 1").stdout == "1\n"

    def clients(self):
        return [pid for pid, words in self.children().items() if "[local]" in words]

    def is_busy(self):
        return len(self.clients()) >= 8

    def end_connections(self):
        for pid in self.clients():
            os.kill(pid, signal.SIGTERM)


# What happens to the server while it is asked; `done` is set when nobody asks any more.

def nothing(server, done):
    pass


def when_busy(server, done):
    while not server.is_busy() and not done.wait(0.02):
        pass


def dies(server, done):
    when_busy(server, done)
    server.signal(signal.SIGKILL)


def stops(server, done):
    when_busy(server, done)
    server.signal(signal.SIGSTOP)


def ends_connections(server, done):
    when_busy(server, done)
    while not done.wait(0.01):
        server.end_connections()


# begin: how it starts. parameters: of the job, "errors" for the server's own. reason: of the cell, unless the server says another.
Trouble = collections.namedtuple("Trouble", "begin happens parameters reason")
CLOSED = "jobs failed: server closed the connection"
TOO_LONG = "a run was stopped because it took longer than"
TROUBLES = {
    "is not there": Trouble("absent", nothing, "requests=1", None),
    "has too few connections": Trouble("few", nothing, "requests=1", None),
    "answers one in ten with an error": Trouble("whole", nothing, "errors", None),
    "dies": Trouble("whole", dies, FOR_EVER, CLOSED),
    "ends connections": Trouble("whole", ends_connections, FOR_EVER, CLOSED),
    "stops answering": Trouble("whole", stops, FOR_EVER, TOO_LONG),
    "talks nonsense": Trouble(talk_nonsense, nothing, "requests=1", None),
    "says nothing": Trouble(say_nothing, nothing, "requests=1", TOO_LONG),
    "hangs up": Trouble(hang_up, nothing, "requests=1", CLOSED),
}


def ask(bench, server, trouble, model):
    """The outcome of a run that asks the server, and of one that does not, and how long both took."""
    parameters = server.errors if trouble.parameters == "errors" else trouble.parameters
    done = threading.Event()
    happens = threading.Thread(target=trouble.happens, args=[server, done])
    begun = time.monotonic()
    happens.start()
    outcome = bench.run(["run", f"--job={server.job(parameters)}", "--job=null", f"--model={model}", *JOBS], before=server.before())
    passed = time.monotonic() - begun
    done.set()
    happens.join()
    return outcome, passed


def begin(server, how):
    """What is to be ended afterwards."""
    path = os.path.join(server.folder, server.socket)
    if os.path.exists(path):
        os.unlink(path)
    if callable(how):
        pretender = Pretender(path, how)
        os.chmod(path, 0o777)
        return pretender.shutdown
    if how != "absent":
        server.start(server.few if how == "few" else ())
    return server.stop


def faults_of(bench, outcome, reason, passed):
    bad = bench.faults_of(outcome)
    result = bench.load("r.json")
    if result is None:
        return bad + [f"status {outcome.status}, and no result"]
    if outcome.status != 1:
        bad.append(f"status {outcome.status}")
    if passed > 2 * TIMEOUT_S + SLACK_S:
        bad.append(f"it took {passed:.0f} s")
    for name in ("r.csv", "r.md"):
        if not bench.files().get(name, b"").endswith(b"\n"):
            bad.append(f"torn or lost file: {name}")
    asks, other = sorted(result["cells"], key=lambda cell: cell["job"] == "null")
    if not other["valid"]:
        bad.append(f"the other cell is invalid: {other['reasons']}")
    if asks["valid"] or len(asks["reasons"]) != 1 or not re.search(reason, asks["reasons"][0]):
        bad.append(f"valid {asks['valid']}, with reasons {asks['reasons']}, not {reason}")
    return bad


def failing(kind, name, servers, model):
    trouble, reason = TROUBLES[name], kind.says.get(name) or TROUBLES[name].reason

    def execute(bench):
        server = servers[bench, kind]
        bench.fresh()
        end = begin(server, trouble.begin)
        try:
            outcome, passed = ask(bench, server, trouble, model)
        finally:
            end()
        return outcome, faults_of(bench, outcome, reason, passed)

    return Attempt(f"{kind.name} {name}", model, None, execute)


def services(torture):
    listed = subprocess.run([torture.program, "list", "jobs"], capture_output=True, text=True).stdout
    os.chmod(torture.folder, 0o755)
    for kind in (Redis, Postgres):
        missing = f"tva was built without the job {kind.name}" if f"{kind.name}: cannot run here" in listed else kind.missing()
        if missing:
            torture.skip(f"{kind.name} that fails: {missing}")
            continue
        servers = {(bench, kind): kind(os.path.join(bench.folder, kind.name)) for bench in list(torture.benches.queue)}
        torture.carry_out([failing(kind, name, servers, model) for name in TROUBLES for model in models(torture.program)])
        for server in servers.values():
            server.start()
            server.stop()
