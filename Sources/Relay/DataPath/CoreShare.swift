// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// Runs the control side on a worker's thread, between its packets, when both share a single core. Two threads would interrupt each other
/// there for every handshake message; that makes handshakes 5 % slower.
///
/// A turn handles one message, one event and one timer: a few microseconds, or about 0.15 ms with a handshake. It runs when no packet
/// waits, or when packets got as much time as the previous turn took.
struct CoreShare {
    /// How long to wait before the next attempt when `apply` or `status` holds the lock and no signal arrives. They use the core meanwhile.
    private static let retryInterval: Duration = .milliseconds(10)

    private let control: Control
    /// When the next turn is due.
    private var next = Instant(nanoseconds: 0)
    private var isRefused = false
    private var lastTurn: (ended: Instant, took: Duration) = (Instant(nanoseconds: 0), .zero)
    private var lastLook = Instant(nanoseconds: 0)

    init(_ control: Control) { self.control = control }

    /// How long the worker may wait for packets after `run`; nil means without limit.
    var patience: Duration? { next == .never ? nil : max(.zero, next - lastLook) }

    /// The queue's event was signalled: there is a message, an event or a new deadline, or the lock was released.
    mutating func noteCall() {
        control.shared.queue.wake.drain()
        next = Instant(nanoseconds: 0)
        isRefused = false
    }

    /// Runs a turn if one is due and the lock is free. `packetsWait` says whether packets are left in the sockets.
    mutating func run(packetsWait: Bool) {
        let begin = Instant.now()
        lastLook = begin
        if !isRefused, control.shared.queue.isWaiting { next = begin }
        guard next <= begin else { return }
        if packetsWait, begin - lastTurn.ended < lastTurn.took { return }
        if let due = control.lockedIfFree({ control.turn(pieces: 1) }) {
            next = due
            isRefused = false
            lastLook = .now()
            lastTurn = (lastLook, lastLook - begin)
        } else {
            next = begin + Self.retryInterval
            isRefused = true
        }
    }
}
