// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A home router: inside always 192.168.1.1 and fd00:1::1, outside its own public addresses, masquerading in between.
/// Unrequested packets from outside are dropped without an answer, as by real routers.
final class NAT {
    let namespace: Namespace
    private(set) var outside: PublicAddresses

    /// - Parameter udpTimeout: how many seconds an idle UDP mapping lives; nil leaves the kernel's 30 and 120.
    init(_ name: String, in lab: Lab, udpTimeout: Int? = nil) throws {
        (namespace, outside) = try lab.publicHost("nat-\(name)")
        try namespace.set("net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        try masquerade(ports: nil)
        if let udpTimeout {
            try namespace.set(
                "net.netfilter.nf_conntrack_udp_timeout=\(udpTimeout)", "net.netfilter.nf_conntrack_udp_timeout_stream=\(udpTimeout)")
        }
    }

    /// A machine in the home network.
    func host(_ name: String, in lab: Lab) throws -> Namespace {
        let host = try lab.namespace(name)
        try host.connect("lan", to: namespace, "lan")
        try namespace.ip("address add 192.168.1.1/24 dev lan", "address add fd00:1::1/64 dev lan", "link set lan up")
        try host.ip(
            "address add 192.168.1.2/24 dev lan", "address add fd00:1::2/64 dev lan", "link set lan up",
            "route add default via 192.168.1.1", "route add default via fd00:1::1")
        return host
    }

    /// Gives the router other public addresses, as a provider may. All mappings are lost.
    func move(to addresses: PublicAddresses) throws {
        try namespace.ip(
            "address delete \(outside.v4)/24 dev wire", "address delete \(outside.v6)/64 dev wire",
            "address add \(addresses.v4)/24 dev wire", "address add \(addresses.v6)/64 dev wire")
        outside = addresses
    }

    /// The router restarts: same addresses, but every mapping gets another port, one of `ports`.
    func restart(ports: ClosedRange<Int>) throws {
        try masquerade(ports: ports)
        try move(to: outside)
    }

    private func masquerade(ports: ClosedRange<Int>?) throws {
        let target = ports.map { "meta l4proto udp masquerade to :\($0.lowerBound)-\($0.upperBound)" } ?? "masquerade"
        try namespace.firewall(
            """
            table inet router {
                chain source { type nat hook postrouting priority srcnat; oifname "wire" \(target); }
                chain arrival { type filter hook input priority filter; iifname "wire" meta l4proto udp ct state new drop; }
                chain passage { type filter hook forward priority filter; iifname "wire" ct state new drop; }
            }
            """)
    }
}
