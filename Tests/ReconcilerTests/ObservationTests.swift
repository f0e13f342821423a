// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Store
import Testing

@testable import Reconciler

@Suite struct `An observation of a device` {
    private let key = PrivateKey.generate().publicKey
    private let home = Endpoint("203.0.113.5:40000")!

    @Test func `is written at once if a new session may have begun, otherwise with the counts of the minute`() {
        let before = PeerSight(publicKey: key, endpoint: home, lastHandshakeAt: UnixTime(seconds: 1_000), lastSeenAt: UnixTime(seconds: 1_030))
        #expect(!seen(at: 1_090).mayBeginOnlinePeriod(after: before))
        #expect(seen(at: 1_091).mayBeginOnlinePeriod(after: before))
        #expect(seen(at: 1_031, from: Endpoint("203.0.113.5:40001")!).mayBeginOnlinePeriod(after: before))
        #expect(seen(at: 1_000).mayBeginOnlinePeriod(after: PeerSight(publicKey: key)))
    }

    private func seen(at seconds: Int64, from endpoint: Endpoint? = nil) -> PeerSight {
        let time = UnixTime(seconds: seconds)
        return PeerSight(publicKey: key, endpoint: endpoint ?? home, lastHandshakeAt: time, lastSeenAt: time)
    }
}
