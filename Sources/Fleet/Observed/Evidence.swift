// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// What the engine knows about handshakes that led to nothing. The doctor reads it; it is kept in memory only.
public struct Evidence: Sendable {
    /// Handshake messages of one device since its last session was confirmed.
    public struct Attempts: Sendable, Equatable {
        /// Initiations that the hub answered without hearing the device under the new keys, and when it answered the last one.
        public var answered: Int
        public var answeredAt: UnixTime?
        /// Initiations that the hub sent since it last heard the device, and when it sent the first and the last one.
        public var called: Int
        public var calledSince: UnixTime?
        public var calledAt: UnixTime?

        public init(
            answered: Int = 0, answeredAt: UnixTime? = nil, called: Int = 0, calledSince: UnixTime? = nil, calledAt: UnixTime? = nil
        ) {
            self.answered = answered
            self.answeredAt = answeredAt
            self.called = called
            self.calledSince = calledSince
            self.calledAt = calledAt
        }
    }

    /// Someone whose handshakes belong to no device.
    public struct Stranger: Sendable, Equatable {
        /// Where the last one came from, and when.
        public var source: Endpoint
        public var at: UnixTime
        /// `.badMac1` if it was made for another hub's key, `.unknownInitiator` if no device has the sender's key.
        public var reason: DropReason

        public init(source: Endpoint, at: UnixTime, reason: DropReason) {
            self.source = source
            self.at = at
            self.reason = reason
        }
    }

    /// Of the devices that were asked about.
    public var attempts: [PublicKey: Attempts]
    public var strangers: [Stranger]
    /// When the last datagram of any kind arrived at the hub; nil if none did since it started.
    public var lastDatagramAt: UnixTime?

    public init(attempts: [PublicKey: Attempts] = [:], strangers: [Stranger] = [], lastDatagramAt: UnixTime? = nil) {
        self.attempts = attempts
        self.strangers = strangers
        self.lastDatagramAt = lastDatagramAt
    }
}

extension PeerSight {
    /// The clock of the device at the newest of its handshakes: TAI64N, seconds since 1970 plus 2^62 + 10 (whitepaper 5.1). Nil if there was
    /// none.
    public var newestClock: UnixTime? {
        guard let bytes = greatestTimestamp, bytes.count == 12 else { return nil }
        let seconds = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        return UnixTime(seconds: Int64(truncatingIfNeeded: seconds &- 0x4000_0000_0000_000A))
    }
}
