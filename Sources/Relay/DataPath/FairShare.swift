// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Keeps one peer from taking a whole worker (WG-H-21). Nothing is counted or limited until the kernel reports that a socket's queue
/// overflowed, which costs all peers packets alike. From then on, and until nothing was lost for a while, the heaviest peers lose instead of
/// all: about as many of their datagrams are dropped before decryption as would be lost otherwise, the queue drains, and peers that send
/// little lose nothing more.
///
/// The peers share what the worker can handle max-min: a share that a peer does not use goes to the others. So a peer is never held below
/// what the others leave free, and one lost datagram costs about one more.
///
/// Works in windows: what peers sent in one window sets the level for the next one. Used by one thread.
struct FairShare: ~Copyable {
    /// How long datagrams are counted before the level is set anew.
    static let window: Duration = .milliseconds(10)
    /// How long datagrams are counted after the last loss.
    static let patience: Duration = .milliseconds(200)
    /// A peer may always send this many datagrams per window.
    static let minimum: UInt32 = 16
    /// The kernel reports a loss when the datagram after it leaves the queue. So losses within this many windows after a cut say nothing
    /// about that cut.
    private static let settling = 3
    /// Losses that return within this many windows are one overload.
    private static let recurrence = 8
    /// A cut ends after one window without losses. While they return, it shrinks ever more slowly: by a half, down to a 64th per window.
    private static let greatestSteadiness: UInt64 = 6

    /// False while the worker keeps up.
    private(set) var isStrict = false
    private var strictUntil = Instant(nanoseconds: 0)
    private var windowBegan = Instant(nanoseconds: 0)
    private var number: UInt32 = 1

    // The current window.
    private var offered: UInt32 = 0
    private var cut: UInt32 = 0
    private var lost: UInt32 = 0
    private var senders: UInt32 = 0
    /// All datagrams that the worker received, those of no peer too: now and when the window began.
    private var (received, receivedBefore): (UInt64, UInt64) = (0, 0)
    /// What each peer may send in this window, and how many datagrams above that are dropped at most.
    private var level = UInt32.max
    private var budget: UInt64 = 0

    // What was learned from earlier windows, in datagrams per window.
    /// How many more arrive than the worker can handle.
    private var excess: UInt64 = 0
    /// How many the worker can handle, as far as it has shown.
    private var capacity: UInt64 = 0
    private var steadiness: UInt64 = 0
    private var windowsSinceRaise = FairShare.recurrence

    private let marks = Slab<Mark>(capacity: SharedState.peerSlotCount)
    /// The peers of the current window: the first `senders` entries.
    private let active = Slab<UInt32>(capacity: SharedState.peerSlotCount)

    /// The datagrams of a peer in a window. Zeroed memory is a valid empty mark.
    private struct Mark {
        var window: UInt32
        var datagrams: UInt32
    }

    /// Call when a socket's queue overflowed, with the number of lost datagrams. The first window after that only counts.
    mutating func noteLoss(_ count: UInt32, now: Instant) {
        strictUntil = now + Self.patience
        if !isStrict {
            isStrict = true
            (excess, capacity, steadiness, windowsSinceRaise) = (0, 0, 0, Self.recurrence)
            beginWindow(now: now)
        }
        lost = lost.addingReportingOverflow(count).overflow ? .max : lost + count
    }

    /// Call before the worker receives from a socket. `received` is the number of datagrams that it has received so far, from anyone.
    mutating func beginTurn(now: Instant, received: UInt64) {
        self.received = received
        guard isStrict else { return }
        guard now < strictUntil else {
            isStrict = false
            return
        }
        let elapsed = now - windowBegan
        guard elapsed >= Self.window else { return }
        let over = learn(UInt64(elapsed.nanoseconds))
        let next = over == 0 || senders < 2 ? .max : max(Self.minimum, sharedLevel(without: over))
        beginWindow(now: now)
        level = next
        budget = over
    }

    /// Whether one more datagram of a peer may be processed; call only while `isStrict`.
    mutating func takes(_ peer: UInt32) -> Bool {
        let mark = marks.at(peer)
        if mark.pointee.window != number {
            mark.pointee = Mark(window: number, datagrams: 0)
            active.at(senders).pointee = peer
            senders += 1
        }
        offered += 1
        mark.pointee.datagrams += 1
        guard mark.pointee.datagrams > level, budget > 0 else { return true }
        budget -= 1
        cut += 1
        return false
    }

    private mutating func beginWindow(now: Instant) {
        windowBegan = now
        receivedBefore = received
        number &+= 1
        (offered, cut, lost, senders) = (0, 0, 0, 0)
        (level, budget) = (.max, 0)
    }

    /// Learns from a window that took `elapsed` nanoseconds. Returns how many datagrams to drop in the next one.
    private mutating func learn(_ elapsed: UInt64) -> UInt64 {
        let perWindow = { (count: UInt64) in count * UInt64(Self.window.nanoseconds) / elapsed }
        let taken = perWindow(UInt64(offered - cut))
        // Strangers lose their part, and no peer is cut for what they send.
        let lost = perWindow(UInt64(lost) * UInt64(offered) / max(1, UInt64(offered), received &- receivedBefore))
        windowsSinceRaise += 1
        if self.lost > 0 {
            // A worker that just cut too much handled little, but could handle more.
            capacity = max(taken, capacity - capacity / 16)
            if windowsSinceRaise > Self.settling {
                steadiness = windowsSinceRaise <= Self.recurrence ? min(steadiness + 1, Self.greatestSteadiness) : 0
                excess += max(1, lost)
                windowsSinceRaise = 0
            } else {
                excess = max(excess, lost)
            }
        } else {
            capacity = max(taken, capacity)
            excess -= min(excess, max(1, excess >> steadiness))
        }
        // Never more than arrive beyond what the worker can handle.
        let arrived = perWindow(UInt64(offered)) + lost
        excess = min(excess, max(self.lost > 0 ? 1 : 0, arrived - min(arrived, capacity)))
        return excess
    }

    /// The level at which the peers of the window that ends would have sent `over` datagrams fewer. Peers below it keep all they sent.
    private func sharedLevel(without over: UInt64) -> UInt32 {
        let kept = UInt64(offered) - min(over, UInt64(offered))
        var level = kept / UInt64(senders)
        // Each step finds more peers below the level and hands on what these leave. Few steps are enough, since the budget limits the cut.
        for _ in 0..<16 {
            var (below, above): (UInt64, UInt64) = (0, 0)
            for index in 0..<senders {
                let datagrams = UInt64(marks.at(active.at(index).pointee).pointee.datagrams)
                if datagrams <= level { below += datagrams } else { above += 1 }
            }
            let next = above == 0 ? level : (kept - below) / above
            guard next > level else { break }
            level = next
        }
        return UInt32(clamping: level)
    }
}
