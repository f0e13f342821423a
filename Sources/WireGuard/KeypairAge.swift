// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Which side initiated a keypair, and when it was created. With the counter and the time, this decides whether the keypair may be used and
/// when it must be replaced (WG-S-5 to WG-S-10). Workers check it for each packet.
public struct KeypairAge: Equatable, Sendable {
    /// True when we initiated it. The initiator sends with the keypair at once and replaces it by age.
    public var isInitiator: Bool
    public var createdAt: Instant

    @inlinable public init(isInitiator: Bool, createdAt: Instant) {
        self.isInitiator = isInitiator
        self.createdAt = createdAt
    }

    /// Whether we may send with it before receiving with it. The responder may not: it does not know yet whether the initiator has the
    /// keypair (WG-S-5).
    @inlinable public var isConfirmedFromStart: Bool { isInitiator }

    /// Whether it is too old to send or receive with (WG-S-7, WG-S-8).
    @inlinable public func isExpired(at now: Instant) -> Bool { now - createdAt >= Constants.rejectAfterTime }

    /// Whether any message may use this counter (WG-C-1).
    @inlinable public static func allows(counter: UInt64) -> Bool { counter < Constants.rejectAfterMessages }

    /// Whether the next message, with this counter, may be sent (WG-S-7).
    @inlinable public func maySend(counter: UInt64, at now: Instant) -> Bool { !isExpired(at: now) && Self.allows(counter: counter) }

    /// Checks a received message before decryption. Throws `.expiredKey` or `.counterLimit` (WG-S-8).
    @inlinable public func checkReceipt(counter: UInt64, at now: Instant) throws(DropReason) {
        guard !isExpired(at: now) else { throw .expiredKey }
        guard Self.allows(counter: counter) else { throw .counterLimit }
    }

    /// Whether sending a message with this counter requires a new handshake. Both sides renew by counter. Only the initiator renews by
    /// time, so that the two sides do not start at once (WG-S-9).
    @inlinable public func mustRenew(afterSending counter: UInt64, at now: Instant) -> Bool {
        counter > Constants.rekeyAfterMessages || (isInitiator && now - createdAt >= Constants.rekeyAfterTime)
    }

    /// Whether receiving a message requires a new handshake. The limit is chosen so that a passive keepalive and a handshake still fit into
    /// the keypair's lifetime (WG-S-10).
    @inlinable public func mustRenewAfterReceipt(at now: Instant) -> Bool {
        isInitiator && now - createdAt >= Constants.rekeyAfterTimeReceiving
    }
}
