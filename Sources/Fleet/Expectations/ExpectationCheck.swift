// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// Checks expectations against what the rules of the hub let through.
public struct ExpectationCheck: Sendable {
    /// An expectation that does not hold, with the first pair that breaks it.
    public struct Breach: Sendable, Equatable {
        public let expectation: Expectation
        /// The expectation in words.
        public let sentence: Phrase
        /// The first reason why it does not hold.
        public let reason: Phrase
        /// How many pairs break it.
        public let count: Int

        /// The reason, and how many others there are.
        public var reasons: Phrase {
            let more: Phrase = .counting(count - 1, "and \(count - 1) more pair | and \(count - 1) more pairs")
            return count > 1 ? "\(reason), \(more)" : reason
        }
    }

    /// The devices and what they follow, at one time.
    public struct State: Sendable {
        public let index: DeviceIndex
        public let defaults: Defaults
        public let hub: Hub
        public let rules: RuleList
        public let now: UnixTime
        /// The table of all devices, if somebody has made it already.
        let reachability: Reachability?

        public init(index: DeviceIndex, defaults: Defaults, hub: Hub, rules: RuleList, now: UnixTime, reachability: Reachability? = nil) {
            (self.index, self.defaults, self.hub, self.rules) = (index, defaults, hub, rules)
            (self.now, self.reachability) = (now, reachability)
        }

        /// Everything that pages show.
        public init(_ overview: Overview) {
            self.init(
                index: overview.index, defaults: overview.defaults, hub: overview.hub, rules: overview.rules, now: overview.now,
                reachability: overview.reachability)
        }
    }

    /// The most pairs of devices to look at. A check of a change looks only at pairs with a changed device.
    public static let maximumPairs = 200_000

    /// The expectations that do not hold. For a change, only those that held before, or that the change breaks for another pair.
    public let breaches: [Breach]
    /// What rules leave over of expectations that hold with some services only, by their ids. Empty for the check of a change.
    public let limits: [String: Phrase]
    /// The ids of the expectations that were left out, because there are too many pairs.
    public let unchecked: Set<String>

    /// Checks all expectations.
    public init(_ expectations: [Expectation], in state: State, maximumPairs: Int = maximumPairs) {
        self.init(expectations, before: nil, after: state, changed: nil, maximumPairs: maximumPairs)
    }

    /// Checks what a change does to the expectations. `changed` holds the ids of devices that were edited, added or removed; nil if the change
    /// may affect any pair.
    public init(
        _ expectations: [Expectation], before: State?, after: State, changed: Set<String>?, maximumPairs: Int = maximumPairs
    ) {
        let questions = Questions(expectations, after, before, changed, maximumPairs)
        unchecked = questions.skipped
        var found: [Breach] = []
        var limits: [String: Phrase] = [:]
        let table = after.table(of: questions.devices)
        var earlier: Reachability?
        for question in questions.all {
            var broken = question.pairs.filter { !after.holds($0, question.expectation, table) }
            if !broken.isEmpty, let before {
                let old = earlier ?? before.table(of: questions.devices)
                earlier = old
                broken = broken.filter { pair in
                    before.covers(pair, question.expectation) ? before.holds(pair, question.expectation, old) : true
                }
            }
            guard let first = broken.first else {
                if changed == nil, before == nil, question.expectation.isReached, table.hasRules {
                    limits[question.expectation.id] = after.limit(of: question.pairs, table)
                }
                continue
            }
            let names = { (id: String) in (after.index[id] ?? before?.index[id])?.name }
            found.append(
                Breach(
                    expectation: question.expectation, sentence: question.expectation.sentence(names),
                    reason: after.reason(first, question.expectation, table, names), count: broken.count))
        }
        breaches = found
        self.limits = limits
    }

    /// Two devices, or a device and an address, that an expectation is about. A removed device has only its id.
    struct Pair {
        let from: String
        let to: Target

        enum Target: Hashable {
            case device(String)
            case address(IPAddress)
        }
    }
}

/// The pairs to look at, expectation by expectation.
private struct Questions {
    struct Question {
        let expectation: Expectation
        let pairs: [ExpectationCheck.Pair]
    }

    private(set) var all: [Question] = []
    private(set) var skipped: Set<String> = []
    /// The ids of all devices that may decide about the pairs.
    private(set) var devices: Set<String> = []

