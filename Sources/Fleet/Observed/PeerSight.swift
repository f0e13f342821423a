// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// What was observed of one peer: this run and earlier ones together. The only shape of it between the engine and the pages. Survives a
/// restart, belongs to no generation.
public struct PeerSight: Hashable, Sendable {
    /// Whose packets these were.
    public var publicKey: PublicKey
    /// Where its last authenticated packet came from; nil when none came yet.
    public var endpoint: Endpoint?
    /// When its last handshake was done; nil when there was none yet.
    public var lastHandshakeAt: UnixTime?
    /// The greatest TAI64N timestamp of its initiations, 12 bytes (WG-T-3); nil when none came yet. Never goes back.
    public var greatestTimestamp: [UInt8]?
    /// The timestamp of the hub's last initiation to it, 12 bytes, before which it accepts none (WG-T-5); nil when there was none yet. Never goes back.
    public var timestampSent: [UInt8]?
    /// Bytes that the hub received from it and sent to it, over all time.
    public var receivedBytes: Int64
    /// The other direction.
    public var sentBytes: Int64
    /// When anything authenticated came from it last.
    public var lastSeenAt: UnixTime?
    /// When it sent something that was no keepalive last; nil while only handshakes and keepalives came.
    public var lastDataAt: UnixTime?
    /// The later of its last handshake and its last packet; nil when there was neither.
    public var lastHeardAt: UnixTime? { [lastHandshakeAt, lastSeenAt].compactMap { $0 }.max() }

    public init(
        publicKey: PublicKey, endpoint: Endpoint? = nil, lastHandshakeAt: UnixTime? = nil, greatestTimestamp: [UInt8]? = nil,
        timestampSent: [UInt8]? = nil, receivedBytes: Int64 = 0, sentBytes: Int64 = 0, lastSeenAt: UnixTime? = nil, lastDataAt: UnixTime? = nil
    ) {
        self.publicKey = publicKey
        self.endpoint = endpoint
        self.lastHandshakeAt = lastHandshakeAt
        self.greatestTimestamp = greatestTimestamp
        self.timestampSent = timestampSent
        self.receivedBytes = receivedBytes
        self.sentBytes = sentBytes
        self.lastSeenAt = lastSeenAt
        self.lastDataAt = lastDataAt
    }

    /// The same with what `earlier` knows where this knows nothing.
    func filled(from earlier: PeerSight) -> PeerSight {
        var sight = self
        sight.endpoint = endpoint ?? earlier.endpoint
        sight.lastHandshakeAt = lastHandshakeAt ?? earlier.lastHandshakeAt
        sight.lastSeenAt = lastSeenAt ?? earlier.lastSeenAt
        sight.lastDataAt = lastDataAt ?? earlier.lastDataAt
        return sight
    }
}
