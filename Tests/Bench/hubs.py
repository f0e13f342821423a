# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Hairpin Authors
"""The hubs under test: starts each in the hub's namespace, and ends it by its process id."""
import contextlib
import ctypes
import http.client
import json
import os
import shlex
import shutil
import subprocess
import tempfile
import time

import pages

ADDRESS, PORT, SEED = "10.90.0.1", 51820, "wgload"


CLONE_NEWNET = 0x40000000


def enter(namespace):
    """Moves this thread into a network namespace. setns(2)"""
    if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


class HubFailed(Exception):
    """A hub did not start; the text says why."""


class Lab:
    """Two namespaces joined by a veth pair, made by lab.sh, the programs built in `tools`, and a folder for the hubs' files."""
    hub, generator = "hairpin-bench-hub", "hairpin-bench-gen"
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lab.sh")

    def __init__(self, tools):
        self.tools = tools
        self.folder = tempfile.mkdtemp(prefix="hairpin-bench-")

    def tool(self, name):
        return os.path.join(self.tools, name)

    def up(self):
        listing = subprocess.run(["ip", "netns"], capture_output=True, text=True, check=True).stdout
        if self.hub in listing:
            raise HubFailed(f"the namespace {self.hub} exists: another bench runs, or one was killed. If none runs, remove it with\n"
                            f"    {self.script} down")
        subprocess.run([self.script, "up"], check=True)

    def down(self):
        subprocess.run([self.script, "down"], capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def ip(self, *arguments):
        """`ip` in the hub's namespace."""
        subprocess.run(["ip", "-n", self.hub, *arguments], check=True, capture_output=True)

    @contextlib.contextmanager
    def inside(self):
        """What this thread does meanwhile happens in the hub's namespace."""
        with open("/proc/thread-self/ns/net") as outside, open(f"/run/netns/{self.hub}") as inside:
            enter(inside)
            try:
                yield
            finally:
                enter(outside)

    def keys(self, peers, form):
        """The generator's devices as a file: `wgconf`, what wg-quick reads on a server."""
        path = os.path.join(self.folder, f"{form}-{peers}")
        if not os.path.exists(path):
            with open(path, "w") as file:
                subprocess.run([self.tool("wgload"), "keys", "--peers", str(peers), "--seed", SEED, "--port", str(PORT), "--format", form],
                               stdout=file, check=True)
            os.chmod(path, 0o600)
        return path


class Hub:
    """A process in the hub's namespace. It is ready once it has printed a line with `ready_mark`."""
    ready_mark = ""

    def __init__(self, name, lab):
        self.name, self.lab, self.process = name, lab, None

    def command(self, peers, workers):
        raise NotImplementedError

    def is_ready(self):
        return self.ready_mark in self.log()

    def start(self, peers, cpus="0"):
        command = self.command(peers, workers=len(cpus.split(",")))
        begin = time.monotonic()
        with open(self.log_path, "wb") as output:
            self.process = subprocess.Popen(["ip", "netns", "exec", self.lab.hub, "taskset", "-c", cpus] + command,
                                            stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() - begin > 60:
                self.stop()
                raise HubFailed(f"{self.name} did not get ready with {peers} devices:\n{self.log()}")
            time.sleep(0.005)
        self.start_s = time.monotonic() - begin

    @property
    def log_path(self):
        return os.path.join(self.lab.folder, f"{self.name}.log")

    def log(self):
        with open(self.log_path, errors="replace") as file:
            return file.read()

    @property
    def pid(self):
        return self.process.pid

    def ran(self, thread):
        """Processor seconds of the hub's threads whose names begin with this prefix."""
        seconds = []
        for task in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{task}/comm") as name, open(f"/proc/{self.pid}/task/{task}/schedstat") as times:
                if name.read().startswith(thread):
                    seconds.append(int(times.read().split()[0]) / 1e9)
        if not seconds:
            raise HubFailed(f"{self.name} has no thread {thread}")
        return sum(seconds)

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


class Hairpin(Hub):
    ready_mark = "ready http="

    def __init__(self, name, lab, binary, root, options=()):
        super().__init__(name, lab)
        self.binary, self.root, self.options = binary, root, list(options)

    @property
    def data(self):
        return os.path.join(self.lab.folder, f"{self.name}-data")

    @property
    def portal(self):
        """Address and port of the portal, from the ready line of the hub."""
        return self.log().split(self.ready_mark, 1)[1].split()[0]

    def portal_ran(self):
        """Processor seconds of the portal's threads."""
        return self.ran("http")

    def beside(self, program):
        """Another program of the same build."""
        return os.path.join(os.path.dirname(self.binary), program)

    def sign_in(self):
        """The cookie of a session of a new admin, and the id of a device."""
        command = [self.binary, "admin", "create", "--data", self.data, "--root", self.root, "--email", pages.EMAIL, "--password-stdin"]
        subprocess.run(command, input=pages.PASSWORD + "\n", check=True, capture_output=True, text=True)
        host, port = self.portal.rsplit(":", 1)
        with self.lab.inside():
            connection = http.client.HTTPConnection(host, int(port), timeout=30)
            cookie = pages.sign_in(connection, f"http://{self.portal}")
            connection.request("GET", "/api/v1/devices", headers={"Authorization": f"Bearer {self.token()}"})
            return cookie, json.loads(connection.getresponse().read())["devices"][0]["id"]

    def token(self):
        """A key for the API of the running hub."""
        command = [self.binary, "token", "create", "--data", self.data, "--root", self.root, "--name", f"bench {time.time()}", "--scope", "write"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def command(self, peers, workers):
        data = self.data
        shutil.rmtree(data, ignore_errors=True)
        os.mkdir(data, 0o700)
        subprocess.run([self.binary, "import", self.lab.keys(peers, "wgconf"), "--data", data, "--root", self.root],
                       check=True, capture_output=True)
        return [self.binary, "serve", "--data", data, "--root", self.root, "--wireguard", f"0.0.0.0:{PORT}", "--http", "127.0.0.1:0",
                "--workers", str(workers)] + self.options


class Limit(Hub):
    """The yardstick: a bare C loop with GSO and GRO, without WireGuard's state."""
    ready_mark = "limit: port"

    def __init__(self, name, lab, aead):
        super().__init__(name, lab)
        self.aead = aead

    def command(self, peers, workers):
        return [self.lab.tool("limit"), "--peers", str(peers), "--seed", SEED, "--port", str(PORT), "--aead", self.aead]


class Nginx(Hub):
    """The yardstick of the portal: nginx with one worker, which serves our style sheet from a file."""
    program, portal = "/usr/sbin/nginx", "127.0.0.1:8081"

    def __init__(self, name, lab, root):
        super().__init__(name, lab)
        self.root = root

    def command(self, peers, workers):
        path = os.path.join(self.lab.folder, "nginx.conf")
        with open(path, "w") as file:
            file.write(f"""
daemon off; worker_processes 1; pid {path}.pid; error_log stderr;
events {{ worker_connections 256; }}
http {{
    types {{ text/css css; }}
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
    server {{ listen {self.portal}; root {self.root}/Public; }}
}}
""")
        return [self.program, "-c", path, "-p", self.lab.folder]

    def is_ready(self):
        sockets = ["ip", "netns", "exec", self.lab.hub, "ss", "-Hltn", f"sport = :{self.portal.split(':')[1]}"]
        return subprocess.run(sockets, check=True, capture_output=True, text=True).stdout != ""


class Other(Hub):
    """Any other hub that needs no TUN device: its command, with {conf} for the path of a wg-quick file and {port} for the UDP port."""

    def __init__(self, name, lab, template):
        super().__init__(name, lab)
        self.template = template

    def command(self, peers, workers):
        return shlex.split(self.template.replace("{conf}", self.lab.keys(peers, "wgconf")).replace("{port}", str(PORT)))

    def is_ready(self):
        sockets = ["ip", "netns", "exec", self.lab.hub, "ss", "-Hlun", f"sport = :{PORT}"]
        return subprocess.run(sockets, check=True, capture_output=True, text=True).stdout != ""


class WireGuardGo(Hub):
    """Debian's wireguard-go. It needs a TUN device, and routes through it to every device."""
    program, interface = "/usr/bin/wireguard-go", "wgbench"
    socket = f"/var/run/wireguard/{interface}.sock"

    def command(self, peers, workers):
        return ["env", "LOG_LEVEL=error", "WG_PROCESS_FOREGROUND=1", self.program, "-f", self.interface]

    def is_ready(self):
        return os.path.exists(self.socket)

    def start(self, peers, cpus="0"):
        begin = time.monotonic()
        super().start(peers, cpus)
        name, lab = self.interface, self.lab
        lab.ip("address", "add", "10.64.0.0/10", "dev", name)
        lab.ip("link", "set", name, "mtu", "1420", "txqueuelen", "500", "up")
        for setting in ("send_redirects=0", "rp_filter=0", "forwarding=1"):
            subprocess.run(["ip", "netns", "exec", lab.hub, "sysctl", "-qw", f"net.ipv4.conf.{name}.{setting}"], check=True)
        configure = [lab.tool("wgload"), "uapi", "--sock", self.socket, "--peers", str(peers), "--seed", SEED, "--port", str(PORT)]
        if (result := subprocess.run(configure, capture_output=True, text=True)).returncode:
            raise HubFailed(f"{self.name} did not take its configuration: {result.stdout}{result.stderr}")
        self.start_s = time.monotonic() - begin
