// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Testing

@testable import Store

struct `A hub that replaces a server` {
    private func file() throws -> ServerFile {
        try ServerFile(
            parsing: """
                [Interface]
                PrivateKey = \(Base64.encode([UInt8](repeating: 7, count: 32)))
                Address = 10.3.2.9/24
                [Peer]
                PublicKey = \(PrivateKey.generate().publicKey.base64)
                AllowedIPs = 10.3.2.2/32
                Endpoint = 203.0.113.5:40000
                [Peer]
                PublicKey = \(PrivateKey.generate().publicKey.base64)
                AllowedIPs = 10.3.2.3/32
                """)
    }

    private func plan(_ file: ServerFile) throws -> ServerFileImport { try ServerFileImport(file, addresses: ["198.51.100.7"]) }

    @Test func `is made with its devices and their endpoints`() throws {
        let temporary = try TemporaryFolder()
        let database = try Database(folder: temporary.path + "/data", migrations: .house(), now: 100)
        let plan = try plan(file())
        #expect(try database.change(by: .ada, at: 100) { try $0.importHub(plan) })
        #expect(try database.read { try $0.hub() }.ipv4 == "10.3.2.9")
        #expect(try database.read { try $0.devices() }.map(\.ipv4) == ["10.3.2.2", "10.3.2.3"])
        #expect(try database.read { try $0.observations() }.values.compactMap(\.endpoint) == [Endpoint("203.0.113.5:40000")])
    }

    @Test func `replaces a hub that nobody has used`() throws {
        let hub = try TemporaryHub()
        let file = try file()
        let plan = try plan(file)
        #expect(try hub.change { try $0.importHub(plan) })
        #expect(try hub.read { try $0.hub() }.publicKey == file.privateKey.publicKey)
        #expect(try hub.read { try $0.hubPrivateKey() } == file.privateKey)
        #expect(try hub.read { try $0.defaults() }.settings == plan.hub.defaults)
        #expect(try hub.read { try $0.devices() }.count == 2)
    }

    @Test func `is not made where a hub has a device`() throws {
        let hub = try TemporaryHub()
        try hub.add(.sample("laptop"))
        try expectNothing(in: hub)
    }

    @Test func `is not made where a hub has an admin`() throws {
        let hub = try TemporaryHub()
        try hub.write { _ = try $0.addAccount(email: "ada@example.org", passwordHash: "none", role: .admin, by: .system, at: 100) }
        try expectNothing(in: hub)
    }

    private func expectNothing(in hub: TemporaryHub) throws {
        let before = try (hub.read { try $0.generation() }, hub.read { try $0.hub() })
        let plan = try plan(file())
        #expect(try !hub.change { try $0.importHub(plan) })
        #expect(try hub.read { try $0.generation() } == before.0)
        #expect(try hub.read { try $0.hub() } == before.1)
    }

    @Test func `takes what wg-quick runs, also routes that cover other devices`() throws {
        let hub = try TemporaryHub()
        let keys = (0..<3).map { _ in PrivateKey.generate().publicKey.base64 }
        let text = """
            [Interface]
            PrivateKey = \(Base64.encode([UInt8](repeating: 7, count: 32)))
            Address = 10.3.2.9/24
            [Peer]
            PublicKey = \(keys[0])
            AllowedIPs = 10.3.2.2/24
            [Peer]
            PublicKey = \(keys[1])
            AllowedIPs = 10.3.2.16/32, 10.3.2.0/28, 0.0.0.0/0
            [Peer]
            PublicKey = \(keys[2])
            AllowedIPs = 10.3.2.17/32, 10.3.2.17/32, 10.3.2.9/32
            """
        let plan = try plan(ServerFile(parsing: text))
        #expect(try hub.change { try $0.importHub(plan) })
        #expect(try hub.read { try $0.devices() }.map(\.ipv4) == ["10.3.2.2", "10.3.2.16", "10.3.2.17"])
        // An address of a peer is never handed out, nor one in its routes.
        #expect(try hub.read { try $0.lowestFreeAddress(.v4) } == "10.3.2.18")
    }

    @Test func `is refused with the line and the peer`() throws {
        let hub = try TemporaryHub()
        var file = try file()
        file.peers[1].allowedIPs = (0...128).map {
            ServerFile.Address(address: IPAddress("172.16.\($0).0")!, network: IPPrefix("172.16.\($0).0/24")!)
        }
        let plan = try plan(file)
        #expect {
            _ = try hub.change { try $0.importHub(plan) }
        } throws: {
            "\($0)" == "line 8, peer “device-2”: There are 129 routes. Give at most 128."
        }
        #expect(try hub.read { try $0.devices() }.isEmpty)
    }
}
