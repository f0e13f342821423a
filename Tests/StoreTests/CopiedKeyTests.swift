// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Testing

@testable import Store

@Suite struct `A device with a copied key` {
    private let endpoints = [Endpoint("192.0.2.1:1000")!, Endpoint("192.0.2.2:2000")!]

    private func hub(_ policy: CopiedKeyPolicy) throws -> TemporaryHub { try TemporaryHub(defaults: Settings(copiedKey: policy)) }

    @Test func `is suspended if that was chosen, with an author and a reason, and comes back with an undo`() throws {
        let hub = try hub(.suspend)
        let (device, other) = (try hub.add(.sample("nas")), try hub.add(.sample("laptop")))
        try hub.database.suspend([device.publicKey: endpoints], at: 300)
        #expect(try hub.read { try $0.device(device.id).enabled } == false)
        #expect(try hub.read { try $0.device(other.id).enabled })
        let number = try hub.read { try $0.generation().desired }
        let change = try hub.read { try $0.change(number) }
        #expect(change.author == .copiedKey)
        let entry = try #require(change.entries.last)
        #expect(entry.sentence { _ in nil }.description == "Suspended nas: two machines use its key")
        #expect(entry.after?.contains("192.0.2.1:1000, 192.0.2.2:2000") == true)
        // Once is enough.
        try hub.database.suspend([device.publicKey: endpoints], at: 301)
        #expect(try hub.read { try $0.generation().desired } == number)
        _ = try hub.change { try $0.revert(number) }
        #expect(try hub.read { try $0.device(device.id).enabled })
    }

    @Test(arguments: [CopiedKeyPolicy.tell, .keep])
    func `stays enabled otherwise, and a choice of its own counts`(policy: CopiedKeyPolicy) throws {
        let hub = try hub(policy)
        let device = try hub.add(.sample("nas"))
        let own = try hub.add(.sample("laptop", overrides: Overrides(copiedKey: .own(.suspend))))
        try hub.database.suspend([device.publicKey: endpoints, own.publicKey: endpoints, PrivateKey.generate().publicKey: endpoints], at: 300)
        #expect(try hub.read { try $0.device(device.id).enabled })
        #expect(try hub.read { try $0.device(own.id).enabled } == false)
    }
}
