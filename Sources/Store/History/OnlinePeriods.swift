// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net

/// A period in which a device kept its session from one endpoint.
public struct OnlinePeriod: Hashable, Sendable {
    /// The time of the handshake, or of the packet from a new endpoint, that began the session.
    public let beganAt: UnixTime
    /// The time at which the device was last heard. The newest session may still continue.
    public let heardAt: UnixTime
    /// The endpoint of the device.
    public let endpoint: Endpoint

    /// The number of sessions kept per device.
    public static let limit = 20
    /// Seconds. A session ends 180 seconds after its last handshake (REJECT_AFTER_TIME, Documentation/protocol.md section 2). The limit
    /// allows for a delay until the next handshake is seen.
    static let longestGap: Int64 = 190
}

extension ReadTransaction {
    /// The sessions of a device, newest first.
    public func onlinePeriods(ofDevice id: String) throws -> [OnlinePeriod] {
        try connection.all(
            "SELECT began_at, heard_at, endpoint FROM device_sessions WHERE device_id = ? ORDER BY began_at DESC LIMIT ?",
            [.text(id), .integer(Int64(OnlinePeriod.limit))]
        ) {
            try OnlinePeriod(
                beganAt: $0.time(), heardAt: $0.time(), endpoint: $0.parsed("an endpoint") { Endpoint($0) })
        }
    }
}

extension WriteTransaction {
    /// Records where these keys were heard, by their last handshake or packet. If the endpoint is the same and there was no gap, the
    /// session continues. Otherwise a new one begins.
    public func recordOnlinePeriods(of observations: some Sequence<PeerSight>) throws {
        for seen in observations {
            guard let endpoint = seen.endpoint, let at = seen.lastHeardAt else { continue }
            let goesOn = try connection.execute(
                """
                UPDATE device_sessions SET heard_at = max(heard_at, ?1)
                WHERE (device_id, began_at) =
                    (SELECT device_id, max(began_at) FROM device_sessions WHERE device_id = (SELECT id FROM devices WHERE public_key = ?2))
                AND endpoint = ?3 AND heard_at >= ?1 - ?4
                """,
                [.time(at), .key(seen.publicKey), .text(endpoint.description), .integer(OnlinePeriod.longestGap)])
            if goesOn == 0 { try begin(OnlinePeriod(beganAt: at, heardAt: at, endpoint: endpoint), of: seen.publicKey) }
        }
    }

    private func begin(_ session: OnlinePeriod, of key: PublicKey) throws {
        let isDevice = try connection.execute(
            """
            INSERT OR REPLACE INTO device_sessions (device_id, began_at, heard_at, endpoint)
            SELECT id, ?, ?, ? FROM devices WHERE public_key = ?
            """,
            [.time(session.beganAt), .time(session.heardAt), .text(session.endpoint.description), .key(key)])
        guard isDevice > 0 else { return }
        try connection.execute(
            """
            DELETE FROM device_sessions WHERE (device_id, began_at) IN (
                SELECT device_id, began_at FROM device_sessions WHERE device_id = (SELECT id FROM devices WHERE public_key = ?)
                ORDER BY began_at DESC LIMIT -1 OFFSET ?)
            """,
            [.key(key), .integer(Int64(OnlinePeriod.limit))])
    }
}
