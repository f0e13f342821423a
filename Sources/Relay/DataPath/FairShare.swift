// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Keeps one peer from taking a whole worker (WG-H-21). Nothing is counted or limited until the kernel reports that a socket's queue
/// overflowed, which costs all peers packets alike. Then, for a short time, each peer gets at most an equal share of the datagrams of a
/// turn, and a smaller share after each turn with further losses. Excess datagrams are dropped before decryption. The queue drains, and
/// peers that send little lose nothing more.
///
/// A turn is what a worker takes from one socket before it polls the other one. Turns are short while the worker keeps up, so no peer comes
/// near the limit. Used by one thread.
struct FairShare: ~Copyable {
    /// How long shares stay limited after a loss.
    static let patience: Duration = .milliseconds(200)
    /// The minimum share, in datagrams per turn. A turn takes 64 datagrams when none arrive merged.
    static let minimum: UInt32 = 16
    /// How often the equal share is halved at most.
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
    private let marks = Slab<Mark>(capacity: SharedState.peerSlotCount)

    /// The datagrams of a peer in turn number `turn`. Zeroed memory is a valid empty mark.
    private struct Mark {
        var turn: UInt32
        var datagrams: UInt32
    }

    /// Call when a socket's queue overflowed. The first turn after that only counts.
    mutating func noteLoss(now: Instant) {
        strictUntil = now + Self.patience
        hasLost = true
        guard !isStrict else { return }
        isStrict = true
        (datagrams, senders, strictness, limit) = (0, 0, 0, .max)
        turn &+= 1
    }

    /// Call before the worker receives from a socket. Shares are computed from the previous turn.
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

    /// Whether one more datagram of a peer may be processed; call only while `isStrict`.
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
