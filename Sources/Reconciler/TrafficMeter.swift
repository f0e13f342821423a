// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Store

/// What of each key's all-time counts is in the traffic history, and so what is new.
struct TrafficMeter {
    private var counted: [PublicKey: TrafficCell] = [:]

    /// What is stored was counted by the run before.
    init(_ stored: some Sequence<PeerSight> = []) { count(stored) }

    /// What the counts have grown by. Counts that went back say that a key began anew.
    func growth(of seen: PeerSight) -> TrafficCell {
        let bytes = Self.bytes(of: seen)
        guard let earlier = counted[seen.publicKey], earlier.received <= bytes.received, earlier.sent <= bytes.sent else { return bytes }
        return TrafficCell(received: bytes.received - earlier.received, sent: bytes.sent - earlier.sent)
    }

    /// These counts are in the history now.
    mutating func count(_ observations: some Sequence<PeerSight>) {
        for seen in observations { counted[seen.publicKey] = Self.bytes(of: seen) }
    }

    private static func bytes(of seen: PeerSight) -> TrafficCell {
        TrafficCell(received: UInt64(clamping: seen.receivedBytes), sent: UInt64(clamping: seen.sentBytes))
    }
}
