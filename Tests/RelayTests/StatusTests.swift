// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Testing

@testable import Relay

@Suite struct `A status` {
    @Test func `contains only the peers with the requested keys`() throws {
        let hub = try Hub()
        defer { hub.engine.stop() }
        let (a, b) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        hub.add(a, reaching: [])
        hub.add(b, reaching: [])
        let stranger = PrivateKey.generate().publicKey
        #expect(hub.engine.status(of: .keys([b.publicKey, stranger])).peers.map(\.publicKey) == [b.publicKey])
        #expect(hub.engine.status(of: .keys([])).peers == [])
    }

    @Test func `contains only the peers that were active since an instant`() throws {
        let hub = try Hub()
        defer { hub.engine.stop() }
        let (a, silent) = (hub.peer("10.3.2.2"), hub.peer("10.3.2.3"))
        hub.add(a, reaching: [])
        hub.add(silent, reaching: [])
        let start = Instant.now()
        #expect(hub.engine.status(of: .active(since: start)).peers == [])
        _ = a.sendInitiation()
        #expect(eventually { hub.engine.status(of: .active(since: start)).peers.map(\.publicKey) == [a.publicKey] })
        #expect(hub.engine.status(of: .active(since: Instant.now() + .seconds(1))).peers == [])
    }

    @Test func `shows a past time as the same second, whenever it is read`() {
        let (then, wall) = (Instant(nanoseconds: 5_000_000_000), Int64(1_000_900_000_000))
        for passed in stride(from: Int64(0), through: 2_000_000_000, by: 50_000_000) {
            #expect(Control.wallSeconds(of: then, now: then + .nanoseconds(passed), wall: wall + passed) == 1_000)
        }
    }
}
