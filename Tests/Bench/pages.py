# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Hairpin Authors
"""pages.py HOST:PORT PID COUNT < REQUESTS

Sends requests over one connection, one at a time, to a server with this process id and its children. The requests are JSON: for each name the
head to send. Prints for each name the processor time of the server in microseconds per request.

Other programs on the machine hardly affect the figure, but they empty the caches, so that the least of several rounds counts.
"""
import glob
import http.client
import json
import re
import socket
import subprocess
import sys
import urllib.parse

COUNT, ROUNDS = 300, 5
EMAIL, PASSWORD = "bench@example.org", "a long password for the bench 42"


def measure(hub, requests, count=COUNT):
    """Runs this file in the hub's namespace, on the generator's core."""
    command = ["ip", "netns", "exec", hub.lab.hub, "taskset", "-c", "1", sys.executable, "-B", __file__, hub.portal, str(hub.pid), str(count)]
    result = subprocess.run(command, input=json.dumps(requests), capture_output=True, text=True, timeout=120)
    if result.returncode:
        raise OSError(result.stderr.strip())
    return json.loads(result.stdout)


def throughput(hub, path, headers):
    """Requests per second over 32 connections, measured by wrk on the generator's core."""
    command = ["ip", "netns", "exec", hub.lab.hub, "taskset", "-c", "1", "wrk", "--threads", "1", "--connections", "32", "--duration", "3s"]
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    text = subprocess.run(command + [f"http://{hub.portal}{path}"], check=True, capture_output=True, text=True, timeout=60).stdout
    if "Non-2xx" in text:
        raise OSError(text)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))


def head(host, path, **fields):
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
             "Accept: text/html,application/xhtml+xml", "Accept-Language: en-GB,en;q=0.5"]
    return "\r\n".join(lines + [f"{name}: {value}" for name, value in fields.items()]) + "\r\n\r\n"


def sign_in(connection, origin):
    """The session's cookie."""
    connection.request("GET", "/login")
    answer = connection.getresponse()
    token = re.search(r'name="csrf_token" value="([^"]*)"', answer.read().decode()).group(1)
    body = urllib.parse.urlencode({"csrf_token": token, "email": EMAIL, "password": PASSWORD})
    connection.request("POST", "/login", body, {
        "Origin": origin, "Content-Type": "application/x-www-form-urlencoded", "Cookie": cookies(answer)})
    answer = connection.getresponse()
    answer.read()
    return cookies(answer)


def cookies(answer):
    pairs = [value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie" and "Max-Age=0" not in value]
    return "; ".join(pairs)


def processor_time(pid):
    """Nanoseconds that all threads of the process and of its children ran."""
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        processes = [pid] + file.read().split()
    total = 0
    for path in (path for process in processes for path in glob.glob(f"/proc/{process}/task/*/schedstat")):
        with open(path) as file:
            total += int(file.read().split()[0])
    return total


def ask(client, request):
    client.sendall(request)
    answer = b""
    while b"\r\n\r\n" not in answer:
        part = client.recv(1 << 18)
        if not part:
            sys.exit("the server closed the connection")
        answer += part
    top, body = answer.split(b"\r\n\r\n", 1)
    if not top.startswith(b"HTTP/1.1 200 "):
        sys.exit(f"{request.split()[1].decode()}: {top.splitlines()[0].decode()}")
    left = int(re.search(rb"(?i)content-length: *(\d+)", top).group(1)) - len(body)
    while left > 0:
        left -= len(client.recv(1 << 18))


def main():
    (host, port), pid, count = sys.argv[1].rsplit(":", 1), sys.argv[2], int(sys.argv[3])
    requests = {name: text.encode() for name, text in json.load(sys.stdin).items()}
    figures = {name: [] for name in requests}
    with socket.create_connection((host, int(port)), timeout=20) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(ROUNDS):
            for name, request in requests.items():
                for _ in range(min(20, count)):
                    ask(client, request)
                begin = processor_time(pid)
                for _ in range(count):
                    ask(client, request)
                figures[name].append((processor_time(pid) - begin) / count / 1000)
    print(json.dumps({name: min(values) for name, values in figures.items()}))


if __name__ == "__main__":
    main()
