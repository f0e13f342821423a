# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Hairpin Authors
"""isolation.py flood|visit HOST:PORT

`flood` asks the portal for all that it can answer until it is killed: pipelined pages over connections that stay, and connections for one
request each. It has little in flight on each, so that it waits for the hub and leaves its core to the generator.
`visit` asks for a page twenty times a second, each over a new connection, until its standard input ends, and prints the milliseconds.
"""
import json
import select
import selectors
import socket
import statistics
import subprocess
import sys
import time

KEPT, SHORT, PIPELINED = 300, 64, 16


class Companion:
    """Runs one of the two during a measurement, in the hub's namespace on the generator's core."""

    def __init__(self, hub, job):
        command = ["ip", "netns", "exec", hub.lab.hub, "taskset", "-c", "1", sys.executable, "-B", __file__, job, hub.portal]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        # It prints a line when the first answer has arrived.
        self.process.stdout.readline()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def end(self):
        """Returns its measurements."""
        return json.loads(self.process.communicate("\n", timeout=60)[0])


def request(host, kind):
    return f"GET /login HTTP/1.1\r\nHost: {host}\r\nConnection: {kind}\r\n\r\n".encode()


def connection(address):
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(address)
    return client


def flood(host, address):
    waiting = selectors.DefaultSelector()
    kept, short = request(host, "keep-alive") * PIPELINED, request(host, "close")

    def begin(is_kept):
        waiting.register(connection(address), selectors.EVENT_WRITE, is_kept)

    for number in range(KEPT + SHORT):
        begin(number < KEPT)
    said = False
    while True:
        for key, _ in waiting.select():
            client, is_kept = key.fileobj, key.data
            try:
                if key.events == selectors.EVENT_WRITE:
                    client.send(kept if is_kept else short)
                    waiting.modify(client, selectors.EVENT_READ, is_kept)
                    continue
                answer = client.recv(1 << 18)
                if not said:
                    print(flush=True)
                    said = True
                # Sends more requests after each piece of the answers, as long as there is room.
                if answer and is_kept:
                    client.send(kept)
            except BlockingIOError:
                continue
            except OSError:
                answer = b""
            if not answer:
                waiting.unregister(client)
                client.close()
                begin(is_kept)


def visit(host, address):
    times = []
    while not times or not select.select([sys.stdin], [], [], 0.05)[0]:
        begin = time.monotonic()
        with socket.create_connection(address, timeout=20) as client:
            client.sendall(request(host, "close"))
            answer = b""
            while part := client.recv(65_536):
                answer += part
        if not answer.startswith(b"HTTP/1.1 200 "):
            sys.exit(f"the portal answered {answer[:40]!r}")
        if not times:
            print(flush=True)
        times.append((time.monotonic() - begin) * 1000)
    print(json.dumps({"p50": statistics.median(times), "p99": statistics.quantiles(times, n=100)[98], "count": len(times)}))


if __name__ == "__main__":
    name, port = sys.argv[2].rsplit(":", 1)
    {"flood": flood, "visit": visit}[sys.argv[1]](sys.argv[2], (name, int(port)))
