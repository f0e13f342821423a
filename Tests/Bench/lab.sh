#!/bin/bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Hairpin Authors
#
# lab.sh up|down
#
# Makes or removes two network namespaces joined by a veth pair. No traffic leaves them.
#   hairpin-bench-hub: 10.90.0.1, the hub under test
#   hairpin-bench-gen: 10.90.0.2, the generator; all of 10.91.0.0/16 is local there, so each peer can have its own source address
set -u
hub=hairpin-bench-hub gen=hairpin-bench-gen

in_hub() { ip netns exec "$hub" "$@"; }
in_gen() { ip netns exec "$gen" "$@"; }

up() {
    down
    ip netns add "$hub" && ip netns add "$gen" || exit 1
    ip link add bench-hub netns "$hub" type veth peer name bench-gen netns "$gen" || exit 1
    ip -n "$hub" addr add 10.90.0.1/24 dev bench-hub
    ip -n "$gen" addr add 10.90.0.2/24 dev bench-gen
    ip -n "$hub" link set lo up
    ip -n "$gen" link set lo up
    ip -n "$hub" link set bench-hub mtu 1500 up
    ip -n "$gen" link set bench-gen mtu 1500 up
    ip -n "$gen" route add local 10.91.0.0/16 dev lo
    ip -n "$hub" route add 10.91.0.0/16 via 10.90.0.2
    # Static neighbours, so that no ARP disturbs a measurement.
    ip -n "$hub" neigh replace 10.90.0.2 lladdr "$(in_gen cat /sys/class/net/bench-gen/address)" dev bench-hub nud permanent
    ip -n "$gen" neigh replace 10.90.0.1 lladdr "$(in_hub cat /sys/class/net/bench-hub/address)" dev bench-gen nud permanent
    in_hub sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.send_redirects=0 \
        net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
    in_hub sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2>/dev/null
    in_gen sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2>/dev/null
    # A veth pair merges nothing by itself; if ethtool exists, make sure of it.
    in_hub ethtool -K bench-hub gro off >/dev/null 2>&1
    in_gen ethtool -K bench-gen gro off >/dev/null 2>&1
    return 0
}

down() {
    local namespace
    for namespace in "$hub" "$gen"; do
        # shellcheck disable=SC2046
        kill $(ip netns pids "$namespace" 2>/dev/null) 2>/dev/null
    done
    sleep 0.2
    for namespace in "$hub" "$gen"; do ip netns del "$namespace" 2>/dev/null; done
    return 0
}

case "${1:-}" in
up) up ;;
down) down ;;
*)
    echo "usage: $0 up|down" >&2
    exit 64
    ;;
esac
