// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// The rules about what linked peers may send each other (Documentation/rules.md), in the engine's terms.
public struct PeerRules: Equatable, Sendable {
    /// Who sends or receives.
    public enum Party: Equatable, Sendable {
        case any
        case peers([PublicKey])
        case hub
        case prefix(IPPrefix)
        /// Only for receivers.
        case internet
    }

    /// One rule.
    public struct Entry: Equatable, Sendable {
        /// Stays the same while the rule does, so that its hits are counted on.
        public var id: Int64
        /// The number under which people know it: its place in the list, from 1.
        public var number: Int
        public var action: Rule.Action
        public var from: Party
        public var to: Party
        public var service: TransportService

        public init(id: Int64, number: Int, _ action: Rule.Action, from: Party = .any, to: Party = .any, service: TransportService = .any) {
            (self.id, self.number, self.action) = (id, number, action)
            (self.from, self.to, self.service) = (from, to, service)
        }
    }

    /// The rules that count, in their order; at most `RuleSet.limit`.
    public var entries: [Entry]
    /// What the end of the list says.
    public var end: Rule.Action

    public init(_ entries: [Entry] = [], end: Rule.Action = .allow) { (self.entries, self.end) = (entries, end) }

    /// No rules: every packet passes between linked peers, and no flows are kept.
    public static let none = PeerRules()

    /// All peers that a rule names.
    var peers: Set<PublicKey> {
        var found: Set<PublicKey> = []
        for entry in entries {
            for case .peers(let keys) in [entry.from, entry.to] { found.formUnion(keys) }
        }
        return found
    }
}

/// How often a rule decided: packets that it refused, and flows that it allowed.
public struct RuleHits: Equatable, Sendable {
    /// Counted since the engine got the rule.
    public var count: UInt64
    /// The last time, in Unix seconds; nil when the count is 0.
    public var lastAt: Int64?

    public init(count: UInt64 = 0, lastAt: Int64? = nil) { (self.count, self.lastAt) = (count, lastAt) }
}

/// The rules of a snapshot: compiled for the slots of peers, with the places where hits are counted. Never changes.
final class RuleBook: Sendable {
    let rules: RuleSet
    /// Where each rule counts its hits; the last one is for the end of the list.
    let cells: [UInt32]
    /// The number of each rule for people; 0 for the end of the list.
    let numbers: [UInt16]

    init(_ rules: RuleSet, cells: [UInt32], numbers: [UInt16]) {
        (self.rules, self.cells, self.numbers) = (rules, cells, numbers)
    }
}
