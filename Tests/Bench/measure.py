# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Hairpin Authors
"""The measurements: each function drives one running hub and returns its metrics by name. The generator of packets is `wgload`."""
import json
import statistics
import subprocess
import time

import pages
from edits import Editor
from hubs import ADDRESS, PORT, HubFailed
from isolation import Companion

SIZES = (64, 512, 1420)
# The maximum number of packets inside the hub: enough to keep it busy, while a stall costs time instead of packets.
WINDOW = 256
MANY = 10_000
HERDS = (1_000, 10_000)
# The devices of an office behind one address.
OFFICE = 200
# The sizes of a hub for `growth`.
COUNTS = (10, 100, 1_000, 10_000, 100_000)
# The number of changes under full load, enough for a percentile.
ENOUGH = 50


def drive(hub, mode, *options, pinned=True):
    """Runs the generator on core 1 against a hub on core 0, or beside it; gives its result."""
    lab = hub.lab
    command = ["ip", "netns", "exec", lab.generator, lab.tool("wgload"), mode, "--prio", "--json", "--hub", f"{ADDRESS}:{PORT}",
               "--src-base", "10.91.0.0", "--label", hub.name, "--pid", str(hub.pid)]
    if pinned:
        command += ["--cpu", "1", "--hub-cpu", "0"]
    result = subprocess.run(command + [str(option) for option in options], capture_output=True, text=True, timeout=180)
    lines = [line for line in result.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise HubFailed(f"{hub.name}: no result of {mode} {options}: {result.stderr[-400:]}")
    return json.loads(lines[0])


def saturate(hub, size, *options, **how):
    """Full load with four pairs of devices; every 64th packet that arrives is decrypted and checked."""
    # Packets are sealed before the timed part; a hub that is faster than this ends it early.
    per_second = {64: 2_000_000, 512: 1_100_000, 1420: 600_000}[size]
    result = drive(hub, "relay", "--size", size, "--inflight", WINDOW, "--secs", 1.5, "--est", per_second, "--mem", 3000, *options, **how)
    if result["sampled_bad"]:
        raise HubFailed(f"{hub.name} delivered {result['sampled_bad']} wrong packets of {size} bytes")
    return result


def relay(hub):
    hub.start(8)
    metrics = {}
    for size in SIZES:
        result = saturate(hub, size)
        metrics[f"ns_{size}"] = result["hub_ns_per_pkt"]
        metrics[f"kpps_{size}"] = result["delivered_pps"] / 1e3
    for size in (64, 1420):
        result = drive(hub, "latency", "--size", size, "--count", 10_000, "--gap-us", 100)
        metrics[f"p50_{size}"], metrics[f"p99_{size}"] = result["p50_us"], result["p99_us"]
    return metrics


def handshakes(hub):
    hub.start(1000)
    result = drive(hub, "handshakes", "--peers", 1000, "--window", 32, "--secs", 3, "--max", 15_000, "--confirm")
    return {"handshakes": result["per_s"]}


def scale(hub):
    """Memory and time with many devices: configured, then connected all at once."""
    hub.start(2)
    base = resident(hub.pid)
    hub.stop()
    hub.start(MANY)
    # Wait until the hub has freed the memory of its start and finished its writes.
    time.sleep(1)
    metrics = {"start_s": hub.start_s, "kib_configured": (resident(hub.pid) - base) / MANY}
    result = drive(hub, "connect", "--peers", MANY, "--window", 64, "--secs", 60, "--verify", "--retry-ms", 1000)
    if result["up"] == MANY:
        metrics["connect_s"] = result["all_up_s"]
        metrics["kib_connected"] = (resident(hub.pid) - base) / MANY
    return metrics


def herd(hub):
    """Devices call at the same moment, as after an outage, and wait as long as real clients do before they try again: 1,000, 10,000, and 200
    that share one address."""
    metrics = {}
    for name, count, options in [(f"herd_{count}_s", count, []) for count in HERDS] + [("herd_office_s", OFFICE, ["--src-count", 1])]:
        hub.start(count)
        # Until the hub has prepared its devices and finished the writes of its start.
        time.sleep(1)
        result = drive(hub, "connect", "--peers", count, "--herd", "--spec-timers", "--secs", 60, *options)
        hub.stop()
        if result["up"] == count:
            metrics[name] = result["all_up_s"]
    return metrics


def growth(hub):
    """What one packet, handshake, change, page and device costs, by the number of devices."""
    hub.start(2)
    base = resident(hub.pid)
    metrics = {}
    for count in COUNTS:
        figures = grown(hub, count, base)
        metrics.update({f"{name}_of_{count}": value for name, value in figures.items()})
    return metrics


def grown(hub, count, base):
    hub.stop()
    hub.start(count)
    # Until the hub has prepared its devices, freed the memory of its start and finished its writes.
    time.sleep(1 + count / 20_000)
    figures = {"start_s": hub.start_s}
    before = resident(hub.pid)
    calling = min(count, MANY)
    if count >= 1_000:
        figures["kib_configured"] = (before - base) / count
        result = drive(hub, "connect", "--peers", calling, "--window", 64, "--secs", 60, "--retry-ms", 1000)
        time.sleep(3)
        figures["kib_connected"] = figures["kib_configured"] + (resident(hub.pid) - before) / result["up"]
    # Four pairs of devices, and then as many as there are, which leave the caches.
    figures["ns_64"] = saturate(hub, 64)["hub_ns_per_pkt"]
    figures["ns_64_many"] = saturate(hub, 64, "--pairs", min(count // 2, 500), "--peers", calling)["hub_ns_per_pkt"]
    result = drive(hub, "handshakes", "--peers", min(count, 1000), "--window", 32, "--secs", 2, "--max", 10_000, "--confirm")
    figures["us_handshake"] = result["hub_us_per_hs"]
    cookie, device = hub.sign_in()
    requests = {name: pages.head(hub.portal, path, Cookie=cookie) for name, path in (
        ("list", "/devices"), ("device", f"/devices/{device}"), ("form", f"/settings/{device}/edit"), ("links", "/links"),
        ("matrix", "/reachability"), ("map", "/map"), ("status", "/status"))}
    for name, value in pages.measure(hub, requests, count=5).items():
        figures[f"ms_{name}"] = value / 1000
    with Editor(hub, device=0) as editor:
        figures["ms_change"] = statistics.median(editor.change_quietly(2))
    return figures


def flood(hub):
    """Loss of established traffic while initiations with a valid mac1 arrive, 20,000 a second from 64 addresses."""
    hub.start(8)
    result = drive(hub, "relay", "--size", 512, "--pps", 30_000, "--secs", 3, "--flood-kind", "garbage", "--flood-pps", 20_000, "--flood-src", 64)
    return {"flood_loss": result["loss"]}


def edits(hub):
    """A device among 10,000 is changed again and again while the hub is at full load; then the defaults, which all of them follow."""
    hub.start(MANY)
    with Editor(hub) as editor:
        editor.begin()
        # On a slow core a change may take longer than the load, which is then started again.
        for _ in range(4):
            # Small packets, so that the generator can seal enough of them for the whole time.
            drive(hub, "relay", "--size", 64, "--inflight", WINDOW, "--secs", 8, "--est", 1_500_000, "--mem", 3000)
            delays = editor.delays_under_load()
            if len(delays) >= ENOUGH:
                break
    if len(delays) < ENOUGH:
        raise HubFailed(f"{hub.name}: only {len(delays)} changes fell into the time of full load")
    metrics = {"edits": len(delays), "edit_p50_ms": statistics.median(delays), "edit_p99_ms": statistics.quantiles(delays, n=100)[98]}
    with Editor(hub) as editor:
        metrics["defaults_ms"] = statistics.median(editor.change_defaults() for _ in range(5))
    return metrics


def loaded(hub):
    """Latency of single packets beside a load of 80 %, on loopback: the engine alone, with its own probe."""
    samples = {}
    # Each three times: the load depends on the current cost of a packet, and the machine may slow down in the meantime.
    for size in (64, 1420) * 3:
        result = subprocess.run([hub.beside("PacketPath"), "latency", str(size)], capture_output=True, text=True, timeout=120)
        if result.returncode:
            raise HubFailed(f"PacketPath latency {size}: {result.stderr}")
        figures = json.loads(result.stdout)
        for name in ("idle_p50", "idle_p99", "loaded_p50", "loaded_p99"):
            samples.setdefault(f"{name}_{size}", []).append(figures[f"{name}_us"])
        # The actual load of the worker: less than 0.8 if the generator was slower.
        samples.setdefault(f"busy_{size}", []).append(figures["busy"])
    return {name: statistics.median(values) for name, values in samples.items()}


def two(hub):
    """Two workers on two cores, with the generator beside them."""
    hub.start(8, cpus="0,1")
    result = saturate(hub, 1420, pinned=False)
    return {"two_ns_1420": result["hub_ns_per_pkt"]}


def isolation(hub):
    """The relay and handshakes without and with a flood at the portal; the portal without and with initiations that have a valid mac1,
    20,000 a second from 64 addresses."""
    hub.start(1000)
    samples = {}

    def measure(prefix):
        result = drive(hub, "handshakes", "--peers", 1000, "--window", 1, "--secs", 2, "--max", 8_000, "--confirm")
        for metric, value in (("kpps", saturate(hub, 1420)["delivered_pps"] / 1e3), ("handshake_p50", result["p50_us"]),
                              ("handshake_p99", result["p99_us"])):
            samples.setdefault(f"{prefix}_{metric}", []).append(value)

    # Each is measured before and during the flood within seconds, three times, so that a machine that slows down affects both.
    for _ in range(3):
        measure("quiet")
        with Companion(hub, "flood"):
            begin, cpu = time.monotonic(), hub.portal_ran()
            measure("flooded")
            samples.setdefault("flood_portal_cores", []).append((hub.portal_ran() - cpu) / (time.monotonic() - begin))
    metrics = {name: statistics.median(values) for name, values in samples.items()}
    for prefix, flood_options in (("quiet", []), ("flooded", ["--flood-kind", "garbage", "--flood-pps", 20_000, "--flood-src", 64])):
        with Companion(hub, "visit") as visitor:
            drive(hub, "relay", "--size", 512, "--pps", 1000, "--secs", 5, *flood_options)
            times = visitor.end()
        metrics[f"{prefix}_page_p50"], metrics[f"{prefix}_page_p99"] = times["p50"], times["p99"]
    return metrics


def portal(hub):
    """Processor time of the portal per request with 20 devices, and how many requests a second it answers."""
    hub.start(20)
    if hub.name == "nginx":
        metrics = pages.measure(hub, {"css": pages.head(hub.portal, "/app.css")})
        return {"page_us_css": metrics["css"], "page_rps_css": pages.throughput(hub, "/app.css", {})}
    cookie, device = hub.sign_in()
    token = {"Authorization": f"Bearer {hub.token()}"}
    requests = {"css": pages.head(hub.portal, "/assets/app.css"), "login": pages.head(hub.portal, "/login"),
                "api": pages.head(hub.portal, "/api/v1/devices", **token)}
    for name, path in (("list", "/devices"), ("device", f"/devices/{device}"), ("edit", f"/settings/{device}/edit")):
        requests[name] = pages.head(hub.portal, path, Cookie=cookie)
    metrics = {f"page_us_{name}": value for name, value in pages.measure(hub, requests).items()}
    metrics["page_rps_css"] = pages.throughput(hub, "/assets/app.css", {})
    metrics["page_rps_list"] = pages.throughput(hub, "/devices", {"Cookie": cookie})
    return metrics


def resident(pid):
    """KiB of memory that the process uses."""
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def single(hub):
    """Full load of packets that arrive one by one: the generator sends no trains, so the kernel merges nothing."""
    hub.start(8)
    metrics = {}
    for size in (64, 1420):
        result = saturate(hub, size, "--gso", 0, "--burst", 1)
        metrics[f"single_ns_{size}"] = result["hub_ns_per_pkt"]
        metrics[f"single_kpps_{size}"] = result["delivered_pps"] / 1e3
    return metrics


def lossless(hub):
    """The highest rate, without a limit of packets in flight, at which at most one packet in a thousand is lost."""
    hub.start(8)
    metrics = {}
    for size in SIZES:
        result = drive(hub, "relay", "--size", size, "--search", "--trial-secs", 1.5, "--mem", 3000)
        if result["loss"] <= 0.001:
            metrics[f"lossless_kpps_{size}"] = result["delivered_pps"] / 1e3
    return metrics


# Which hubs each part measures.
ALL = ("hairpin", "hairpin-openssl", "limit-openssl", "limit-sodium", "wireguard-go", "other")
PARTS = {
    "relay": (relay, ALL),
    "handshakes": (handshakes, ("hairpin", "limit-openssl", "wireguard-go", "other")),
    "herd": (herd, ("hairpin", "limit-openssl", "wireguard-go", "other")),
    "scale": (scale, ("hairpin", "limit-openssl", "wireguard-go", "other")),
    "flood": (flood, ("hairpin",)),
    "two": (two, ("hairpin",)),
    "edits": (edits, ("hairpin",)),
    "loaded": (loaded, ("hairpin",)),
    "isolation": (isolation, ("hairpin",)),
    "portal": (portal, ("hairpin", "nginx")),
}
# Measured only if they are named.
EXTRA = {
    "growth": (growth, ("hairpin",)),
    "single": (single, ALL),
    "lossless": (lossless, ALL),
}
