// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The times of the last events in the data path: all that it writes for the timers. Nil means that nothing is outstanding.
/// Each time triggers at most one action. An action's documentation says when to clear the time; the next packet sets it again.
public struct PeerActivity: Sendable, Equatable {
    /// The first data received since we last sent anything authenticated (starts the passive keepalive, WG-I-2).
    public var unansweredReceive: Instant?
    /// The last data received.
    public var lastDataReceived: Instant?
    /// The first data sent since we last received anything authenticated (starts the dead-peer timer, WG-I-3).
    public var unacknowledgedSend: Instant?
    /// The last authenticated packet in either direction (restarts the persistent keepalive, WG-I-5).
    public var lastAuthenticated: Instant?

    public init(
        unansweredReceive: Instant? = nil, lastDataReceived: Instant? = nil, unacknowledgedSend: Instant? = nil,
        lastAuthenticated: Instant? = nil
    ) {
        self.unansweredReceive = unansweredReceive
        self.lastDataReceived = lastDataReceived
        self.unacknowledgedSend = unacknowledgedSend
        self.lastAuthenticated = lastAuthenticated
    }
}
