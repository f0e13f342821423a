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

    @Test func `is made with its devices and their endpoints`() throws {
        let temporary = try TemporaryFolder()
        let database = try Database(folder: temporary.path + "/data", migrations: .house(), now: 100)
        let file = try file()
        #expect(try database.change(by: .ada, at: 100) { try $0.importHub(file, addresses: ["198.51.100.7"]) } == 2)
        #expect(try database.read { try $0.hub() }.ipv4 == "10.3.2.9")
        #expect(try database.read { try $0.devices() }.map(\.ipv4) == ["10.3.2.2", "10.3.2.3"])
        #expect(try database.read { try $0.observations() }.values.compactMap(\.endpoint) == [Endpoint("203.0.113.5:40000")])
    }

    @Test func `is not made if there is one already`() throws {
        let hub = try TemporaryHub()
        let before = try hub.read { try $0.generation() }
        let file = try file()
        #expect(try hub.change { try $0.importHub(file, addresses: []) } == nil)
        #expect(try hub.read { try $0.generation() } == before)
    }
}
