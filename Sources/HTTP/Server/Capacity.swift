// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// How many connections, streams and requests a server handles at once.
public struct Capacity: Hashable, Sendable {
    /// Maximum connections. At the limit, the slowest connection of the source with the most connections is closed. If all are waiting for
    /// a response, the new one gets 503.
    public var connections = 512
    /// Additional room for connections whose last response had `Response.knowsClient`, so that strangers cannot crowd out signed-in users.
    public var knownConnections = 128
    /// Maximum connections per source: an IPv4 address, or an IPv6 /64, because one host may have a whole /64. Behind a trusted proxy, the
    /// source is the forwarded client as soon as a request names it. Loopback and trusted proxies have no limit.
    public var connectionsPerAddress = 64
    /// Maximum event streams; a further one gets 503.
    public var eventStreams = 64
    /// Maximum event streams per key, which usually is a session.
    public var eventStreamsPerKey = 4
    /// Maximum event streams per owner, who may have several keys.
    public var eventStreamsPerOwner = 12
    /// Maximum bodies above the default limit held at once; a further one gets 503. Limits the memory that a flood of large bodies can use. A
    /// body that may have more than `largeBodyBytes` counts as several, but fits alone.
    public var largeBodies = 32
    /// Maximum of these bodies per sender (see `Application.admitLargeBody`), so that one cannot keep all others out.
    public var largeBodiesPerSender = 4
    /// See `largeBodies`. Of forms with 64 MiB for a file, two are held at once.
    public var largeBodyBytes = 5 << 20
    /// Maximum requests that wait for a worker; a further one gets 503 at once.
    public var queuedRequests = 128

    /// Maximum bytes of responses that wait for slow clients. Above it, requests from a source with waiting bytes are delayed until it
    /// reads them.
    public var queuedBytes = 32 << 20

    /// The default numbers.
    public init() {}
}

extension Capacity {
    /// The source under which connections from this address are counted.
    static func source(_ address: IPAddress) -> IPAddress { address.isV4 ? address : address.masked(to: 64) }

    /// What must be closed before a new connection can be accepted.
    enum Room {
        case free
        case afterSlowest
        case afterSlowestOfSource
    }

    /// `known` is how many of `connections` belong to known clients. `ofSource` is how many the new connection's source has, 0 if it has no
    /// limit.
    func room(connections: Int, known: Int, ofSource: Int) -> Room {
        if ofSource >= connectionsPerAddress { return .afterSlowestOfSource }
        return connections - min(known, knownConnections) < self.connections ? .free : .afterSlowest
    }

    /// How costly it is to close a connection.
    enum Standing: Hashable {
        /// A complete request is being answered.
        case inHand
        /// Closing it loses nothing.
        case idle(since: Instant)
        /// A head, a body or a response has been in transfer since then.
        case unfinished(since: Instant)
    }

    /// A connection as a candidate for `leaver`.
    struct Place {
        let token: UInt64
        let source: IPAddress
        let isKnown: Bool
        let standing: Standing
    }

    /// The connection to close for a new one: from the source with the most connections, idle before busy, then the slowest. Known clients
    /// are kept as long as they fit into their reserved room. Nil when all others are waiting for a response.
    func leaver(among places: [Place]) -> UInt64? {
        let isOverfull = places.count(where: \.isKnown) > knownConnections
        let candidates = isOverfull ? places : places.filter { !$0.isKnown }
        var counts: [IPAddress: Int] = [:]
        for place in candidates { counts[place.source, default: 0] += 1 }
        return slowest(of: candidates) { counts[$0.source] ?? 0 }
    }

    /// The same choice within one source; unknown clients go before known ones.
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
