// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// The observations of one peer, from this run and earlier ones. The engine and the pages share this type. It is kept across restarts and
/// belongs to no generation.
public struct PeerSight: Hashable, Sendable {
    /// The peer's public key.
    public var publicKey: PublicKey
    /// The source of the last authenticated packet; nil if there was none.
    public var endpoint: Endpoint?
    /// The time of the last completed handshake; nil if there was none.
    public var lastHandshakeAt: UnixTime?
    /// The greatest TAI64N timestamp of the peer's initiations, 12 bytes; nil if there was none. Never decreases (WG-T-3).
    public var greatestTimestamp: [UInt8]?
    /// The timestamp of the hub's last initiation to the peer, 12 bytes; nil if there was none. The peer accepts no older one. Never
    /// decreases (WG-T-5).
    public var timestampSent: [UInt8]?
    /// Total bytes that the hub received from the peer.
    public var receivedBytes: Int64
    /// Total bytes that the hub sent to the peer.
    public var sentBytes: Int64
    /// The time of the last authenticated packet.
    public var lastSeenAt: UnixTime?
    /// The time of the last data packet from the peer; nil if there were only handshakes and keepalives.
    public var lastDataAt: UnixTime?
    /// The later of the last handshake and the last packet; nil if there was neither.
    public var lastHeardAt: UnixTime? {
        guard let lastHandshakeAt, let lastSeenAt else { return lastHandshakeAt ?? lastSeenAt }
        return max(lastHandshakeAt, lastSeenAt)
    }

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

    /// A copy with missing values taken from `earlier`.
    func filled(from earlier: PeerSight) -> PeerSight {
        var sight = self
        sight.endpoint = endpoint ?? earlier.endpoint
        sight.lastHandshakeAt = lastHandshakeAt ?? earlier.lastHandshakeAt
        sight.greatestTimestamp = greatestTimestamp ?? earlier.greatestTimestamp
        sight.lastSeenAt = lastSeenAt ?? earlier.lastSeenAt
        sight.lastDataAt = lastDataAt ?? earlier.lastDataAt
        return sight
    }
}
