// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

extension ForwardingTable {
    /// The part of a table that can only be asked, without the lists that changes start from: what the packet loop holds.
    public struct Decisions: Sendable {
        @usableFromInline var tables4 = PrefixTables<UInt32>()
        @usableFromInline var tables6 = PrefixTables<UInt128>()
        @usableFromInline var owners4 = PrefixTables<UInt32>.empty
        @usableFromInline var owners6 = PrefixTables<UInt128>.empty
        /// Per member, the tables of its allowed IPs. Members with equal lists share them.
        @usableFromInline var allowed4: [PrefixTables<UInt32>.Table] = []
        @usableFromInline var allowed6: [PrefixTables<UInt128>.Table] = []

        @inlinable init() {}

        /// Decides for a packet that `sender` sent. Longest prefix over all members names the owner of both addresses (WG-X-5, WG-H-1);
        /// then both sides must list each other.
        @inlinable public func decide(from sender: ForwardingTable.Member, source: IPAddress, destination: IPAddress) -> ForwardingTable.Verdict {
            switch (source, destination) {
            case (.v4(let source), .v4(let destination)):
                return decide(from: sender, source.bits, destination.bits, tables4, owners4, allowed4)
            case (.v6(let source), .v6(let destination)):
                return decide(from: sender, source.bits, destination.bits, tables6, owners6, allowed6)
            default:
                return .refuse(.badInnerType)
            }
        }

        @inlinable func decide<Key>(
            from sender: ForwardingTable.Member, _ source: Key, _ destination: Key,
            _ tables: borrowing PrefixTables<Key>, _ owners: UInt32, _ allowed: borrowing [UInt32]
        ) -> ForwardingTable.Verdict {
            guard tables.lookup(source, in: owners) == sender else { return .refuse(.sourceNotAllowed) }
            let receiver = tables.lookup(destination, in: owners)
            if receiver == ForwardingTable.hub { return .deliver }
            guard receiver != PrefixTables<Key>.noValue else { return .refuse(.noRouteToPeer) }
            guard Self.lists(destination, allowed, sender, tables) else { return .refuse(.notInAllowedIPs) }
            guard Self.lists(source, allowed, receiver, tables) else { return .refuse(.notInReceiversAllowedIPs) }
            return .forward(receiver)
        }

        /// Whether the allowed IPs of `member` cover the address. A member that was never given a list has an empty one.
        @inlinable static func lists<Key>(
            _ address: Key, _ allowed: borrowing [UInt32], _ member: ForwardingTable.Member, _ tables: borrowing PrefixTables<Key>
        ) -> Bool {
            Int(member) < allowed.count && tables.lookup(address, in: allowed[Int(member)]) != PrefixTables<Key>.noValue
        }

        /// Who owns an address, nil where nobody does.
        public func owner(of address: IPAddress) -> ForwardingTable.Member? {
            let member =
                switch address {
                case .v4(let a): tables4.lookup(a.bits, in: owners4)
                case .v6(let a): tables6.lookup(a.bits, in: owners6)
                }
            return member == PrefixTables<UInt32>.noValue ? nil : member
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
