// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Store

/// Which part of each key's total counts is already in the traffic history, and so which part is new.
struct TrafficMeter {
    private var counted: [PublicKey: TrafficCell] = [:]

    /// Stored counts are already in the history.
    init(_ stored: some Sequence<PeerSight> = []) { count(stored) }

    /// How much the counts have grown. Lower counts mean that the key started from zero again.
    func growth(of seen: PeerSight) -> TrafficCell {
        let bytes = Self.bytes(of: seen)
        guard let earlier = counted[seen.publicKey], earlier.received <= bytes.received, earlier.sent <= bytes.sent else { return bytes }
        return TrafficCell(received: bytes.received - earlier.received, sent: bytes.sent - earlier.sent)
    }

    /// Records that these counts are now in the history.
    mutating func count(_ observations: some Sequence<PeerSight>) {
        for seen in observations { counted[seen.publicKey] = Self.bytes(of: seen) }
    }

    private static func bytes(of seen: PeerSight) -> TrafficCell {
        TrafficCell(received: UInt64(clamping: seen.receivedBytes), sent: UInt64(clamping: seen.sentBytes))
    }
}
