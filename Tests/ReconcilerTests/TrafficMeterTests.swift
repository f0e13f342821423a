// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Store
import Testing

@testable import Reconciler

@Suite struct `The traffic meter` {
    private let key = PrivateKey.generate().publicKey

    private func seen(_ received: Int64, _ sent: Int64) -> PeerSight {
        PeerSight(publicKey: key, receivedBytes: received, sentBytes: sent)
    }

    @Test func `returns the growth since the last count`() {
        var meter = TrafficMeter()
        #expect(meter.growth(of: seen(100, 7)) == TrafficCell(received: 100, sent: 7))
        meter.count([seen(100, 7)])
        #expect(meter.growth(of: seen(100, 7)) == TrafficCell())
        #expect(meter.growth(of: seen(150, 8)) == TrafficCell(received: 50, sent: 1))
    }

    @Test func `continues from the counts that an earlier run stored`() {
        #expect(TrafficMeter([seen(100, 7)]).growth(of: seen(130, 7)) == TrafficCell(received: 30))
    }

    @Test func `starts over if the counts decreased`() {
        #expect(TrafficMeter([seen(100, 7)]).growth(of: seen(5, 6)) == TrafficCell(received: 5, sent: 6))
    }
}
