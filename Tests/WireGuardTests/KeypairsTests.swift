// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

@testable import WireGuard

/// Which keypairs change roles and which end at each step (WG-S-3 to WG-S-5).
@Suite struct `Rotation of keypairs` {
    private func places(_ keypairs: Keypairs<Int>) -> [Int?] { [keypairs.current, keypairs.previous, keypairs.next] }

    @Test func `WG-S-3 the initiator sends with a new keypair at once and keeps the one before`() {
        var keypairs = Keypairs<Int>()
        #expect(keypairs.addAsInitiator(1) == [])
        #expect(places(keypairs) == [1, nil, nil])
        #expect(keypairs.addAsInitiator(2) == [])
        #expect(places(keypairs) == [2, 1, nil])
        #expect(keypairs.addAsInitiator(3) == [1])
        #expect(places(keypairs) == [3, 2, nil])
    }

    @Test func `WG-S-3 a waiting keypair becomes previous when our own initiation is answered, and the current one ends`() {
        var keypairs = Keypairs<Int>()
        _ = keypairs.addAsInitiator(1)
        _ = keypairs.addAsResponder(2)
        #expect(keypairs.addAsInitiator(3) == [1])
        #expect(places(keypairs) == [3, 2, nil])
    }

    @Test func `WG-S-3 a waiting keypair becomes previous even if there is no current one`() {
        var keypairs = Keypairs<Int>()
        _ = keypairs.addAsResponder(1)
        #expect(keypairs.addAsInitiator(2) == [])
        #expect(places(keypairs) == [2, 1, nil])
    }

    @Test func `WG-S-4 the responder's new keypair waits, and the current one stays`() {
        var keypairs = Keypairs<Int>()
        #expect(keypairs.addAsResponder(1) == [])
        #expect(places(keypairs) == [nil, nil, 1])
        _ = keypairs.confirmNext()
        _ = keypairs.addAsInitiator(2)
        #expect(places(keypairs) == [2, 1, nil])
        #expect(keypairs.addAsResponder(3) == [1])
        #expect(places(keypairs) == [2, nil, 3])
        #expect(keypairs.addAsResponder(4) == [3])
        #expect(places(keypairs) == [2, nil, 4])
    }

    @Test func `WG-S-5 WG-S-6 the first packet under next makes it current, and current becomes previous`() {
        var keypairs = Keypairs<Int>()
        _ = keypairs.addAsInitiator(1)
        _ = keypairs.addAsInitiator(2)
        _ = keypairs.addAsResponder(3)
        #expect(keypairs.confirmNext() == [])
        #expect(places(keypairs) == [3, 2, nil])
        // A second notice of the same packet.
        #expect(keypairs.confirmNext() == [])
        #expect(places(keypairs) == [3, 2, nil])
    }

    @Test func `WG-L-2 WG-I-4 ending all keypairs leaves none`() {
        var keypairs = Keypairs<Int>()
        _ = keypairs.addAsInitiator(1)
        _ = keypairs.addAsInitiator(2)
        #expect(keypairs.removeAll() == [2, 1])
        _ = keypairs.addAsInitiator(3)
        _ = keypairs.addAsResponder(4)
        #expect(keypairs.removeAll() == [3, 4])
        #expect(places(keypairs) == [nil, nil, nil])
        #expect(keypairs.all.isEmpty)
    }

