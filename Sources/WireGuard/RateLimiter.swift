// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Limits handshakes per source with token buckets: 20 per second, bursts of 5, IPv4 per address and IPv6 per /64 (WG-M-11).
/// Memory is bounded: when the table is full, new sources are refused. One caller at a time.
public struct RateLimiter: Sendable {
    public static let perSecond = 20
    public static let burst = 5
    private static let cost = UInt64(1_000_000_000 / perSecond)
    private static let full = cost * UInt64(burst)
    /// An entry that was idle this long has a full bucket again and can be removed.
    private static let idle: Duration = .seconds(1)

    private struct Bucket: Sendable {
        var tokens: UInt64
        var filledAt: Instant
    }

    private let capacity: Int
    private var buckets: [IPAddress: Bucket] = [:]
    private var nextCollection = Instant(nanoseconds: 0)

    public init(capacity: Int = 65_536) { self.capacity = capacity }

    /// Whether the budget of `source` allows one more handshake. Uses one token if so.
    public mutating func allows(_ source: IPAddress, now: Instant) -> Bool {
        if now >= nextCollection { collect(now: now) }
        let key = Self.key(of: source)
        guard var bucket = buckets[key] else {
            guard buckets.count < capacity else { return false }
            buckets[key] = Bucket(tokens: Self.full - Self.cost, filledAt: now)
            return true
        }
        let earned = now > bucket.filledAt ? (now - bucket.filledAt).nanoseconds : 0
        bucket.tokens = min(Self.full, bucket.tokens + min(UInt64(earned), Self.full))
        bucket.filledAt = now
        let isAllowed = bucket.tokens >= Self.cost
        if isAllowed { bucket.tokens -= Self.cost }
        buckets[key] = bucket
        return isAllowed
    }

    /// Gives a token back for a handshake of a known peer, so that any number of peers may share one address.
    public mutating func giveBack(_ source: IPAddress) {
        let key = Self.key(of: source)
        if let tokens = buckets[key]?.tokens { buckets[key]?.tokens = min(Self.full, tokens + Self.cost) }
    }

    private static func key(of source: IPAddress) -> IPAddress { source.isV4 ? source : source.masked(to: 64) }

    /// The number of sources in the table.
    public var count: Int { buckets.count }

    private mutating func collect(now: Instant) {
        buckets = buckets.filter { now - $0.value.filledAt <= Self.idle }
        nextCollection = now + Self.idle
    }
}
