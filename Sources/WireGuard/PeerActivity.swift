// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// When the data path last did what: the only thing it writes for the timers. Nil is "nothing outstanding".
/// A stamp is acted on once; it is cleared when the doc of an action says so, and then set anew by the next packet.
public struct PeerActivity: Sendable, Equatable {
    /// The first data received since anything authenticated was sent (starts the passive keepalive, WG-I-2).
    public var unansweredReceive: Instant?
    /// The last data received.
    public var lastDataReceived: Instant?
    /// The first data sent since anything authenticated was received (starts the dead-peer timer, WG-I-3).
    public var unacknowledgedSend: Instant?
    /// The last authenticated packet either way (restarts the persistent keepalive, WG-I-5).
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
