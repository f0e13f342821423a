// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Keeps one peer from taking a whole worker (WG-H-21). Nothing is counted and nobody is held back until the kernel reports that a
/// socket's queue ran over. Then packets are lost anyway, of all peers alike; so for a moment each peer gets at most its even share of the
/// datagrams of a turn, and less with each turn in which still more are lost. What is over it is dropped before it costs a decryption, so
/// that the queue runs empty and those that send little lose nothing more.
///
/// A turn is what a worker takes from one socket before it looks at the other; while the worker keeps up turns are short, and nobody comes
/// near the limit. One thread.
struct FairShare: ~Copyable {
    /// How long a loss is answered.
    static let patience: Duration = .milliseconds(200)
    /// Nobody is held back below this many datagrams in a turn, which takes 64 of them where none came merged.
    static let minimum: UInt32 = 16
    /// The even share is halved at most this often.
    static let greatestStrictness: UInt32 = 4

    /// False while the worker keeps up.
    private(set) var isStrict = false
    private var strictUntil = Instant(nanoseconds: 0)
    private var strictness: UInt32 = 0
    private var hasLost = false
    private var limit = UInt32.max
    private var turn: UInt32 = 1
    private var datagrams: UInt32 = 0
    private var senders: UInt32 = 0
    private let marks = Slab<Mark>(capacity: SharedState.peerLimit)

    /// What a peer sent in the turn named beside it; zeroed is nothing.
    private struct Mark {
        var turn: UInt32
        var datagrams: UInt32
    }

    /// A socket's queue ran over. The first turn after that only counts.
    mutating func noteLoss(now: Instant) {
        strictUntil = now + Self.patience
        hasLost = true
        guard !isStrict else { return }
        isStrict = true
        (datagrams, senders, strictness, limit) = (0, 0, 0, .max)
        turn &+= 1
    }

    /// The worker turns to a socket. Shares are those of the turn before.
    mutating func beginTurn(now: Instant) {
        guard isStrict else { return }
        guard now < strictUntil else {
            isStrict = false
            return
        }
        strictness = hasLost ? min(strictness + 1, Self.greatestStrictness) : strictness - min(strictness, 1)
        limit = senders < 2 ? .max : max(Self.minimum, (datagrams / senders) >> strictness)
        (datagrams, senders, hasLost) = (0, 0, false)
        turn &+= 1
    }

    /// Whether one more datagram of a peer may be taken; asked while `isStrict`.
    mutating func takes(_ peer: UInt32) -> Bool {
        let mark = marks.at(peer)
        if mark.pointee.turn != turn {
            mark.pointee = Mark(turn: turn, datagrams: 0)
            senders += 1
        }
        datagrams += 1
        mark.pointee.datagrams += 1
        return mark.pointee.datagrams <= limit
    }
}
