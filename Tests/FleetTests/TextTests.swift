// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net
import Testing

@Suite struct `A time for people` {
    @Test(arguments: [(0, "just now"), (4, "4 s ago"), (61, "1 min ago"), (7200, "2 h ago"), (259_200, "3 d ago"), (-600, "in 10 min")])
    func `is shown as its age`(age: Int64, text: String) {
        #expect(UnixTime(seconds: 1000).relative(to: UnixTime(seconds: 1000 + age)).description == text)
    }
}

struct `A drop reason for people` {
    @Test func `is explained in a sentence of its own`() {
        let explanations = DropReason.allCases.map(\.explanation.description)
        #expect(Set(explanations).count == explanations.count)
        for explanation in explanations { #expect(explanation.hasSuffix(".") || explanation.hasSuffix("?")) }
    }
}

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
