// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization
import WireGuard

/// Decides whether senders of handshake messages must prove their address with a cookie (WG-M-5). Load is time and unproved messages, not the
/// length of the queue: after an outage, all devices call at once, and cookies would make most of them wait five seconds for nothing.
///
/// Messages from unverified addresses use up a credit, which is refilled at a constant rate; a message that proves to come from a known peer
/// gets its part back. While credit is left and the backlog is shorter than two and a half seconds of work at the measured rate, nobody needs a
/// cookie. A flood uses up the credit in no time, and then the kernel's rule applies. A message of a stranger takes a third of the time of a
/// handshake, so all of the credit is about half a second of work.
struct HandshakeLoad: ~Copyable, Sendable {
    /// How many unverified messages are let in at once, and how many per second from then on.
    static let credit = 12_000
    static let refillPerSecond = 500
    /// The longest backlog without cookies. Ten thousand handshakes take about two seconds.
    static let backlogLimit: Duration = .milliseconds(2500)
    /// The longest backlog. Those who proved their address must still find room when the others need cookies.
    static let queueLimit: Duration = .seconds(3)
    /// How long the kernel's rule asks for cookies after the queue was an eighth full.
    static let memory: Duration = .seconds(1)

    private static let step = UInt64(1_000_000_000 / refillPerSecond)

    /// When the credit will be full again, in nanoseconds. Each message moves this by one step.
    private let spentUntil = Atomic<UInt64>(0)
    private let loadedUntil = Atomic<UInt64>(0)
    /// Nanoseconds of work per message, with whatever else the thread does meanwhile. Written by the control side.
    private let workPerMessage = Atomic<UInt64>(200_000)

    /// Whether the sender of a message must prove its address, when `backlog` messages wait. If not, the message has used up its credit.
    borrowing func asksForProof(backlog: Int, now: Instant) -> Bool {
        if work(of: backlog) < Self.backlogLimit, spend(now: now) { return false }
        if backlog >= Constants.handshakesUnderLoad {
            loadedUntil.store((now + Self.memory).nanoseconds, ordering: .relaxed)
            return true
        }
        return now.nanoseconds < loadedUntil.load(ordering: .relaxed)
    }

    /// How many messages may wait: as many as can be handled in `queueLimit`, at least those that put the hub under load, and never more than
    /// the memory allows (WG-C-7).
    var queueCapacity: Int {
        let inTime = UInt64(Self.queueLimit.nanoseconds) / max(1, workPerMessage.load(ordering: .relaxed))
        return Int(min(UInt64(Constants.handshakeQueue), max(UInt64(2 * Constants.handshakesUnderLoad), inTime)))
    }

    /// How long so many messages take, at the measured rate.
    borrowing func work(of messages: Int) -> Duration { .nanoseconds(Int64(clamping: UInt64(messages) * workPerMessage.load(ordering: .relaxed))) }

    /// A message from an unverified address proved to come from a known peer.
    borrowing func giveBack() {
        let spent = spentUntil.load(ordering: .relaxed)
        // If another thread changes it now, one part of the credit comes back later, with time.
        if spent > Self.step { _ = spentUntil.compareExchange(expected: spent, desired: spent - Self.step, ordering: .relaxed) }
    }

    /// The control side handled `messages` messages in this time, while more of them waited.
    borrowing func note(_ messages: Int, took duration: Duration) {
        let sample = UInt64(clamping: duration.nanoseconds) / UInt64(max(1, messages))
        let before = workPerMessage.load(ordering: .relaxed)
        // One long sample is probably a change or a query that held the lock.
        workPerMessage.store(before - before / 16 + min(sample, before * 4 + 1000) / 16, ordering: .relaxed)
    }

    private borrowing func spend(now: Instant) -> Bool {
        var spent = spentUntil.load(ordering: .relaxed)
        while true {
            let next = max(spent, now.nanoseconds) + Self.step
            guard next - now.nanoseconds <= UInt64(Self.credit) * Self.step else { return false }
            let (exchanged, original) = spentUntil.weakCompareExchange(expected: spent, desired: next, ordering: .relaxed)
            if exchanged { return true }
            spent = original
        }
    }
}