    init(
        _ expectations: [Expectation], _ after: ExpectationCheck.State, _ before: ExpectationCheck.State?, _ changed: Set<String>?,
        _ maximumPairs: Int
    ) {
        var members: [Tag: [String]] = [:]
        let tags = Set(expectations.flatMap { [$0.from, $0.to] }.compactMap { if case .tag(let tag) = $0 { tag } else { nil } })
        if !tags.isEmpty {
            for device in after.index.devices where !device.tags.isEmpty && device.isActive(at: after.now) {
                for tag in device.tags where tags.contains(tag) { members[tag, default: []].append(device.id) }
            }
        }
        let ids = { (side: Expectation.Side) -> [String] in
            switch side {
            case .device(let id): [id]
            case .tag(let tag): members[tag] ?? []
            case .address: []
            }
        }
        let isChanged = { (id: String) in changed?.contains(id) ?? true }
        var left = maximumPairs
        for expectation in expectations {
            let from = ids(expectation.from)
            var pairs: [ExpectationCheck.Pair] = []
            var owners: [String] = []
            if case .address(let address) = expectation.to {
                owners = (after.holders(of: address) + (before?.holders(of: address) ?? [])).map(\.id)
                let all = changed == nil || owners.contains(where: isChanged)
                pairs = from.filter { all || isChanged($0) }.map { ExpectationCheck.Pair(from: $0, to: .address(address)) }
            } else {
                let to = ids(expectation.to)
                let (fromChanged, toChanged) = (from.filter(isChanged), to.filter(isChanged))
                // At most; two devices of one tag are counted twice, and each with itself.
                guard fromChanged.count * to.count + from.count * toChanged.count <= 2 * (left + min(from.count, to.count)) else {
                    skipped.insert(expectation.id)
                    continue
                }
                let both = Set(fromChanged)
                pairs = fromChanged.flatMap { a in to.map { (a, $0) } }.filter { $0 != $1 }.map {
                    ExpectationCheck.Pair(from: $0, to: .device($1))
                }
                pairs += toChanged.flatMap { b in from.lazy.filter { !both.contains($0) && $0 != b }.map { ($0, b) } }.map {
                    ExpectationCheck.Pair(from: $0, to: .device($1))
                }
            }
            guard pairs.count <= left else {
                skipped.insert(expectation.id)
                continue
            }
            left -= pairs.count
            guard !pairs.isEmpty else { continue }
            all.append(Question(expectation: expectation, pairs: pairs))
            devices.formUnion(owners)
            for pair in pairs {
                devices.insert(pair.from)
                if case .device(let id) = pair.to { devices.insert(id) }
            }
        }
    }
}

extension ExpectationCheck.State {
    /// The table of the devices with these ids, which gives the same answers about them as the table of all devices: the own addresses of a
    /// device are the longest prefixes there are, and `holders(of:)` finds all that may own another address.
    fileprivate func table(of ids: Set<String>) -> Reachability {
        reachability ?? Reachability(devices: ids.sorted().compactMap { index[$0] }, defaults: defaults, hub: hub, rules: rules, now: now)
    }

    /// The devices with a prefix that holds the address.
    fileprivate func holders(of address: IPAddress) -> [Device] {
        index.devices.filter { device in
            device.ipv4 == address || device.ipv6 == address || device.routes.contains { $0.contains(address) }
        }
    }

    /// True if the pair fulfils the expectation.
    fileprivate func holds(_ pair: ExpectationCheck.Pair, _ expectation: Expectation, _ table: Reachability) -> Bool {
        passes(pair, table) == expectation.isReached
    }

    private func passes(_ pair: ExpectationCheck.Pair, _ table: Reachability) -> Bool {
        guard let from = index[pair.from] else { return false }
        switch pair.to {
        case .device(let id): return index[id].map { !table.passing(from, $0).there.isEmpty } ?? false
        case .address(let address):
            guard let source = address.isV4 ? from.ipv4 : from.ipv6 else { return false }
            return table.refusal(from: from, source: source, destination: address) == nil
        }
    }

    /// What the first side of a pair may start at the second.
    fileprivate func services(_ pair: ExpectationCheck.Pair, _ table: Reachability) -> ServiceSet {
        guard let from = index[pair.from] else { return .none }
        switch pair.to {
        case .device(let id): return index[id].map { table.passing(from, $0).there } ?? .none
        case .address(let address):
            return (address.isV4 ? from.ipv4 : from.ipv6).map { table.services(from: from, $0, address) } ?? .none
        }
    }

    /// The first pair that rules allow only some services; nil if all of them may do everything.
    fileprivate func limit(of pairs: [ExpectationCheck.Pair], _ table: Reachability) -> Phrase? {
        for pair in pairs {
            let services = services(pair, table)
            guard !services.isAll, let from = index[pair.from]?.name else { continue }
            switch pair.to {
            case .device(let id): return "\(from) reaches \(index[id]?.name ?? id) with \(services.phrase)"
            case .address(let address): return "\(from) reaches \(address.description) with \(services.phrase)"
            }
        }
        return nil
    }

    /// True if the expectation is about this pair.
    fileprivate func covers(_ pair: ExpectationCheck.Pair, _ expectation: Expectation) -> Bool {
        let isOf = { (id: String, side: Expectation.Side) -> Bool in
            switch side {
            case .device(let named): named == id
            case .tag(let tag): index[id].map { $0.tags.contains(tag) && $0.isActive(at: now) } ?? false
            case .address: false
            }
        }
        switch pair.to {
        case .device(let id): return isOf(pair.from, expectation.from) && isOf(id, expectation.to)
        case .address: return isOf(pair.from, expectation.from)
        }
    }

    fileprivate func reason(
        _ pair: ExpectationCheck.Pair, _ expectation: Expectation, _ table: Reachability, _ names: (String) -> String?
    ) -> Phrase {
        let first = names(pair.from) ?? pair.from
        guard let from = index[pair.from] else { return "\(first) is removed" }
        switch pair.to {
        case .device(let id):
            guard let to = index[id] else { return "\(names(id) ?? id) is removed" }
            let passing = table.passing(from, to)
            return expectation.isReached && passing.there.isEmpty && !passing.back.isEmpty
                ? "the rules let \(first) start nothing at \(to.name)" : table.reason(from, to)
        case .address(let address):
            let services = services(pair, table)
            guard !expectation.isReached else {
                let source = address.isV4 ? from.ipv4 : from.ipv6
                let isRuled = source.map { table.refusal(from: from, source: $0, destination: address) } == .ruleRefused
                return isRuled
                    ? "packets of \(first) to \(address) do not pass: the rules refuse them" : "packets of \(first) to \(address) do not pass"
            }
            return services.isAll || services.isEmpty
                ? "packets of \(first) to \(address) pass" : "packets of \(first) to \(address) pass with \(services.phrase)"
        }
    }
}
