// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// Which devices spoke with each other lately, or a part of that: between which of them the hub passed packets, in either direction.
public struct SpokenPairs: Sendable {
    /// Two devices that spoke with each other.
    public struct Pair: Equatable, Sendable {
        /// The ids of the devices, the smaller one first.
        public let first: String
        public let second: String
        /// When a packet last passed, up to an hour early: a pair that goes on speaking is written once an hour.
        public let lastAt: UnixTime

        public init(first: String, second: String, lastAt: UnixTime) {
            (self.first, self.second) = (min(first, second), max(first, second))
            self.lastAt = lastAt
        }
    }

    /// How long pairs are remembered.
    public static let days: Int64 = 30
    /// The most pairs that the hub remembers. The pairs that were silent for longest are forgotten first.
    public static let limit = 200_000

    /// In no particular order.
    public let pairs: [Pair]
    /// The time since which the hub has missed no pair; nil if it has not begun to watch.
    public let watchedSince: UnixTime?

    public init(_ pairs: [Pair] = [], watchedSince: UnixTime? = nil) {
        self.pairs = pairs
        self.watchedSince = watchedSince
    }

    /// Pairs that were silent since this time are forgotten.
    public static func horizon(at now: UnixTime) -> UnixTime { now.adding(seconds: -days * 86_400) }

    /// The time that the pairs are about, such as "in the last 30 days" or, on a hub that has not watched for as long, "since 2026-11-22".
    public func period(at now: UnixTime) -> Phrase {
        guard let watchedSince, watchedSince > Self.horizon(at: now) else { return "in the last \(Self.days) days" }
        return "since \(watchedSince.minute)"
    }

    /// The other devices that `id` spoke with, and when.
    public func partners(of id: String) -> [String: UnixTime] {
        pairs.reduce(into: [:]) { found, pair in
            if pair.first == id { found[pair.second] = pair.lastAt } else if pair.second == id { found[pair.first] = pair.lastAt }
        }
    }
}

extension UnixTime {
    /// When a pair last spoke, as exactly as the hub knows it: "within the hour", "5 h ago" or "12 d ago".
    public func spoken(relativeTo now: UnixTime) -> Phrase {
        now.seconds(since: self) < 2 * 3600 ? "within the last two hours" : relative(to: now)
    }
}
