// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Foundation
import Net
import Support
import Testing

@testable import Fleet

struct `A server's file beside the devices of a hub` {
    private static let key = PrivateKey(base64: Base64.encode([UInt8](repeating: 7, count: 32)))!
    private let hub = Hub(
        name: "hub", publicKey: `A server's file beside the devices of a hub`.key.publicKey, ipv4Network: "10.3.2.0/24", ipv6Network: "fd00::/120",
        ipv4: "10.3.2.1", ipv6: "fd00::1", portalURL: nil, revision: 1)

    private static func publicKey(_ number: UInt8) -> String { Base64.encode([UInt8](repeating: number, count: 32)) }

    private func plan(_ interface: String = "", peers: String..., beside devices: [Device] = []) throws -> ServerFileAddition {
        let sections = peers.enumerated().map { "[Peer]\n\($1)\nPublicKey = \(Self.publicKey(UInt8($0 + 100)))" }
        return try ServerFileAddition(
            parsing: (["[Interface]\n\(interface)"] + sections).joined(separator: "\n"), to: hub, DeviceIndex(devices))
    }

    @Test func `keeps addresses in the hub's networks, and gives others the lowest free one`() throws {
        let plan = try plan(
            "Address = 10.8.0.1/24", peers: "AllowedIPs = 10.3.2.9/32, fd00::9/128", "AllowedIPs = 10.8.0.2/32, 192.168.4.0/24",
            "AllowedIPs = 172.20.0.9/32")
        #expect(plan.entries.map(\.device.ipv4) == [.own("10.3.2.9"), .lowestFree, .lowestFree])
        #expect(plan.entries.map(\.device.ipv6) == [.own("fd00::9"), .lowestFree, .lowestFree])
        // The last one is a host behind the peer: it is in no network of the server.
        #expect(plan.entries.map(\.device.routes) == [[], ["192.168.4.0/24"], ["172.20.0.9/32"]])
        #expect(plan.notes.map(\.description) == ["line 6: “device-2” no longer has the address 10.8.0.2, which is not in a network of this hub."])
        #expect(!plan.hasKeyOfHub)
    }

    @Test func `needs no private key, and tells whether the server has the hub's`() throws {
        let own = "PrivateKey = \(Self.key.revealBase64())"
        #expect(try plan(own, peers: "AllowedIPs = 10.3.2.9/32\nEndpoint = 192.0.2.7:51820").hasKeyOfHub)
        #expect(try plan(own, peers: "AllowedIPs = 10.3.2.9/32\nEndpoint = 192.0.2.7:51820").entries[0].endpoint != nil)
        #expect(try plan(peers: "AllowedIPs = 10.3.2.9/32\nEndpoint = 192.0.2.7:51820").entries[0].endpoint == nil)
    }

    @Test func `leaves out the peers and ranges that devices have, and renames the others`() throws {
        let present = Device.sample("Nas", 101, ipv4: "10.3.2.2")
        let plan = try plan(
            peers: "# nas\nAllowedIPs = 10.3.2.2/32", "AllowedIPs = 10.3.2.3/32", "AllowedIPs = 10.3.2.4/32", beside: [present])
        #expect(plan.entries.map(\.device.name) == ["nas-2", "device-2"])
        #expect(plan.entries.map(\.device.ipv4) == [.lowestFree, .own("10.3.2.4")])
        #expect(
            plan.notes.map(\.description) == [
                "line 7: “\(Self.publicKey(101))” is left out, because Nas has its key.", "line 3: 10.3.2.2/32 is left out, because Nas has it.",
                "line 3: “nas” is taken, so this device is “nas-2”.",
            ])
    }

    @Test func `is refused at its first invalid line`() {
        #expect(throws: ServerFile.ParseError(line: 4, problem: "AllowedIPs “\("10.3.2.300")” is not an address range.")) {
            try plan(peers: "AllowedIPs = 10.3.2.300")
        }
    }
}

struct `The text of a server's file` {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("ServerFiles")

    @Test func `has everything that the file had`() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter { $0.hasSuffix(".conf") }
        #expect(names.count > 10)
        for name in names {
            var file = try ServerFile(parsing: String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8))
            var again = try ServerFile(parsing: file.text)
            // These are about the text and not about the server.
            for index in file.peers.indices { (file.peers[index].line, again.peers[index].line) = (0, 0) }
            file.ignored = []
            #expect(again == file, "\(name)")
        }
    }
}
