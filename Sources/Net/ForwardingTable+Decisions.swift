// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

extension ForwardingTable {
    /// The read-only part of a forwarding table, which the packet loop uses. It leaves out the lists that are needed only to make changes.
    public struct Decisions: Sendable {
        @usableFromInline var tables4 = PrefixTables<UInt32>()
        @usableFromInline var tables6 = PrefixTables<UInt128>()
        @usableFromInline var owners4 = PrefixTables<UInt32>.empty
        @usableFromInline var owners6 = PrefixTables<UInt128>.empty
        /// The allowed IPs of each member. Members with equal lists share one table.
        @usableFromInline var allowed4: [PrefixTables<UInt32>.Table] = []
        @usableFromInline var allowed6: [PrefixTables<UInt128>.Table] = []

        /// The ways of packets whose destination nobody owns, as `ForwardingTable.Way`.
        @usableFromInline var ways4 = PrefixTables<UInt32>.empty
        @usableFromInline var ways6 = PrefixTables<UInt128>.empty

        /// Marks the owner of a prefix as disabled. The bit is part of the owner's number, so checking it costs packets between enabled
        /// members nothing.
        @usableFromInline static var disabledBit: UInt32 { 1 << 31 }

        @inlinable init() {}

        /// Decides about a packet from `sender`. The longest matching prefix over all members gives the owner of each address (WG-X-5,
        /// WG-H-1). Neither owner may be disabled, and both sides must list each other. An address that no machine can have, such as one for
        /// multicast, is nobody's source, however wide a prefix the sender owns.
        @inlinable public func decide(from sender: ForwardingTable.Member, source: IPAddress, destination: IPAddress) -> ForwardingTable.Verdict {
            switch (source, destination) {
            case (.v4(let source), .v4(let destination)):
                guard !IPv4Address.isNoSource(source.bits) else { return .refuse(.sourceNotAllowed) }
                return decide(from: sender, source.bits, destination.bits, tables4, owners4, allowed4, ways4)
            case (.v6(let source), .v6(let destination)):
                guard !IPv6Address.isNoSource(source.bits) else { return .refuse(.sourceNotAllowed) }
                return decide(from: sender, source.bits, destination.bits, tables6, owners6, allowed6, ways6)
            default:
                return .refuse(.badInnerType)
            }
        }

        @inlinable func decide<Key>(
            from sender: ForwardingTable.Member, _ source: Key, _ destination: Key,
            _ tables: borrowing PrefixTables<Key>, _ owners: UInt32, _ allowed: borrowing [UInt32], _ ways: UInt32
        ) -> ForwardingTable.Verdict {
            let owner = tables.lookup(source, in: owners)
            guard owner == sender || Self.isOutside(source, owner, sender, tables, ways) else {
                return .refuse(owner == sender | Self.disabledBit ? .peerDisabled : .sourceNotAllowed)
            }
            let receiver = tables.lookup(destination, in: owners)
            if receiver == ForwardingTable.hub { return .deliver }
            guard receiver < Self.disabledBit else {
                guard receiver == PrefixTables<Key>.noValue else { return .refuse(.peerDisabled) }
                return Self.leave(destination, sender, tables, allowed, ways)
            }
            guard Self.lists(destination, allowed, sender, tables) else { return .refuse(.notInAllowedIPs) }
            guard Self.lists(source, allowed, receiver, tables) else { return .refuse(.notInReceiversAllowedIPs) }
            return .forward(receiver)
        }

        /// Whether the hub's host passes on a packet from the other side of the hub's way out: nobody owns its source.
        @inlinable static func isOutside<Key>(
            _ source: Key, _ owner: UInt32, _ sender: ForwardingTable.Member, _ tables: borrowing PrefixTables<Key>, _ ways: UInt32
        ) -> Bool {
            sender == ForwardingTable.hub && owner == PrefixTables<Key>.noValue
                && tables.lookup(source, in: ways) == ForwardingTable.Way.out.rawValue
        }

        /// The decision about a packet whose destination nobody owns. What the host sends to others never comes here.
        @inlinable @inline(never) static func leave<Key>(
            _ destination: Key, _ sender: ForwardingTable.Member, _ tables: borrowing PrefixTables<Key>, _ allowed: borrowing [UInt32],
            _ ways: UInt32
        ) -> ForwardingTable.Verdict {
            guard sender != ForwardingTable.hub, let way = ForwardingTable.Way(rawValue: tables.lookup(destination, in: ways)) else {
                return .refuse(.noRouteToPeer)
            }
            switch way {
            case .nowhere: return .refuse(.noRouteToPeer)
            case .closed: return .refuse(.noEgress)
            case .out: return lists(destination, allowed, sender, tables) ? .leave : .refuse(.notInAllowedIPs)
            }
        }

        /// Whether the allowed IPs of `member` cover the address. A member without a list allows no address.
        @inlinable static func lists<Key>(
            _ address: Key, _ allowed: borrowing [UInt32], _ member: ForwardingTable.Member, _ tables: borrowing PrefixTables<Key>
        ) -> Bool {
            Int(member) < allowed.count && tables.lookup(address, in: allowed[Int(member)]) != PrefixTables<Key>.noValue
        }

        /// Where packets to an address go that nobody owns.
        public func way(to address: IPAddress) -> ForwardingTable.Way {
            let way =
                switch address {
                case .v4(let a): tables4.lookup(a.bits, in: ways4)
                case .v6(let a): tables6.lookup(a.bits, in: ways6)
                }
            return ForwardingTable.Way(rawValue: way) ?? .nowhere
        }

        /// The member that owns an address, or nil.
        public func owner(of address: IPAddress) -> ForwardingTable.Member? {
            let member =
                switch address {
                case .v4(let a): tables4.lookup(a.bits, in: owners4)
                case .v6(let a): tables6.lookup(a.bits, in: owners6)
                }
            return member == PrefixTables<UInt32>.noValue ? nil : member & ~Self.disabledBit
        }

        /// True when the allowed IPs of `member` cover the address.
        public func allows(_ member: ForwardingTable.Member, _ address: IPAddress) -> Bool {
            switch address {
            case .v4(let a): Self.lists(a.bits, allowed4, member, tables4)
            case .v6(let a): Self.lists(a.bits, allowed6, member, tables6)
            }
        }
    }
}
