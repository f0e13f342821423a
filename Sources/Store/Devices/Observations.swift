// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// What the engine saw of one device's key. Survives a restart, belongs to no generation.
public struct Observation: Hashable, Sendable {
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
}

extension ReadTransaction {
    /// What was recorded, by public key. Devices that never showed up are missing.
    public func observations() throws -> [PublicKey: Observation] {
        let rows = try connection.all(
            """
            SELECT public_key, endpoint, last_handshake_at, greatest_timestamp, timestamp_sent, received_bytes, sent_bytes, last_seen_at,
                last_data_at
            FROM observations
            """
        ) {
            try Observation(
                publicKey: $0.key(), endpoint: $0.optional { try $0.parsed("an endpoint") { Endpoint($0) } },
                lastHandshakeAt: $0.optional { try $0.time() }, greatestTimestamp: $0.optional { try $0.blob() },
                timestampSent: $0.optional { try $0.blob() }, receivedBytes: $0.integer(), sentBytes: $0.integer(),
                lastSeenAt: $0.optional { try $0.time() }, lastDataAt: $0.optional { try $0.time() })
        }
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.publicKey, $0) })
    }
}

extension WriteTransaction {
    /// Replaces what is recorded of these keys. A key that no device has (any more) is passed over, and a timestamp below the recorded one
    /// leaves that.
    public func recordObservations(_ observations: some Sequence<Observation>) throws {
        for observation in observations {
            try connection.execute(
                """
                INSERT INTO observations (public_key, endpoint, last_handshake_at, greatest_timestamp, timestamp_sent, received_bytes, sent_bytes,
                    last_seen_at, last_data_at)
                SELECT public_key, ?, ?, ?, ?, ?, ?, ?, ? FROM devices WHERE public_key = ?
                ON CONFLICT (public_key) DO UPDATE SET
                    endpoint = excluded.endpoint, last_handshake_at = excluded.last_handshake_at,
                    greatest_timestamp = CASE
                        WHEN excluded.greatest_timestamp IS NULL OR excluded.greatest_timestamp < observations.greatest_timestamp
                        THEN observations.greatest_timestamp ELSE excluded.greatest_timestamp END,
                    timestamp_sent = CASE
                        WHEN excluded.timestamp_sent IS NULL OR excluded.timestamp_sent < observations.timestamp_sent
                        THEN observations.timestamp_sent ELSE excluded.timestamp_sent END,
                    received_bytes = excluded.received_bytes, sent_bytes = excluded.sent_bytes, last_seen_at = excluded.last_seen_at,
                    last_data_at = excluded.last_data_at
                """,
                [
                    .optional(text: observation.endpoint?.description), .optional(time: observation.lastHandshakeAt),
                    .optional(blob: observation.greatestTimestamp), .optional(blob: observation.timestampSent), .integer(observation.receivedBytes),
                    .integer(observation.sentBytes),
                    .optional(time: observation.lastSeenAt), .optional(time: observation.lastDataAt), .key(observation.publicKey),
                ])
        }
    }
}
