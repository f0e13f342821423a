// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// One client of the event loop: its socket, its connection state and its registration with the poller.
final class Client {
    let channel: ByteChannel
    let token: UInt64
    var connection: Connection
    /// The interest that is registered with the poller.
    var interest: Poller.Interest = .readable
    /// The interest that the connection needs now.
    var wants: Poller.Interest = .readable
    /// A worker returned its request unanswered. The request is answered when its source has no waiting bytes any more.
    var wasDeferred = false
    /// A step of the TLS handshake is running; the socket is not touched until it is done.
    var isShakingHands = false

    /// The bytes of a PROXY header that is not complete yet; nil if none is expected.
    var proxyHeader: [UInt8]?

    init(_ channel: consuming ByteChannel, token: UInt64, service: Service, now: Instant) {
        connection = Connection(service: service, peer: channel.peer, isTLS: channel.secure != nil, now: now)
        proxyHeader = service.expectsProxyHeader && connection.isFromProxy ? [] : nil
        self.channel = channel
        self.token = token
    }

    var place: Capacity.Place {
        Capacity.Place(token: token, source: connection.source, isKnown: connection.isKnown, standing: connection.standing)
    }
}
