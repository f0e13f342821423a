// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Who began a keypair and when: all that decides, with its counter and the time, whether it may be used and when its successor is due
/// (WG-S-5 to WG-S-10). Workers ask this for each packet.
public struct KeypairAge: Equatable, Sendable {
    /// The initiator sends under a keypair at once and renews it by time.
    public var isInitiator: Bool
    public var createdAt: Instant

    @inlinable public init(isInitiator: Bool, createdAt: Instant) {
        self.isInitiator = isInitiator
        self.createdAt = createdAt
    }

    /// Whether it may be sent with before anything came under it: not by the responder, who cannot know yet that the initiator has it (WG-S-5).
    @inlinable public var isConfirmedFromStart: Bool { isInitiator }

    /// Too old to send with or to accept (WG-S-7, WG-S-8).
    @inlinable public func isExpired(at now: Instant) -> Bool { now - createdAt >= Constants.rejectAfterTime }

    /// Whether a message with this counter may be sent or accepted at all (WG-C-1).
    @inlinable public static func allows(counter: UInt64) -> Bool { counter < Constants.rejectAfterMessages }

    /// Whether the next message, with this counter, may be sent (WG-S-7).
    @inlinable public func maySend(counter: UInt64, at now: Instant) -> Bool { !isExpired(at: now) && Self.allows(counter: counter) }

    /// Refuses a message before it is opened. Throws `.expiredKey` or `.counterLimit` (WG-S-8).
    @inlinable public func checkReceipt(counter: UInt64, at now: Instant) throws(DropReason) {
        guard !isExpired(at: now) else { throw .expiredKey }
        guard Self.allows(counter: counter) else { throw .counterLimit }
    }

    /// Whether a message that was just sent with this counter calls for a successor: by number for both sides, by time for the initiator, so
    /// that the two do not begin at once (WG-S-9).
    @inlinable public func mustRenew(afterSending counter: UInt64, at now: Instant) -> Bool {
        counter > Constants.rekeyAfterMessages || (isInitiator && now - createdAt >= Constants.rekeyAfterTime)
    }

    /// Whether a message that was just accepted calls for a successor: so late that the passive keepalive and a handshake still fit into the
    /// keypair's life (WG-S-10).
    @inlinable public func mustRenewAfterReceipt(at now: Instant) -> Bool {
        isInitiator && now - createdAt >= Constants.rekeyAfterTimeReceiving
    }
}
