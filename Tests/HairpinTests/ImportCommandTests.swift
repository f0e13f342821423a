// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Net
import Store
import Testing

@testable import hairpin

@Suite struct `The import command` {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hairpin-\(UUID().uuidString)").path
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    private static let key = "WL/DA7dgzoKqJ1O+Y6K+zZrA8lXjNAS+gU9tZC1lrkg="
    private static let peers = """
        # anna
        [Peer]
        PublicKey = J6Hpxjp7Unm/ab/1uw3UOKLWMzDzGUe+B7pQ/nFrREM=
        AllowedIPs = 10.8.0.2/32, fd00::2/128

        """

    private func write(_ text: String, to name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        return "\(folder)/\(name)"
    }

    private var place: [String] { ["--data", "\(folder)/data", "--root", Self.root] }

    private func run(_ arguments: String...) throws {
        var command = try ImportCommand.parse(arguments + place)
        try command.run()
    }

    private func database() throws -> Database { try DataOptions.parse(place).open() }

    @Test func `takes a key file and networks, once`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = try write("[Interface]\nPostUp = wg set %i private-key /etc/wireguard/%i.key\n\(Self.peers)", to: "wg0.conf")
        let refusal = #expect(throws: Failure.self) { try run(file) }
        #expect(
            refusal?.text == "\(file), line 2: the private key comes from “/etc/wireguard/%i.key”. "
                + "Name a file that holds it with --private-key. Nothing was imported.")
        try run(file, "--private-key", write(Self.key + "\n", to: "wg0.key"), "--network", "10.8.0.0/16", "--network6", "off")
        let (hub, devices) = try database().read { (try $0.hub(), try $0.devices()) }
        #expect((hub.ipv4Network?.description, hub.ipv6Network) == ("10.8.0.0/16", nil))
        #expect(devices.map(\.name) == ["anna"])
        #expect(#expect(throws: Failure.self) { try run(file, "--private-key", "\(folder)/wg0.key") }?.text.contains("has a hub in use") == true)
    }

    @Test func `names the file, the line and the peer that it refuses`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = try write("[Interface]\nPrivateKey = \(Self.key)\nAddress = 127.0.0.1/8\n\(Self.peers)x = y\nAllowedIPs = x\n", to: "wg0.conf")
        let refusal = #expect(throws: Failure.self) { try run(file) }
        #expect(refusal?.text == "\(file), line 9, peer “anna”: AllowedIPs “x” is not an address range. Nothing was imported.")
    }

    @Test func `says what to do about a file that only root may read`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(#expect(throws: Failure.self) { try run("\(folder)/missing.conf") }?.text.contains("As root") == false)
        #expect(#expect(throws: Failure.self) { try run("-", "--private-key", "-") }?.code == 64)
    }

    @Test func `is not run beside a hub`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = try write("[Interface]\nPrivateKey = \(Self.key)\nAddress = 10.8.0.1/24\n\(Self.peers)", to: "wg0.conf")
        let lock = try HubLock(data: "\(folder)/data")
        let refusal = #expect(throws: Failure.self) { try run(file) }
        #expect(refusal?.text.contains("Stop that hub and import again") == true)
        _ = consume lock
        try run(file)
    }

    @Test func `is followed by files that name the port that the hub used last`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try run(try write("[Interface]\nPrivateKey = \(Self.key)\nAddress = 10.8.0.1/24\n\(Self.peers)", to: "wg0.conf"))
        let database = try database()
        let port = { (arguments: [String]) in
            let command = try DeviceCommand.Config.parse(["anna"] + arguments + self.place)
            return try command.hubPort(database)
        }
        #expect(try port([]) == 51820)
        try database.write { try $0.recordRun("hub.stop", version: "1", wireguardPort: 25877, at: UnixTime(seconds: 100)) }
        #expect(try port([]) == 25877)
        #expect(try port(["--wireguard", "[::]:4711"]) == 4711)
    }
}
