// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// Devices that recently spoke with each other (exchanged packets) and whose packets a change would no longer let through.
public struct CutPairs: Sendable {
    /// One pair, in order of name.
    public struct Cut: Sendable {
        public let pair: Effect.Pair
        /// When they last spoke.
        public let lastAt: UnixTime
        /// True if the two still reach each other, but not all of the networks behind them.
        public let isPartial: Bool
    }

    /// The most lines that name pairs.
    private static let shown = 8

    /// The pair that spoke last comes first.
    public let cuts: [Cut]
    private let spoken: SpokenPairs
    private let now: UnixTime

    /// Compares what passes before and after a change. Without `after`, one device of each pair is removed.
    public init(_ spoken: SpokenPairs, before makeBefore: @autoclosure () -> Reachability, after: Reachability?, now: UnixTime) {
        self.spoken = spoken
        self.now = now
        guard !spoken.pairs.isEmpty else {
            cuts = []
            return
        }
        let before = makeBefore()
        var found: [(place: Int, cut: Cut)] = []
        for pair in spoken.pairs {
            guard let one = before.place(of: pair.first), let other = before.place(of: pair.second) else { continue }
            // Devices are sorted by name.
            let (a, b) = (before.devices[min(one, other)], before.devices[max(one, other)])
            guard let loss = Loss(a, b, before: before, after: after) else { continue }
            found.append((min(one, other), Cut(pair: Effect.Pair(first: a, second: b), lastAt: pair.lastAt, isPartial: loss == .partly)))
        }
        cuts = found.sorted { ($1.cut.lastAt, $0.place) < ($0.cut.lastAt, $1.place) }.map(\.cut)
    }

    /// As sentences: how many, then the first ones with their times. Empty if the hub has not watched yet.
    public var lines: [(kind: Effect.Kind, text: Phrase)] {
        guard spoken.watchedSince != nil else { return [] }
        let period = spoken.period(at: now)
        guard !cuts.isEmpty else { return [(.plain, "No pair that exchanged packets \(period) would be cut off.")] }
        let count = Amount.count(cuts.count)
        let head: Phrase = .counting(
            cuts.count,
            "\(count) pair that exchanged packets \(period) would be cut off: | \(count) pairs that exchanged packets \(period) would be cut off:")
        let more = cuts.count - Self.shown
        let rest: Phrase = .counting(more, "and \(Amount.count(more)) more pair | and \(Amount.count(more)) more pairs")
        return [(.warning, head)] + cuts.prefix(Self.shown).map { (.warning, $0.sentence(at: now)) } + (more > 0 ? [(.warning, rest)] : [])
    }

    /// For the API: the number of pairs, since when the hub has watched, and the first pairs.
    public var json: JSON {
        [
            "count": .integer(Int64(cuts.count)), "watched_since": spoken.watchedSince.map { .string($0.iso) } ?? .null,
            "pairs": .array(
                cuts.prefix(100).map {
                    ["first": .string($0.pair.first.id), "second": .string($0.pair.second.id), "last_at": .string($0.lastAt.iso)]
                }),
        ]
    }
}

extension CutPairs.Cut {
    fileprivate func sentence(at now: UnixTime) -> Phrase {
        let (first, second, ago) = (pair.first.name, pair.second.name, lastAt.spoken(relativeTo: now))
        return isPartial
            ? "\(first) and \(second), \(ago): cut off only from some of the networks behind them" : "\(first) and \(second), \(ago)"
    }
}

/// What a change takes from two devices.
private enum Loss {
    case all, partly

    /// Nil if everything that passed before still passes.
    init?(_ a: Device, _ b: Device, before: Reachability, after: Reachability?) {
        let hadLink = before.reaches(a, b)
        let hasLink = after.map { after in
            guard let place = after.place(of: a.id), let other = after.place(of: b.id) else { return false }
            return after.reaches(after.devices[place], after.devices[other])
        }
        if hadLink, hasLink != true {
            self = .all
            return
        }
        // Most devices have no network behind them.
        guard !a.routes.isEmpty || !b.routes.isEmpty else { return nil }
        let isLost = Self.ways(a, b, before).contains { source, destination in
            before.passes(from: a, source, to: b, destination) && after?.passes(from: a, source, to: b, destination) != true
        }
        guard isLost else { return nil }
        self = hasLink == true ? .partly : .all
    }

    /// Packets between two devices and the networks behind them that stand for all others: from each address or listed part of a network of
    /// one to each of the other.
    private static func ways(_ a: Device, _ b: Device, _ reachability: Reachability) -> [(IPAddress, IPAddress)] {
        let (mine, theirs) = (places(of: a, listedBy: b, reachability), places(of: b, listedBy: a, reachability))
        return mine.flatMap { source in
            theirs.compactMap { destination in
                // Links between the devices themselves are compared by their relation, which one address family is enough for.
                guard source.isV4 == destination.isV4, !(a.addresses.contains(source) && b.addresses.contains(destination)) else { return nil }
                return (source, destination)
            }
        }
    }

    /// The addresses of a device, and one for each part of the networks behind it that `lister` lists.
    private static func places(of device: Device, listedBy lister: Device, _ reachability: Reachability) -> [IPAddress] {
        let list = reachability.allowed(lister) ?? []
        let parts = device.routes.flatMap { route in
            list.compactMap { entry in route.contains(entry) ? entry.address : entry.contains(route) ? route.address : nil }
        }
        return device.addresses + Array(Set(parts)).prefix(16)
    }
}
