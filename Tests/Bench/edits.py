# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Hairpin Authors
"""Changes through the API of a running hub, and the time that the hub reports from each commit until it was applied."""
import http.client
import json
import re
import threading
import time

# Far enough apart that each change has its own round.
PAUSE = 0.03


class Editor:
    """Makes changes in a separate thread, which is in the hub's namespace."""

    def __init__(self, hub, device=5000):
        """`device` is the place of the changed one in the list."""
        self.hub, self.device, self.stopping, self.thread = hub, device, threading.Event(), None
        self.headers = {"Authorization": f"Bearer {hub.token()}", "Content-Type": "application/json"}
        self.http = re.search(r"ready http=(\S+):(\d+)", hub.log()).groups()
        self.spans, self.failure = [], None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopping.set()
        if self.thread:
            self.thread.join()

    def begin(self):
        self.thread = threading.Thread(target=self.guard, args=(self.change_devices,))
        self.thread.start()

    def delays_under_load(self):
        """Milliseconds of each change so far during which the worker had more than half of its core."""
        if self.failure:
            raise self.failure
        delays = self.delays()
        return [delays[generation] for generation, busy in self.spans if busy > 0.5 and generation in delays]

    def change_quietly(self, seconds):
        """Changes the device for some seconds. Returns the milliseconds until each change was applied."""
        self.begin()
        time.sleep(seconds)
        self.stopping.set()
        self.thread.join()
        if self.failure:
            raise self.failure
        return list(self.delays().values())

    def change_defaults(self):
        """Changes a default that all devices follow. Returns the milliseconds until that was applied."""
        self.thread = threading.Thread(target=self.guard, args=(self.change_defaults_once,))
        self.thread.start()
        self.thread.join()
        if self.failure:
            raise self.failure
        return self.delays()[self.spans[-1][0]]

    def guard(self, work):
        try:
            with self.hub.lab.inside():
                work(http.client.HTTPConnection(self.http[0], int(self.http[1]), timeout=30))
        except Exception as failure:
            self.failure = failure

    def change_devices(self, connection):
        device = self.call(connection, "GET", "/api/v1/devices")["devices"][self.device]["id"]
        seconds = 20
        while not self.stopping.is_set():
            ran, at = self.hub.ran("relay-0"), time.monotonic()
            seconds = 41 - seconds
            self.call(connection, "PATCH", f"/api/v1/devices/{device}", {"persistent_keepalive": seconds})
            generation = self.call(connection, "GET", "/api/v1/status")["desired_generation"]
            time.sleep(PAUSE)
            self.spans.append((generation, (self.hub.ran("relay-0") - ran) / (time.monotonic() - at)))

    def change_defaults_once(self, connection):
        now = self.call(connection, "GET", "/api/v1/defaults")["persistent_keepalive"]
        self.call(connection, "PATCH", "/api/v1/defaults", {"persistent_keepalive": 20 if now != 20 else 21})
        self.spans.append((self.call(connection, "GET", "/api/v1/status")["desired_generation"], 0))
        time.sleep(1)

    def call(self, connection, method, path, body=None):
        connection.request(method, path, json.dumps(body) if body else None, self.headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise OSError(f"{method} {path}: {answer.status} {text[:200]}")
        return json.loads(text)

    def delays(self):
        """Milliseconds by generation, from the hub's log."""
        lines = re.findall(r"message=applied .*", self.hub.log())
        pairs = [dict(re.findall(r"(\w+)=(\d+)", line)) for line in lines]
        return {int(pair["generation"]): int(pair["delay_us"]) / 1000 for pair in pairs if "delay_us" in pair}
