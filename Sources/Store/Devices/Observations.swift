// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net

extension ReadTransaction {
    /// The recorded observations by public key. Contains no entry for a device that was never seen.
    public func observations() throws -> [PublicKey: PeerSight] {
        let rows = try connection.all(
            """
            SELECT public_key, endpoint, last_handshake_at, greatest_timestamp, timestamp_sent, received_bytes, sent_bytes, last_seen_at,
                last_data_at
            FROM observations
            """
        ) {
            try PeerSight(
                publicKey: $0.key(), endpoint: $0.optional { try $0.parsed("an endpoint") { Endpoint($0) } },
                lastHandshakeAt: $0.optional { try $0.time() }, greatestTimestamp: $0.optional { try $0.blob() },
                timestampSent: $0.optional { try $0.blob() }, receivedBytes: $0.integer(), sentBytes: $0.integer(),
                lastSeenAt: $0.optional { try $0.time() }, lastDataAt: $0.optional { try $0.time() })
        }
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.publicKey, $0) })
    }
}

extension WriteTransaction {
    /// Forgets the times of the newest handshakes of these keys (`ChangeTransaction.forgetTime`).
    public func forgetTimes(of keys: some Sequence<PublicKey>) throws {
        for key in keys { try connection.execute("UPDATE observations SET greatest_timestamp = NULL WHERE public_key = ?", [.key(key)]) }
    }

    /// Writes the observations of these keys. Ignores keys that no device has. A timestamp is written only if it is greater than the
    /// recorded one. The first handshake with a key counts as the delivery of the file that has it.
    public func recordObservations(_ observations: some Sequence<PeerSight>) throws {
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
            if let handshake = observation.lastHandshakeAt { try noteProof(ofKey: observation.publicKey, at: handshake) }
        }
    }

    /// A handshake proves that the device has a file with this key, so at least the file of the generation that made the key.
    private func noteProof(ofKey key: PublicKey, at handshake: UnixTime) throws {
        let lacksKey = "public_key = ? AND (fetched_config_revision IS NULL OR fetched_config_revision < key_revision)"
        guard try connection.exists("SELECT 1 FROM devices WHERE \(lacksKey)", [.key(key)]) else { return }
        try connection.execute("UPDATE generation SET files_fetched = files_fetched + 1 WHERE one = 1")
        try connection.execute(
            """
            UPDATE devices SET fetched_config_revision = key_revision, fetched_at = ?,
                fetch_number = (SELECT files_fetched FROM generation WHERE one = 1)
            WHERE \(lacksKey)
            """,
            [.time(handshake), .key(key)])
    }
}
