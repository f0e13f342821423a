// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// How many of each there may be at once.
public struct Capacity: Hashable, Sendable {
    /// Beyond it the oldest idle connection is closed; when none is idle, the new one gets 503.
    public var connections = 512
    /// The same for one address, or one /64 of IPv6, which is what one host may have to itself. Loopback and trusted proxies are free of it.
    public var connectionsPerAddress = 64
    /// Beyond it a new stream gets 503.
    public var eventStreams = 64
    /// The same for one key, which usually is a session.
    public var eventStreamsPerKey = 4
    /// Bodies above the usual limit that are held at once; further ones get 503. Together they bound what a flood of them takes of the memory.
    public var largeBodies = 32
    /// Requests that wait for a worker; further ones get 503 at once.
    public var queuedRequests = 128

    /// The numbers above.
    public init() {}
}

extension Capacity {
    /// What the connections of an address are counted by.
    static func source(_ address: IPAddress) -> IPAddress { address.isV4 ? address : address.masked(to: 64) }

    /// What has to go before a new connection may come in.
    enum Room {
        case free
        case afterOldestIdle
        case afterOldestIdleOfAddress
    }

    /// `ofAddress` counts the connections of the newcomer's address, 0 for one that is free of that limit.
    func room(connections: Int, ofAddress: Int) -> Room {
        if ofAddress >= connectionsPerAddress { return .afterOldestIdleOfAddress }
        return connections < self.connections ? .free : .afterOldestIdle
    }
}
