# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Hairpin Authors
"""The goals of Hairpin, in one table. `make bench STRICT=1` fails if one of them is missed.

A goal compares the median of a metric of `hub` with a bound. With a `reference`, (hub, metric), it is the median over the
rounds of the ratio of both, so that a machine that slows down for a while does not matter.
"""
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    text: str
    metric: str
    bound: float
    reference: tuple | None = None
    hub: str = "hairpin"
    at_least: bool = False
    unit: str = "x"

    def is_met(self, value):
        return value >= self.bound if self.at_least else value <= self.bound


OPENSSL = "limit-openssl"
NGINX = ("nginx", "page_us_css")

GOALS = [
    # CPU per relayed packet, compared with a C loop without state that uses OpenSSL; better than it with a faster AEAD.
    Goal("CPU per packet, 64 B", "ns_64", 0.75, (OPENSSL, "ns_64")),
    Goal("CPU per packet, 1420 B", "ns_1420", 0.75, (OPENSSL, "ns_1420")),
    Goal("CPU per packet, 64 B, OpenSSL in both", "ns_64", 1.25, (OPENSSL, "ns_64"), hub="hairpin-openssl"),
    Goal("CPU per packet, 1420 B, OpenSSL in both", "ns_1420", 1.15, (OPENSSL, "ns_1420"), hub="hairpin-openssl"),
    Goal("CPU per packet against wireguard-go, 64 B", "ns_64", 0.3, ("wireguard-go", "ns_64")),
    Goal("CPU per packet against wireguard-go, 1420 B", "ns_1420", 0.3, ("wireguard-go", "ns_1420")),
    # One packet in flight: nothing waits to fill a batch.
    Goal("latency p50, 64 B", "p50_64", 1.3, (OPENSSL, "p50_64")),
    Goal("latency p50, 1420 B", "p50_1420", 1.3, (OPENSSL, "p50_1420")),
    Goal("latency p99, 64 B", "p99_64", 2.0, (OPENSSL, "p99_64")),
    Goal("latency p99, 1420 B", "p99_1420", 2.0, (OPENSSL, "p99_1420")),
    # Handshakes, one core.
    Goal("handshakes per second", "handshakes", 1.0, (OPENSSL, "handshakes"), at_least=True),
    Goal("1,000 devices call at the same moment", "herd_1000_s", 1.3, (OPENSSL, "herd_1000_s")),
    Goal("10,000 devices call at the same moment", "herd_10000_s", 1.3, (OPENSSL, "herd_10000_s")),
    Goal("200 devices behind one address call at the same moment", "herd_office_s", 1.3, (OPENSSL, "herd_office_s")),
    Goal("10,000 devices connect", "connect_s", 1.2, (OPENSSL, "connect_s")),
    Goal("loss of 512 B traffic under valid-mac1 initiations", "flood_loss", 0.10, unit="of all"),
    # Scale.
    Goal("memory per configured device, of 10,000", "kib_configured", 3.0, unit="KiB"),
    Goal("memory per connected device, of 10,000", "kib_connected", 8.0, unit="KiB"),
    Goal("start with 10,000 devices until ready", "start_s", 1.0, unit="s"),
    Goal("a saved change is applied, p99, 10,000 devices and full load", "edit_p99_ms", 5.0, unit="ms"),
    Goal("latency p99 beside 80 % load against idle p50, 64 B", "loaded_p99_64", 3.0, ("hairpin", "idle_p50_64")),
    Goal("latency p99 beside 80 % load against idle p50, 1420 B", "loaded_p99_1420", 3.0, ("hairpin", "idle_p50_1420")),
    # Isolation of the relay and the portal, on one core.
    Goal("throughput under a flood at the portal", "flooded_kpps", 0.95, ("hairpin", "quiet_kpps"), at_least=True),
    Goal("handshake p50 under a flood at the portal", "flooded_handshake_p50", 1.2, ("hairpin", "quiet_handshake_p50")),
    Goal("handshake p99 under a flood at the portal", "flooded_handshake_p99", 2.0, ("hairpin", "quiet_handshake_p99")),
    Goal("a page under valid-mac1 initiations, p99", "flooded_page_p99", 50.0, unit="ms"),
    # The portal, CPU per request, compared with nginx and the same style sheet.
    Goal("style sheet", "page_us_css", 2, NGINX),
    Goal("sign-in page", "page_us_login", 3.5, NGINX),
    Goal("list of 20 devices", "page_us_list", 12, NGINX),
    Goal("page of a device", "page_us_device", 14, NGINX),
    Goal("form of a device", "page_us_edit", 12, NGINX),
    Goal("20 devices from the API", "page_us_api", 8, NGINX),
    Goal("CPU per packet, 1420 B, two workers against one", "two_ns_1420", 1.2, ("hairpin", "ns_1420")),
]
