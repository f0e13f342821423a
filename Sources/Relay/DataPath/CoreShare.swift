// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// Gives the control side its turns on a worker's thread, between its packets, where both have one core between them: two threads would
/// interrupt each other there for every handshake message, which costs a twentieth of the handshakes.
///
/// A turn is one message, one event and one timer: a few microseconds, or some 0.15 ms for a handshake. It comes when no packet waits, or when
/// packets had as much time as the turn before.
struct CoreShare {
    /// When it is tried again while a change or a question is inside the control side, should nobody call: the core is theirs meanwhile.
    private static let retryInterval: Duration = .milliseconds(10)

    private let control: Control
    /// When a turn is due.
    private var next = Instant(nanoseconds: 0)
    private var isRefused = false
    private var lastTurn: (ended: Instant, took: Duration) = (Instant(nanoseconds: 0), .zero)
    private var lastLook = Instant(nanoseconds: 0)

    init(_ control: Control) { self.control = control }

    /// How long the worker may wait for packets after `run`; nil is for ever.
    var patience: Duration? { next == .never ? nil : max(.zero, next - lastLook) }

    /// The queue's event was signalled: there is a message, an event or a new deadline, or whoever was inside has left.
    mutating func noteCall() {
        control.shared.queue.wake.drain()
        next = Instant(nanoseconds: 0)
        isRefused = false
    }

    /// Gives the control side a turn if one is due and nobody else is inside. `packetsWait` says that the worker left some.
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
