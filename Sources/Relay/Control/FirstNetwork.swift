// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// The network in which the hub knew a peer before another machine came with its key, and whether the hub keeps to it. A network is an IPv4 address
/// or an IPv6 /64, because ports and host parts change by themselves.
///
/// A second machine must begin with a handshake from its own network. The first such handshake of a series tells where the peer was before. Only
/// when the two are seen to alternate (`MoveCell`) is that more than roaming.
struct FirstNetwork {
    /// A series ends, and the first machine is taken to be gone, after this time: no session outlives it.
    static let span = MoveCell.span

    /// Where the peer was before the series.
    private var first = UDPAddress()
    /// When a handshake last came from another network than the one before.
    @Packed private var changedAt: Instant?
    /// True while the hub keeps to `first`.
    private(set) var isKept = false

    /// A handshake of the peer was accepted from `source`; the peer was at `before`.
    mutating func note(from before: UDPAddress, to source: UDPAddress, now: Instant) {
        guard !before.isUnset, !Self.isSame(before, source) else { return }
        if changedAt.map({ now - $0 >= Self.span }) ?? true { first = before }
        changedAt = now
        // The first machine was silent for long: whoever is here now has the key.
        isKept = false
    }

    /// Two machines alternate: keeps to the first network. Returns where the peer was there; nil if that is not known, or known to be the same.
    mutating func keep(now: Instant) -> UDPAddress? {
        guard !first.isUnset, let changedAt, now - changedAt < Self.span else { return nil }
        isKept = true
        return first
    }

    /// Whether a handshake from `source` is refused. `current` is where the peer is: only the first machine has a session now, so the peer may
    /// have moved within that session. `lastHeard` is when that session was last heard.
    func refuses(_ source: UDPAddress, current: UDPAddress, lastHeard: Instant, now: Instant) -> Bool {
        isKept && !Self.isSame(first, source) && !Self.isSame(current, source) && now - lastHeard < Self.span
    }

    /// True if the addresses are in one network.
    static func isSame(_ a: UDPAddress, _ b: UDPAddress) -> Bool {
        switch (a.endpoint?.address, b.endpoint?.address) {
        case (.v4(let a)?, .v4(let b)?): a == b
        case (.v6(let a)?, .v6(let b)?): a.high == b.high
        default: false
        }
    }
}
