#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Hairpin Authors
"""mutate.py HOST:PORT COUNT [COOKIE] [TOKEN]

Sends COUNT mutated requests to a running hub. Each is derived only from its number, so that a finding can be repeated.
A finding is a 500, an invalid response, a connection that hangs, or a hub that no longer answers /healthz.
"""
import random
import re
import socket
import sys
import time

ALLOWED = {200, 201, 204, 301, 303, 304, 400, 401, 403, 404, 405, 408, 409, 412, 413, 414, 415, 417, 421, 422, 428, 429, 431, 501, 503, 505}
PIECES = [b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b"%00", b"%2e%2e", b"%zz", b"/../", b"//", b"\\", b"?", b"#", b"&", b"=", b"{", b"[",
          b'"', b"\xff", b"\xc0\xae", b"<script>", b"' OR 1=1 --", b"9" * 30, b"-1", b"0x10", b"A" * 9000, b"Content-Length: 5\r\n",
          b"Transfer-Encoding: chunked\r\n", b"Host: evil\r\n", b"Expect: 100-continue\r\n", b"Connection: close\r\n", b"Cookie: a=b\r\n", b"HTTP/2.0"]


def seeds(host, cookie, token):
    common = f"Host: {host}\r\n"
    session = common + (f"Cookie: {cookie}\r\n" if cookie else "")
    bearer = common + (f"Authorization: Bearer {token}\r\n" if token else "")
    form = f"Origin: http://{host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"

    def post(path, fields, kind, body):
        return f"POST {path} HTTP/1.1\r\n{fields}{kind}Content-Length: {len(body)}\r\n\r\n{body}"

    pages = ["/", "/devices?q=a&page=2", "/devices/new", "/reachability?from=a&to=b", "/status", "/audit", "/login?next=%2Fdevices", "/setup?token=x",
             "/assets/app.css", "/healthz", "/metrics", "/nothing"]
    made = [f"GET {page} HTTP/1.1\r\n{session}Accept-Encoding: gzip;q=0.5, br\r\nIf-None-Match: \"x\"\r\n\r\n" for page in pages]
    made += [f"GET /api/v1/{path} HTTP/1.1\r\n{bearer}\r\n" for path in ["devices", "devices/x", "defaults", "status", "drops", "audit", "openapi.json"]]
    made.append(post("/login", session, form, "email=a%40b.c&password=x&next=&csrf_token=" + "a" * 64))
    made.append(post("/devices", session, form, "name=a&description=&public_key=&ipv4=&ipv6=&csrf_token=" + "a" * 64))
    made.append(post("/api/v1/devices", bearer, "Content-Type: application/json\r\n", '{"name": "a", "allowed_ips": ["10.3.2.3/32"], "mtu": 1400}'))
    made.append(f"PATCH /api/v1/defaults HTTP/1.1\r\n{bearer}Content-Type: application/json\r\nContent-Length: 12\r\n\r\n" + '{"mtu": 1400}'[:12])
    made.append(f"POST /logout HTTP/1.1\r\n{common}{form}Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n")
    return [text.encode() for text in made]


def change(data, rng):
    data = bytearray(data)
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(7)
        if kind == 0:
            data[at:at] = rng.choice(PIECES)
        elif kind == 1 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 2:
            del data[at:at + rng.randint(1, 20)]
        elif kind == 3:
            data[at:at] = data[at:at + rng.randint(1, 60)]
        elif kind == 4:
            data[at:at + rng.randint(1, 10)] = rng.choice(PIECES)
        elif kind == 5:
            data[at:] = b""
        else:
            data[at:at] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 8)))
    return bytes(data)


def exchange(address, data, splits):
    with socket.create_connection(address, timeout=15) as client:
        try:
            last = 0
            for at in splits + [len(data)]:
                client.sendall(data[last:at])
                last = at
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the hub may have closed the connection already
        answer = b""
        try:
            while part := client.recv(65536):
                answer += part
                if b"text/event-stream" in answer:
                    break
        except ConnectionResetError:
            pass
        return answer


def main():
    host, count = sys.argv[1], int(sys.argv[2])
    cookie, token = (sys.argv[3:] + ["", ""])[:2]
    name, port = host.rsplit(":", 1)
    address = (name, int(port))
    originals = seeds(host, cookie, token)
    findings, statuses, begin = [], {}, time.monotonic()
    for number in range(count):
        rng = random.Random(number)
        data = b"".join(change(rng.choice(originals), rng) for _ in range(rng.choice([1, 1, 1, 2])))
        splits = sorted(rng.randrange(len(data) + 1) for _ in range(rng.choice([0, 0, 1, 3])))
        try:
            answer = exchange(address, data, splits)
        except TimeoutError:
            findings.append((number, "no end within 15 s"))
            continue
        except OSError as error:
            findings.append((number, f"no connection: {error}"))
            break
        codes = [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) [A-Z]", answer)]
        if answer and not answer.startswith(b"HTTP/1.1 "):
            findings.append((number, f"not an answer: {answer[:60]!r}"))
        for code in codes:
            statuses[code] = statuses.get(code, 0) + 1
            if code not in ALLOWED:
                findings.append((number, f"{code}: {data[:200]!r}"))
        if number % 500 == 499 and b" 200 " not in exchange(address, f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode(), []):
            findings.append((number, "/healthz is not 200"))
    print(f"{count} changed requests in {time.monotonic() - begin:.0f} s, answers by status: {dict(sorted(statuses.items()))}")
    for number, what in findings[:20]:
        print(f"finding: seed {number}: {what}")
    sys.exit(1 if findings else 0)


main()
