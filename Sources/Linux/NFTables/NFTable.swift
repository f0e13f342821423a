// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// A table of nf_tables for both versions of IP (`inet`), as a whole: what `NFTables.replace` puts in place. nft(8)
public struct NFTable: Hashable, Sendable {
    public var name: String
    public var chains: [NFChain]

    public init(_ name: String, chains: [NFChain]) {
        self.name = name
        self.chains = chains
    }
}

/// A chain at a hook of the kernel. What no rule decides is accepted.
public struct NFChain: Hashable, Sendable {
    /// What the chain may do.
    public enum Kind: String, Sendable {
        case filter, nat
    }

    /// Where packets pass it. The numbers are NF_INET_….
    public enum Hook: UInt32, Sendable {
        case prerouting = 0
        case input = 1
        case forward = 2
        case output = 3
        case postrouting = 4
    }

    /// The name of the chain in its table, what it may do, and where packets pass it.
    public var name: String
    public var kind: Kind
    public var hook: Hook
    /// Chains of one hook run in ascending order: −100 is usual for `nat` at prerouting, 100 at postrouting, 0 for `filter`.
    public var priority: Int32
    public var rules: [NFRule]

    public init(_ name: String, _ kind: Kind, _ hook: Hook, priority: Int32, rules: [NFRule]) {
        self.name = name
        self.kind = kind
        self.hook = hook
        self.priority = priority
        self.rules = rules
    }
}

/// What a rule does with the packets that fit all its conditions, in the order of its parts.
public struct NFRule: Hashable, Sendable {
    /// Shown by `nft list`, and told with the counter. At most 253 bytes of UTF-8 count.
    public var comment: String?
    public var parts: [NFPart]

    public init(_ parts: NFPart..., comment: String? = nil) {
        self.parts = parts
        self.comment = comment
    }

    public init(_ parts: [NFPart], comment: String? = nil) {
        self.parts = parts
        self.comment = comment
    }
}

/// A condition or an action.
public enum NFPart: Hashable, Sendable {
    /// Conditions: the packet came by this interface, or leaves by it, or by any other.
    case from(interface: String)
    case to(interface: String)
    case notTo(interface: String)
    /// The version of IP; conditions on addresses bring it along.
    case family(isV4: Bool)
    case source(IPPrefix)
    case destination(IPPrefix)
    /// The address is one of this machine's own. `fib daddr type local`
    case toThisMachine
    /// TCP, UDP, … by the number in the packet, and ports of TCP or UDP. `IPPROTO_…`
    case transport(UInt8)
    case destinationPorts(ClosedRange<UInt16>)
    /// A packet of TCP that opens a connection or answers that.
    case openingTCP
    /// Belongs to a connection that was let through, or is an error about one. `ct state established,related`
    case established
    /// Opens a connection. `ct state new`
    case new
    /// Belongs to a connection whose destination was translated. `ct status dnat`
    case translated

    /// Actions. The counter goes on from these numbers.
    case counter(packets: UInt64, bytes: UInt64)
    /// Lowers the segment size that the ends offer each other to what the route carries. Only at forward. `tcp option maxseg size set rt mtu`
    case clampSegments
    case accept
    case drop
    /// Replaces the source by the address of the interface by which the packet leaves. Only in `nat` at postrouting.
    case masquerade
    /// Replaces the destination. Only in `nat` at prerouting or output, and after a condition on the transport if there is a port.
    case translateDestination(IPAddress, port: UInt16?)

    /// A counter that begins at zero.
    public static var counter: NFPart { .counter(packets: 0, bytes: 0) }
}

/// What a counter of one of our rules has counted.
public struct NFCount: Hashable, Sendable {
    public var chain: String
    /// The rule's comment; empty if it has none.
    public var comment: String
    public var packets: UInt64
    public var bytes: UInt64
}

/// A chain of any program at a hook.
public struct NFForeignChain: Hashable, Sendable {
    /// `ip`, `ip6` or `inet`.
    public var family: String
    public var table: String
    public var name: String
    public var hook: NFChain.Hook
    public var priority: Int32
    /// What no rule of it decides is dropped.
    public var dropsTheRest: Bool
}

extension NFForeignChain: CustomStringConvertible {
    /// `table inet filter, chain forward`.
    public var description: String { "table \(family) \(table), chain \(name)" }
}
