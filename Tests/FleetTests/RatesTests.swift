// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Testing

@Suite struct `The rates of a device` {
    @Test func `are the difference between two beats, as the device sees it`() {
        let rates = Rates()
        let key = PublicKey(Array(repeating: 7, count: 32))!
        let start = ContinuousClock.now
        let peer = { (received: Int64, sent: Int64) in [key: PeerSight(publicKey: key, receivedBytes: received, sentBytes: sent)] }
        rates.take(peer(1000, 500), at: start)
        #expect(rates.rate(of: key) == nil)
        rates.take(peer(3000, 10_500), at: start + .seconds(2))
        #expect(rates.rate(of: key) == Rates.Rate(down: 5000, up: 1000))
        rates.take(peer(0, 0), at: start + .seconds(4))
        #expect(rates.rate(of: key) == nil)
    }
}
