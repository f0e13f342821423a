// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// One rule about what linked members may send each other (Documentation/rules.md). `RuleSet` compiles a list of them.
public struct Rule: Hashable, Sendable {
    /// What happens to the first packet of a flow.
    public enum Action: UInt8, Sendable, CaseIterable {
        case allow
        /// Drop it. The sender gets an ICMP error.
        case deny
        /// Like `deny`, but TCP gets a reset.
        case reset
    }

    /// Who sends a packet, or who receives it.
    public enum Party: Hashable, Sendable {
        case any
        /// These members, with any of their addresses. The hub is a member too.
        case members(Set<ForwardingTable.Member>)
        /// Addresses in this prefix, whoever owns them.
        case prefix(IPPrefix)
        /// Addresses that nobody owns by a prefix of its own; see `ForwardingTable.Decisions.isInternet`. Only for receivers.
        case internet
    }

    /// What happens to a packet that the rule matches.
    public var action: Action
    /// Who sends the first packet of a flow, and who receives it.
    public var from: Party
    public var to: Party
    /// What the packet is for.
    public var service: TransportService

    public init(_ action: Action, from: Party = .any, to: Party = .any, service: TransportService = .any) {
        (self.action, self.from, self.to, self.service) = (action, from, to, service)
    }
}

extension ForwardingTable.Decisions {
    /// Whether an address belongs to the Internet: nobody owns it, or only by a prefix that stands for the whole Internet.
    public func isInternet(_ address: IPAddress) -> Bool {
        switch address {
        case .v4(let a): tables4.matchedLength(a.bits, in: owners4).map { $0 <= 1 } ?? true
        // 2000::/3 is what the Internet uses of IPv6.
        case .v6(let a): tables6.matchedLength(a.bits, in: owners6).map { $0 <= 1 || $0 <= 3 && a.bits >> 125 == 1 } ?? true
        }
    }
}
