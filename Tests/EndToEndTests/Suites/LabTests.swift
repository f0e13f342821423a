// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Testing

/// The lab itself, proven without Hairpin: wireguard-go with a TUN device and forwarding stands in for the hub.
/// If this suite fails, the machine is at fault and not the product.
@Suite(.needsLab)
struct `The lab` {
    @Test func `lets clients behind two NATs reach each other through a hub`() throws {
        try Lab.run { lab in
            let hub = try StandInHub(in: lab)
            let a = try Client("A", in: lab)
            let b = try Client("B", in: lab)
            try a.up(hub.admit(2, keepalive: 25, endpoint: "\(hub.addresses.v4):51820"))
            try b.up(hub.admit(3, keepalive: 25, endpoint: "[\(hub.addresses.v6)]:51820"))

            #expect(try a.reaches("10.3.2.3"))
            #expect(try b.ping("fd00::3:2:2").nothingLost)
            try a.transfer(byteCount: 1_000_000, to: b, at: "10.3.2.3")
            try b.transfer(byteCount: 1_000_000, to: a, at: "fd00::3:2:2")
            #expect(try a.latestHandshake() > 0)
        }
    }

    @Test func `has NATs that forget an idle mapping and roam`() throws {
        try Lab.run { lab in
            let hub = try StandInHub(in: lab)
            let a = try Client("A", in: lab, udpTimeout: 2)
            let b = try Client("B", in: lab)
            try a.up(hub.admit(2, keepalive: nil, endpoint: "\(hub.addresses.v4):51820"))
            try b.up(hub.admit(3, keepalive: 25, endpoint: "\(hub.addresses.v4):51820"))
            #expect(try a.reaches("10.3.2.3"))
            #expect(try b.ping("10.3.2.2", count: 3).nothingLost)

            sleep(.seconds(4))
            #expect(try b.ping("10.3.2.2", count: 3).nothingCame)

            try a.nat.move(to: lab.freeAddresses())
            #expect(try a.reaches("10.3.2.3"))
            #expect(try hub.endpoints().contains("\(a.nat.outside.v4):"))
            try a.nat.restart(ports: 20_000...20_099)
            #expect(try a.reaches("10.3.2.3"))
            #expect(try hub.endpoints().contains("\(a.nat.outside.v4):200"))
        }
    }
}

/// wireguard-go as the hub of 10.3.2.0/24 and fd00::3:2:0/120.
private struct StandInHub {
    let addresses: PublicAddresses
    private let namespace: Namespace
    private let interface = Lab.interfaceName()
    private let process: BackgroundProcess
    private let publicKey: String

    init(in lab: Lab) throws {
        (namespace, addresses) = try lab.publicHost("hub")
        process = try BackgroundProcess("hub", namespace.words(["wireguard-go", "--foreground", interface]), folder: lab.folder)
        let socket = "/var/run/wireguard/\(interface).sock"
        try wait("the hub's socket") { FileManager.default.fileExists(atPath: socket) ? true : nil }
        let key = try Self.key()
        publicKey = key.public
        try namespace.expect(["wg", "set", interface, "listen-port", "51820", "private-key", "/dev/stdin"], input: key.private)
        try namespace.ip(
            "address add 10.3.2.1/24 dev \(interface)", "address add fd00::3:2:1/120 dev \(interface)", "link set \(interface) mtu 1420 up")
        try namespace.set("net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
    }

    /// Adds a peer 10.3.2.N and returns its file.
    func admit(_ number: Int, keepalive: Int?, endpoint: String) throws -> String {
        let key = try Self.key()
        let addresses = "10.3.2.\(number)/32,fd00::3:2:\(number)/128"
        try namespace.expect(["wg", "set", interface, "peer", key.public, "allowed-ips", addresses])
        return """
            [Interface]
            PrivateKey = \(key.private)
            Address = \(addresses)

            [Peer]
            PublicKey = \(publicKey)
            AllowedIPs = 10.3.2.0/24, fd00::3:2:0/120
            Endpoint = \(endpoint)
            \(keepalive.map { "PersistentKeepalive = \($0)" } ?? "")

            """
    }

    func endpoints() throws -> String {
        try namespace.expect(["wg", "show", interface, "endpoints"])
    }

    private static func key() throws -> (private: String, public: String) {
        let secret = try Command.expect(["wg", "genkey"])
        return (secret.trimmingCharacters(in: .newlines), try Command.expect(["wg", "pubkey"], input: secret).trimmingCharacters(in: .newlines))
    }
}
