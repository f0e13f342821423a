// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Foundation
import Net
import Support
import Testing

@testable import Fleet

/// Files in the forms of other programs, in ServerFiles. Each has its outcome beside it.
struct `A server's file as a hub` {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("ServerFiles")
    private static let key = Base64.encode([UInt8](repeating: 7, count: 32))

    private static let names = [
        "angristan", "exporter", "linuxserver", "nyr", "pivpn", "showconf", "wg-easy-14", "wg-easy-15", "wg-portal", "wg-quick-odd", "wgdashboard",
        "wireguard-ui",
    ]

    private static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    @Test(arguments: names) func `has the devices of its peers, by the names that other programs write`(name: String) throws {
        let file = try ServerFile(parsing: try Self.text("\(name).conf"))
        let plan = try ServerFileImport(file, addresses: [])
        #expect(outcome(of: plan) == (try Self.text("\(name).expected")))
        #expect(plan.hub.privateKey == file.privateKey)
    }

    @Test func `has every file of the folder tried`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter { $0.hasSuffix(".conf") }
        #expect(files.sorted() == Self.names.map { "\($0).conf" })
    }

    /// The hub's addresses, one line for each device, and the notes.
    private func outcome(of plan: ServerFileImport) -> String {
        var lines: [String] = []
        for (address, network) in [(plan.hub.ipv4, plan.hub.ipv4Network), (plan.hub.ipv6, plan.hub.ipv6Network)] {
            if let address, let network { lines.append("hub \(address) in \(network)") }
        }
        for entry in plan.entries {
            let device = entry.device
            var words = [device.name]
            for case .own(let address) in [device.ipv4, device.ipv6] { words.append(address.description) }
            if !device.routes.isEmpty { words.append("behind " + device.routes.map(\.description).joined(separator: " ")) }
            if let keepalive = device.overrides.persistentKeepalive.own { words.append("keepalive \(keepalive)") }
            if let endpoint = entry.endpoint { words.append("at \(endpoint)") }
            if !device.enabled { words.append("disabled") }
            lines.append(words.joined(separator: " "))
        }
        return (lines + plan.notes.map { "note: \($0)" }).map { $0 + "\n" }.joined()
    }

    private func plan(
        _ interface: String = "", peers: String..., networks: ImportNetworks = ImportNetworks(), addresses: [IPAddress] = []
    ) throws -> ServerFileImport {
        let sections = peers.enumerated().map { index, lines in
            "[Peer]\nPublicKey = \(Base64.encode([UInt8](repeating: UInt8(index + 100), count: 32)))\n\(lines)"
        }
        let text = (["[Interface]\nPrivateKey = \(Self.key)\n\(interface)"] + sections).joined(separator: "\n")
        return try ServerFileImport(ServerFile(parsing: text), networks: networks, addresses: addresses)
    }

    @Test func `keeps key, addresses and port`() throws {
        let plan = try plan("Address = 10.3.2.9/24, fd00::9/64\nListenPort = 4500", addresses: ["198.51.100.7"])
        #expect(plan.hub.privateKey == PrivateKey(base64: Self.key))
        #expect((plan.hub.ipv4, plan.hub.ipv6) == ("10.3.2.9", "fd00::9"))
        #expect((plan.hub.ipv4Network, plan.hub.ipv6Network) == ("10.3.2.0/24", "fd00::/64"))
        #expect(plan.hub.defaults.endpoint?.description == "198.51.100.7:4500")
        #expect(plan.hub.defaults.allowedIPs == ["10.3.2.0/24", "fd00::/64"])
        #expect(plan.notes.isEmpty)
    }

    @Test func `takes the network that was asked for`() throws {
        let asked = ImportNetworks(ipv4: "10.9.0.0/16", isWithoutIPv6: true)
        let plan = try plan("Address = 10.3.2.9/24, fd00::9/64", peers: "AllowedIPs = 10.9.0.1/32, fd00::2/128", networks: asked)
        #expect((plan.hub.ipv4Network, plan.hub.ipv6Network) == ("10.9.0.0/16", nil))
        #expect(plan.hub.ipv4 == "10.9.0.2")
        #expect(plan.entries[0].device.ipv4 == .own("10.9.0.1"))
        #expect(plan.entries[0].device.routes == ["fd00::2/128"])
    }

    @Test func `takes the network that most peers are in, of several`() throws {
        let plan = try plan("Address = 10.0.0.1/24, 10.1.0.1/24", peers: "AllowedIPs = 10.1.0.2/32", "AllowedIPs = 10.1.0.3/32, 10.0.0.3/32")
        #expect(plan.hub.ipv4 == "10.1.0.1")
        #expect(plan.entries[1].device.routes == ["10.0.0.3/32"])
    }

    @Test(arguments: ["Address = 10.13.13.1", "Address = 10.13.13.1/32", ""])
    func `derives the network from the peers`(interface: String) throws {
        let plan = try plan(interface, peers: "AllowedIPs = 10.13.13.2/32", "AllowedIPs = 10.13.15.9/32, 172.16.0.1/32")
        #expect(plan.hub.ipv4Network == "10.13.12.0/22")
        #expect(plan.entries[1].device.ipv4 == .own("10.13.15.9"))
        #expect(plan.entries[1].device.routes == ["172.16.0.1/32"])
    }

    @Test func `needs a network from somewhere`() {
        #expect {
            try plan(peers: "AllowedIPs = 192.168.7.0/24")
        } throws: {
            "\($0)" == "neither the server nor a peer has an address. Give the network of the devices with --network, such as 10.3.2.0/24."
        }
    }

    @Test func `gives every device another name, by the rule of names`() throws {
        let text = """
            [Interface]
            PrivateKey = \(Self.key)
            Address = 10.3.2.9/24
            # Straße
            [Peer]
            PublicKey = \(Base64.encode([UInt8](repeating: 100, count: 32)))
            # STRASSE
            [Peer]
            PublicKey = \(Base64.encode([UInt8](repeating: 101, count: 32)))
            # \u{202E}\u{200B}
            [Peer]
            PublicKey = \(Base64.encode([UInt8](repeating: 102, count: 32)))
            """
        let plan = try ServerFileImport(ServerFile(parsing: text), addresses: [])
        #expect(plan.entries.map(\.device.name) == ["Straße", "STRASSE-2", "device-3"])
    }

    @Test(arguments: [
        (Base64.encode([UInt8](repeating: 0, count: 32)), "its public key is one that no device can have. Remove this peer or correct the key."),
        ("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "its public key is one that no device can have. Remove this peer or correct the key."),
        (PrivateKey(base64: key)!.publicKey.base64, "it has the server's own key. Remove this peer."),
    ])
    func `is refused for a key with which no handshake succeeds, with line and peer`(key: String, problem: String) {
        let text = "[Interface]\nPrivateKey = \(Self.key)\nAddress = 10.3.2.9/24\n# anna\n[Peer]\nPublicKey = \(key)\n"
        #expect {
            try ServerFileImport(ServerFile(parsing: text), addresses: [])
        } throws: {
            "\($0)" == "line 5, peer “anna”: \(problem)"
        }
    }
}
