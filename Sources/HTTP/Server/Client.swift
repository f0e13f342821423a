// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// One client of the event loop: its socket, its state, and what the poller knows of it.
final class Client {
    let channel: ByteChannel
    let token: UInt64
    var connection: Connection
    /// What is registered with the poller.
    var interest: Poller.Interest = .readable
    /// What the connection waits for.
    var wants: Poller.Interest = .readable
    /// A worker gave its request back. From then on the request is answered as soon as nothing waits for its source.
    var wasDeferred = false
    /// A step of the TLS handshake is worked on; until it is done the socket is left alone.
    var isShakingHands = false

    init(_ channel: consuming ByteChannel, token: UInt64, service: Service, now: Instant) {
        connection = Connection(service: service, peer: channel.peer, isTLS: channel.secure != nil, now: now)
        self.channel = channel
        self.token = token
    }

    var place: Capacity.Place {
        Capacity.Place(token: token, source: connection.source, isKnown: connection.isKnown, standing: connection.standing)
    }
}