    /// In any order of events, each keypair has one role or ended once, and a responder's keypair is never used for sending before it is confirmed.
    @Test func `no keypair is lost or ends twice`() {
        var random = SystemRandomNumberGenerator()
        var keypairs = Keypairs<Int>()
        var (ended, unconfirmed): (Set<Int>, Set<Int>) = ([], [])
        for name in 0..<10_000 {
            let gone: [Int]
            switch UInt8.random(in: 0..<9, using: &random) {
            case 0..<4:
                gone = keypairs.addAsInitiator(name)
                #expect(keypairs.current == name)
            case 4..<8:
                gone = keypairs.addAsResponder(name)
                unconfirmed.insert(name)
            default:
                gone = keypairs.removeAll()
                ended.insert(name)
            }
            #expect(ended.isDisjoint(with: gone))
            ended.formUnion(gone)
            #expect(ended.count + keypairs.all.count == name + 1)
            #expect(ended.isDisjoint(with: keypairs.all))
            if let current = keypairs.current { #expect(!unconfirmed.contains(current)) }
            guard Bool.random(using: &random), let next = keypairs.next else { continue }
            unconfirmed.remove(next)
            ended.formUnion(keypairs.confirmNext())
            #expect(keypairs.current == next)
        }
    }
}

/// When a keypair may be used and when it must be renewed: at each limit and just before it.
@Suite struct `Age of keypairs` {
    private static let start = Instant(nanoseconds: 1_000_000_000_000)
    private let ours = KeypairAge(isInitiator: true, createdAt: start)
    private let theirs = KeypairAge(isInitiator: false, createdAt: start)

    private func at(_ seconds: Int, minus nanoseconds: Int = 0) -> Instant { Self.start + .seconds(seconds) - .nanoseconds(nanoseconds) }

    @Test func `WG-S-5 only the initiator may send before it receives anything`() {
        #expect(ours.isConfirmedFromStart)
        #expect(!theirs.isConfirmedFromStart)
    }

    @Test func `WG-S-7 nothing is sent from 180 seconds on`() {
        for age in [ours, theirs] {
            #expect(age.maySend(counter: 0, at: at(180, minus: 1)))
            #expect(!age.maySend(counter: 0, at: at(180)))
            #expect(!age.isExpired(at: at(180, minus: 1)))
            #expect(age.isExpired(at: at(180)))
        }
    }

    @Test func `WG-S-7 WG-C-1 nothing is sent with the last counters`() {
        #expect(Constants.rejectAfterMessages == UInt64.max - 8192)
        for age in [ours, theirs] {
            #expect(age.maySend(counter: UInt64.max - 8193, at: at(0)))
            #expect(!age.maySend(counter: UInt64.max - 8192, at: at(0)))
            #expect(!age.maySend(counter: .max, at: at(0)))
        }
    }

    @Test func `WG-S-8 nothing is accepted from 180 seconds on, nor with the last counters`() throws {
        for age in [ours, theirs] {
            try age.checkReceipt(counter: UInt64.max - 8193, at: at(180, minus: 1))
            #expect(throws: DropReason.expiredKey) { try age.checkReceipt(counter: 0, at: at(180)) }
            #expect(throws: DropReason.counterLimit) { try age.checkReceipt(counter: UInt64.max - 8192, at: at(0)) }
            #expect(throws: DropReason.expiredKey) { try age.checkReceipt(counter: .max, at: at(180)) }
        }
    }

    @Test func `WG-S-9 the initiator that sends renews from 120 seconds on, the responder does not`() {
        #expect(!ours.mustRenew(afterSending: 0, at: at(120, minus: 1)))
        #expect(ours.mustRenew(afterSending: 0, at: at(120)))
        #expect(!theirs.mustRenew(afterSending: 0, at: at(120)))
        #expect(!theirs.mustRenew(afterSending: 0, at: at(179)))
    }

    @Test func `WG-S-9 both renew after 2^60 messages`() {
        for age in [ours, theirs] {
            #expect(!age.mustRenew(afterSending: 1 << 60, at: at(0)))
            #expect(age.mustRenew(afterSending: (1 << 60) + 1, at: at(0)))
        }
    }

    @Test func `WG-S-10 the initiator that receives renews from 165 seconds on, the responder does not`() {
        #expect(!ours.mustRenewAfterReceipt(at: at(165, minus: 1)))
        #expect(ours.mustRenewAfterReceipt(at: at(165)))
        #expect(!theirs.mustRenewAfterReceipt(at: at(179)))
    }
}
