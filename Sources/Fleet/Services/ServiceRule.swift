// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// One rule as people write it: what linked devices may send each other, or the hub (Documentation/rules.md).
public struct ServiceRule: Hashable, Sendable {
    /// Who sends or receives.
    public enum Party: Hashable, Sendable {
        case any
        /// The device with this id, with all its addresses and routes.
        case device(String)
        case tag(Tag)
        case prefix(IPPrefix)
        /// What no device owns by an address or a route of its own. Only for receivers.
        case internet
        /// The hub itself. Only for receivers.
        case hub
    }

    /// The maximum length of a note in Unicode scalars.
    public static let maximumNoteLength = 200

    /// Identifies the rule while it stays the same; 0 until it is saved.
    public var id: Int64
    public var action: Rule.Action
    public var from: Party
    public var to: Party
    public var service: TransportService
    public var note: String
    /// False for a rule that is kept but does not count.
    public var enabled: Bool

    public init(
        id: Int64 = 0, _ action: Rule.Action, from: Party = .any, to: Party = .any, service: TransportService = .any, note: String = "",
        enabled: Bool = true
    ) {
        (self.id, self.action, self.from, self.to) = (id, action, from, to)
        (self.service, self.note, self.enabled) = (service, note, enabled)
    }

    /// True if both say the same, whatever their notes.
    func decides(like other: ServiceRule) -> Bool {
        (action, service, enabled) == (other.action, other.service, other.enabled) && from == other.from && to == other.to
    }
}

/// The rules of a hub, in their order: the first one that matches decides.
public struct RuleList: Equatable, Sendable {
    public var rules: [ServiceRule]
    /// What happens to a packet that no rule matches: `allow` or `deny`.
    public var end: Rule.Action
    /// The generation that last changed the list; 0 if none did.
    public var revision: Int64

    public init(_ rules: [ServiceRule] = [], end: Rule.Action = .allow, revision: Int64 = 0) {
        (self.rules, self.end, self.revision) = (rules, end, revision)
    }

    /// No rules: whatever is linked may send anything.
    public static let none = RuleList()

    /// True if the list refuses nothing, so that nobody needs to ask it.
    public var allowsAll: Bool { end == .allow && rules.allSatisfy { !$0.enabled || $0.action == .allow } }

    /// The list with the ids of `old` for rules that decide as before, so that their hits are counted on. Other rules have the id 0.
    public func keepingIDs(of old: RuleList) -> RuleList {
        var known: [ServiceRule: [Int64]] = [:]
        for rule in old.rules.reversed() { known[rule.unnamed, default: []].append(rule.id) }
        var list = self
        for place in list.rules.indices {
            let key = list.rules[place].unnamed
            list.rules[place].id = known[key]?.popLast() ?? 0
        }
        return list
    }

    /// What is wrong with the rules; `isDevice` knows the ids of devices. The field of an error is `rules` and the number of the rule, such as
    /// `rules.3`.
    public func problems(isDevice: (String) -> Bool) -> [FieldError] {
        var found: [FieldError] = []
        if rules.count > RuleSet.limit {
            found.append(FieldError("rules", "There are \(Amount.count(rules.count)) rules. Give at most \(Amount.count(RuleSet.limit))."))
        }
        if end == .reset { found.append(FieldError("end", "The end of the list is allow or deny.")) }
        for (place, rule) in rules.enumerated() {
            for problem in rule.problems(isDevice: isDevice) { found.append(FieldError("rules.\(place + 1)", problem)) }
        }
        return found
    }
}

extension ServiceRule {
    /// The rule without its id and its note.
    fileprivate var unnamed: ServiceRule {
        var rule = self
        (rule.id, rule.note) = (0, "")
        return rule
    }

    /// What is wrong with this rule alone.
    func problems(isDevice: (String) -> Bool) -> [Phrase] {
        var found = fieldErrors.map(\.message)
        for case .device(let id) in [from, to] where !isDevice(id) {
            found.append("The device that this rule names was removed. Name another one, or remove the rule.")
        }
        return found
    }

    /// What is wrong with this rule alone, by its fields `from`, `to` and `note`. Whether devices exist is not checked.
    public var fieldErrors: [FieldError] {
        var found: [FieldError] = []
        if from == .internet || from == .hub {
            found.append(FieldError("from", "Packets come from devices. Write a device, a tag, a network or any after “from”."))
        }
        if case (.prefix(let source), .prefix(let destination)) = (from, to), source.address.isV4 != destination.address.isV4 {
            found.append(FieldError("to", "\(source) and \(destination) are of different families: no packet has both."))
        }
        if note.scalarCount > Self.maximumNoteLength {
            found.append(FieldError("note", "The note is too long. Give at most \(Self.maximumNoteLength) characters."))
        }
        if let hidden = TextRules.hiddenCharacter(in: note) {
            found.append(FieldError("note", "The note contains the invisible character \(hidden). Remove it."))
        }
        return found
    }
}
