// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Testing
import WireGuard

struct `A replayed initiation` {
    @Test func `WG-T-3 is dropped and changes nothing`() throws {
        let pair = Pair()
        let initiation = try #require(pair.device.initiation(at: .seconds(5)))
        _ = try pair.hub.response(to: initiation, at: .seconds(5))
        #expect(throws: DropReason.timestampReplay) { try pair.hub.accept(initiation, at: .seconds(6)) }
        #expect(pair.hub.other.greatestTimestamp == .at(.seconds(5)))
    }

    @Test func `WG-T-3 is also one that is older than the last`() throws {
        let pair = Pair()
        let old = try #require(pair.device.initiation(at: .seconds(5)))
        let new = try #require(pair.device.initiation(at: .seconds(10)))
        _ = try pair.hub.response(to: new, at: .seconds(10))
        #expect(throws: DropReason.timestampReplay) { try pair.hub.accept(old, at: .seconds(11)) }
    }

    @Test func `WG-N-11 does not change our own pending handshake`() throws {
        let pair = Pair()
        let initiation = try #require(pair.device.initiation(at: .seconds(5)))
        _ = try pair.hub.response(to: initiation, at: .seconds(5))
        let ours = try #require(pair.hub.initiation(at: .seconds(20), index: 77))
        #expect(throws: DropReason.timestampReplay) { try pair.hub.accept(initiation, at: .seconds(20)) }
        #expect(pair.hub.other.pendingIndex == 77)
        let (response, keys) = try pair.device.response(to: ours, at: .seconds(20))
        #expect(agree(keys, try pair.hub.take(response: response, at: .seconds(20))))
    }

    @Test func `WG-T-7 is the second one within a slot of 2^24 nanoseconds`() throws {
        let pair = Pair()
        let slot: Duration = .seconds(1) + .nanoseconds(10 << 24)
        let first = try #require(pair.device.initiation(timestamp: .at(slot)))
        let second = try #require(pair.device.initiation(timestamp: .at(slot + .nanoseconds(1 << 24 - 1))))
        let third = try #require(pair.device.initiation(timestamp: .at(slot + .nanoseconds(1 << 24))))
        _ = try pair.hub.response(to: first, at: .seconds(1))
        #expect(throws: DropReason.timestampReplay) { try pair.hub.accept(second, at: .seconds(2)) }
        _ = try pair.hub.response(to: third, at: .seconds(3))
    }

    @Test func `WG-T-4 is recognised even after a new preshared key and a new session`() throws {
        let pair = Pair()
        let initiation = try #require(pair.device.initiation(at: .seconds(5)))
        _ = try pair.hub.response(to: initiation, at: .seconds(5))
        pair.hub.other.presharedKey = PresharedKey.generate().bytes
        pair.hub.other.clearPending()
        #expect(throws: DropReason.timestampReplay) { try pair.hub.accept(initiation, at: .seconds(600)) }
    }

    @Test func `WG-T-4 is not recognised by a peer that was removed and added again`() throws {
        let pair = Pair()
        let initiation = try #require(pair.device.initiation(at: .seconds(5)))
        _ = try pair.hub.response(to: initiation, at: .seconds(5))
        let again = Side(privateKey: pair.hub.identity.privateKey, other: pair.device.identity.publicKey)
        #expect(again.other.greatestTimestamp == .zero)
        _ = try again.response(to: initiation, at: .seconds(6))
    }

    @Test func `WG-T-6 is recognised after a restart that kept the timestamp`() throws {
        let pair = Pair()
        let initiation = try #require(pair.device.initiation(at: .seconds(5)))
        _ = try pair.hub.response(to: initiation, at: .seconds(5))
        let kept = pair.hub.other.greatestTimestamp
        pair.hub.other = PeerHandshake(
            publicKey: pair.device.identity.publicKey, presharedKey: nil, greatestTimestamp: kept)
        #expect(throws: DropReason.timestampReplay) { try pair.hub.accept(initiation, at: .seconds(1)) }
        _ = try pair.hub.response(to: try #require(pair.device.initiation(at: .seconds(6))), at: .seconds(2))
    }
}

struct `A flood of initiations` {
    @Test(arguments: [(19, false), (20, true), (21, true)])
    func `WG-C-4 is accepted once every 20 milliseconds`(gap: Int, isAccepted: Bool) throws {
        let pair = Pair()
        let first = try #require(pair.device.initiation(timestamp: .at(.seconds(1))))
        let second = try #require(pair.device.initiation(timestamp: .at(.seconds(2))))
        _ = try pair.hub.accept(first, at: .seconds(10))
        if isAccepted {
            _ = try pair.hub.accept(second, at: .seconds(10) + .milliseconds(gap))
        } else {
            #expect(throws: DropReason.initiationFlood) { try pair.hub.accept(second, at: .seconds(10) + .milliseconds(gap)) }
        }
    }

    @Test func `WG-C-4 neither records the timestamp of a refused one nor restarts the 20 milliseconds`() throws {
        let pair = Pair()
        let first = try #require(pair.device.initiation(timestamp: .at(.seconds(1))))
        let second = try #require(pair.device.initiation(timestamp: .at(.seconds(2))))
        _ = try pair.hub.accept(first, at: .seconds(10))
        #expect(throws: DropReason.initiationFlood) { try pair.hub.accept(second, at: .milliseconds(10_010)) }
        #expect(pair.hub.other.greatestTimestamp == .at(.seconds(1)))
        _ = try pair.hub.accept(second, at: .milliseconds(10_020))
    }
}
