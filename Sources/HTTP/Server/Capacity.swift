// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// How many of each there may be at once.
public struct Capacity: Hashable, Sendable {
    /// Beyond it the slowest connection of the source that holds most is closed; only when all have a request in hand, the new one gets 503.
    public var connections = 512
    /// Room besides for connections whose last answer said `Response.knowsClient`, so that strangers cannot crowd out people who are signed in.
    public var knownConnections = 128
    /// The same for one source: an IPv4 address, or a /64 of IPv6, which is what one host may have to itself. Behind a trusted proxy it is
    /// the forwarded client, once a request has named it. Loopback and trusted proxies themselves are free of it.
    public var connectionsPerAddress = 64
    /// Beyond it a new stream gets 503.
    public var eventStreams = 64
    /// The same for one key, which usually is a session.
    public var eventStreamsPerKey = 4
    /// The same for one owner, who may have several keys.
    public var eventStreamsPerOwner = 12
    /// Bodies above the usual limit that are held at once; further ones get 503. Together they bound what a flood of them takes of the memory.
    public var largeBodies = 32
    /// Requests that wait for a worker; further ones get 503 at once.
    public var queuedRequests = 128

    /// Bytes of answers that wait for slow clients. Beyond it a source that has some waiting gets no further answer made until it takes them;
    /// the request waits.
    public var queuedBytes = 32 << 20

    /// The numbers above.
    public init() {}
}

extension Capacity {
    /// What the connections of an address are counted by.
    static func source(_ address: IPAddress) -> IPAddress { address.isV4 ? address : address.masked(to: 64) }

    /// What has to go before a new connection may come in.
    enum Room {
        case free
        case afterSlowest
        case afterSlowestOfSource
    }

    /// `known` are those of `connections` that the application knows, `ofSource` those of the newcomer's source, 0 for one that is free of
    /// that limit.
    func room(connections: Int, known: Int, ofSource: Int) -> Room {
        if ofSource >= connectionsPerAddress { return .afterSlowestOfSource }
        return connections - min(known, knownConnections) < self.connections ? .free : .afterSlowest
    }

    /// How a connection stands when room is needed.
    enum Standing: Hashable {
        /// A request is whole, and its answer is being made.
        case inHand
        /// Nothing is lost by closing it.
        case idle(since: Instant)
        /// A head, a body or an answer is on its way since then.
        case unfinished(since: Instant)
    }

    /// A connection as `leaver` sees it.
    struct Place {
        let token: UInt64
        let source: IPAddress
        let isKnown: Bool
        let standing: Standing
    }

    /// The connection that is closed for a newcomer: of the source that holds most, an idle one before a busy one, and the one that takes
    /// longest. Known clients stay while they fit into the room that is kept for them. Nil when all others have a request in hand.
    func leaver(among places: [Place]) -> UInt64? {
        let isOverfull = places.count(where: \.isKnown) > knownConnections
        let candidates = isOverfull ? places : places.filter { !$0.isKnown }
        var counts: [IPAddress: Int] = [:]
        for place in candidates { counts[place.source, default: 0] += 1 }
        return slowest(of: candidates) { counts[$0.source] ?? 0 }
    }

    /// The same among the connections of one source; here strangers go before those who are known.
    func leaver(among places: [Place], of source: IPAddress) -> UInt64? {
        slowest(of: places.filter { $0.source == source }) { $0.isKnown ? 0 : 1 }
    }

    private func slowest(of places: [Place], weight: (Place) -> Int) -> UInt64? {
        let ranked = places.compactMap { place -> (token: UInt64, weight: Int, isIdle: Bool, since: Instant)? in
            switch place.standing {
            case .inHand: nil
            case .idle(let since): (place.token, weight(place), true, since)
            case .unfinished(let since): (place.token, weight(place), false, since)
            }
        }
        return ranked.max { one, other in
            if one.weight != other.weight { return one.weight < other.weight }
            if one.isIdle != other.isIdle { return other.isIdle }
            return one.since > other.since
        }?.token
    }
}
