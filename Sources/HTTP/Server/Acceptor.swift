// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// Accepts connections from the listener. When the process has no descriptor left, it pauses, because a connection that cannot be accepted
/// would wake the loop again and again.
struct Acceptor: ~Copyable {
    enum Outcome: ~Copyable {
        case none
        case stream(SocketStream)
        case exhausted(Errno)
    }

    private var listener: Listener?
    private var spare: Descriptor?
    /// When a paused listener is enabled again.
    private(set) var wakes = Instant(nanoseconds: 0)
    private(set) var isResting = false
    private var pause = Acceptor.shortestPause

    private static let shortestPause = Duration.milliseconds(50)
    private static let longestPause = Duration.milliseconds(500)

    init(listener: consuming Listener, spare: consuming Descriptor) {
        self.listener = consume listener
        self.spare = consume spare
    }

    mutating func accept() -> Outcome {
        do {
            guard let stream = try listener?.accept() else { return .none }
            pause = Self.shortestPause
            return .stream(stream)
        } catch {
            return .exhausted(error)
        }
    }

    /// Closes the oldest waiting connection through a spare descriptor, then pauses the listener. Each pause is longer than the one before.
    mutating func rest(_ poller: borrowing Poller, now: Instant) {
        spare = nil
        _ = try? listener?.accept()
        spare = try? Descriptor.spare()
        isResting = true
        wakes = now + pause
        pause = min(pause * 2, Self.longestPause)
        change(poller, to: [])
    }

    mutating func resume(_ poller: borrowing Poller) {
        isResting = false
        if spare == nil { spare = try? Descriptor.spare() }
        change(poller, to: .readable)
    }

    mutating func close() {
        listener = nil
        isResting = false
    }

    private func change(_ poller: borrowing Poller, to interest: Poller.Interest) {
        // If the poller does not know the listener any more, the next stop closes it; there is nothing else to do.
        try? listener?.change(poller, to: interest)
    }
}
