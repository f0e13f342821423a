// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing
import WireGuard

struct `The rate limiter` {
    /// How many of `asks` handshakes from one source at one moment are allowed.
    private func allowed(
        _ limiter: inout RateLimiter, _ source: String = "192.0.2.1", at time: Duration = .zero, asks: Int = 100
    ) -> Int {
        (0..<asks).count { _ in limiter.allows(IPAddress(source)!, now: .at(time)) }
    }

    @Test func `WG-M-11 allows a burst of five`() {
        var limiter = RateLimiter()
        #expect(allowed(&limiter) == 5)
    }

    @Test func `WG-M-11 allows one more every 50 milliseconds`() {
        var limiter = RateLimiter()
        _ = allowed(&limiter)
        #expect(allowed(&limiter, at: .milliseconds(49)) == 0)
        #expect(allowed(&limiter, at: .milliseconds(50)) == 1)
        #expect(allowed(&limiter, at: .milliseconds(150)) == 2)
    }

    @Test func `WG-M-11 allows twenty a second to a source that never stops`() {
        var limiter = RateLimiter()
        _ = allowed(&limiter)
        let inTenSeconds = (1...10_000).reduce(0) { $0 + allowed(&limiter, at: .milliseconds($1), asks: 1) }
        #expect(inTenSeconds == 200)
    }

    @Test func `WG-M-11 never holds more than a burst`() {
        var limiter = RateLimiter()
        _ = allowed(&limiter)
        #expect(allowed(&limiter, at: .milliseconds(900)) == 5)
        #expect(allowed(&limiter, at: .seconds(3600)) == 5)
    }

    @Test func `WG-M-11 WG-M-14 gives known peers their token back, so that many may share an address`() {
        var limiter = RateLimiter()
        let office: IPAddress = "192.0.2.1"
        for _ in 0..<200 {
            #expect(allowed(&limiter, asks: 1) == 1)
            limiter.giveBack(office)
        }
        // Never more than a burst, and nothing for a source that it does not know.
        limiter.giveBack(office)
        limiter.giveBack("192.0.2.2")
        #expect(allowed(&limiter) == 5)
        #expect(limiter.count == 1)
    }

    @Test func `WG-M-11 distinguishes IPv4 sources by address`() {
        var limiter = RateLimiter()
        #expect(allowed(&limiter, "192.0.2.1") == 5)
        #expect(allowed(&limiter, "192.0.2.2") == 5)
    }

    @Test func `WG-M-11 distinguishes IPv6 sources by their first 64 bits`() {
        var limiter = RateLimiter()
        #expect(allowed(&limiter, "2001:db8:0:1::1") == 5)
        #expect(allowed(&limiter, "2001:db8:0:1:ffff::2") == 0)
        #expect(allowed(&limiter, "2001:db8:0:2::1") == 5)
    }

    @Test func `WG-M-11 refuses only new sources when its table is full`() {
        var limiter = RateLimiter(capacity: 2)
        #expect(allowed(&limiter, "192.0.2.1", asks: 1) == 1)
        #expect(allowed(&limiter, "192.0.2.2", asks: 1) == 1)
        #expect(allowed(&limiter, "192.0.2.3", asks: 1) == 0)
        #expect(allowed(&limiter, "192.0.2.1", asks: 1) == 1)
        #expect(limiter.count == 2)
    }

    @Test func `WG-M-11 forgets a source that was idle for more than a second`() {
        var limiter = RateLimiter(capacity: 2)
        _ = allowed(&limiter, "192.0.2.1", at: .seconds(10))
        _ = allowed(&limiter, "192.0.2.2", at: .milliseconds(10_500))
        #expect(allowed(&limiter, "192.0.2.3", at: .milliseconds(11_001), asks: 1) == 1)
        #expect(limiter.count == 2)
    }

    @Test func `WG-C-10 tolerates a clock that stops or steps back`() {
        var limiter = RateLimiter()
        _ = allowed(&limiter, at: .seconds(10))
        #expect(allowed(&limiter, at: .seconds(9)) == 0)
        #expect(allowed(&limiter, at: .seconds(0)) == 0)
    }
}
