// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import HTTP
import Net
import Relay
import Store
import Words

/// The state of a device in the running hub, for `hairpin device show`.
struct LiveDevice {
    /// Nil if no hub is running or the hub does not run this device.
    private let report: PeerReport?
    private let names: [PublicKey: String]

    init(_ report: PeerReport?, names: [PublicKey: String]) {
        self.report = report
        self.names = names
    }

    /// The state as named values; null without a running hub.
    var row: Listing.Row {
        [
            ("endpoint_now", report?.endpoint.map { .string($0.description) } ?? .null),
            ("last_handshake_at", time(report?.lastHandshake)), ("last_received_at", time(report?.lastReceived)),
            ("received_bytes", count(report?.sentBytes)), ("sent_bytes", count(report?.receivedBytes)),
            ("contested", .array((report?.contested ?? []).map { .string($0.description) })),
        ]
    }

    /// Dropped packets from and to the device, most frequent first.
    var drops: JSON { report == nil ? .null : .array(dropRows.map { .object($0.map { ($0.name, $0.value) }) }) }

    var dropRows: [Listing.Row] {
        (report?.drops ?? []).map { drop in
            [
                ("reason", .string(drop.reason.name)), ("from", name(drop.from)), ("to", name(drop.to)), ("count", count(drop.count)),
                ("last_at", time(drop.lastAt)),
            ]
        }
    }

    private func name(_ key: PublicKey?) -> JSON { key.map { .string(names[$0] ?? $0.base64) } ?? .null }
    private func count(_ number: UInt64?) -> JSON { number.map { .integer(Int64(clamping: $0)) } ?? .null }
    private func time(_ seconds: Int64?) -> JSON { seconds.map { .string(UnixTime(seconds: $0).iso) } ?? .null }
}
