// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Words

// Every change of desired state passes here, whoever makes it. What changes without a change, such as a device that expires, is noted by
// `Database.noteExpectations`.

extension ReadTransaction {
    /// The devices and what they follow, as this transaction sees them. Nil if there is no hub yet.
    func checkedState(at now: UnixTime) throws -> ExpectationCheck.State? {
        let (inventory, _) = try inventory()
        return inventory.hub.map {
            ExpectationCheck.State(index: inventory.index, defaults: inventory.defaults, hub: $0, rules: inventory.rules, now: now)
        }
    }
}

/// The expectations of a change, and the state before it.
struct ExpectedState {
    let expectations: [Expectation]
    let state: ExpectationCheck.State
}

extension ChangeTransaction {
    /// Remembers the present state for `breaches`. Call it before anything is written.
    func expect() throws {
        let expectations = try expectations()
        guard !expectations.isEmpty, let state = try checkedState(at: now) else { return }
        expected = ExpectedState(expectations: expectations, state: state)
    }

    /// The expectations that this transaction has broken so far: those that held before it, and those that it breaks for another pair.
    public func breaches() throws -> [ExpectationCheck.Breach] {
        guard hasChanges, let expected, let after = try checkedState(at: now) else { return [] }
        let before = expected.state
        var changed: Set<String>? = Set(try devices(changedAfter: generation - 1).map(\.id)).union(removed)
        if after.defaults.settings.allowedIPs != before.defaults.settings.allowedIPs || after.hub.addresses != before.hub.addresses
            || after.rules.rules != before.rules.rules || after.rules.end != before.rules.end
        {
            changed = nil
        }
        return ExpectationCheck(expected.expectations, before: before, after: after, changed: changed).breaches
    }

    /// Throws `.breaches` if the transaction breaks expectations, unless `isAccepted`. Records what becomes of the expectations: broken on purpose,
    /// holding again, or removed with a device.
    func keepExpectations(isAccepted: Bool) throws {
        guard let expected else { return }
        let breaches = try breaches()
        guard breaches.isEmpty || isAccepted else { throw StoreError.breaches(breaches) }
        for breach in breaches {
            try setBroken(since: now, breach.expectation)
            try note("expectation.break", breach.expectation, ["name": breach.sentence.description, "reason": breach.reasons.description])
        }
        let names = { (id: String) in expected.state.index[id]?.name }
        let gone = expected.expectations.filter { !Set(removed).isDisjoint(with: $0.deviceIDs) }
        for expectation in gone { try note("expectation.remove", expectation, ["name": expectation.sentence(names).description]) }
        let broken = expected.expectations.filter { $0.brokenSince != nil && !gone.contains($0) }
        guard !broken.isEmpty, let after = try checkedState(at: now) else { return }
        let check = ExpectationCheck(broken, in: after)
        let failing = check.unchecked.union(check.breaches.map(\.expectation.id))
        for expectation in broken where !failing.contains(expectation.id) {
            try setBroken(since: nil, expectation)
            try note("expectation.hold", expectation, ["name": expectation.sentence(names).description])
        }
    }

    private func note(_ action: String, _ expectation: Expectation, _ details: AuditDetails) throws {
        try noteChange(action, target: "expectation/\(expectation.id)") { (before: [:], after: details) }
    }
}

extension WriteTransaction {
    /// Keeps the time of an expectation that is broken already.
    fileprivate func setBroken(since time: UnixTime?, _ expectation: Expectation) throws {
        guard (expectation.brokenSince == nil) != (time == nil) else { return }
        try connection.execute("UPDATE expectations SET broken_since = ? WHERE id = ?", [.optional(time: time), .text(expectation.id)])
    }
}

/// What time did to expectations.
public struct ExpectationNews: Equatable, Sendable {
    /// Those that no longer hold.
    public fileprivate(set) var broken: [ExpectationCheck.Breach] = []
    /// Those that hold again.
    public fileprivate(set) var kept: [Expectation] = []

    /// True if nothing happened.
    public var isEmpty: Bool { broken.isEmpty && kept.isEmpty }
}

extension Database {
    /// Records which expectations no longer hold, or hold again, although nobody saved a change: a device has expired, or the hub was restored. Call
    /// it now and then. Only reads if there is no news.
    @discardableResult
    public func noteExpectations(at now: UnixTime) throws -> ExpectationNews {
        guard try !read({ try $0.expectationNews(at: now) }).isEmpty else { return ExpectationNews() }
        return try write { transaction in
            // Somebody may have saved a change in between.
            let news = try transaction.expectationNews(at: now)
            for breach in news.broken {
                try transaction.setBroken(since: now, breach.expectation)
                try transaction.record(
                    "expectation.fail", target: "expectation/\(breach.expectation.id)",
                    after: ["name": breach.sentence.description, "reason": breach.reasons.description], by: .system, at: now)
            }
            for expectation in news.kept {
                try transaction.setBroken(since: nil, expectation)
                try transaction.record(
                    "expectation.hold", target: "expectation/\(expectation.id)", after: ["name": try transaction.words(expectation)], by: .system,
                    at: now)
            }
            return news
        }
    }
}

extension ReadTransaction {
    fileprivate func expectationNews(at now: UnixTime) throws -> ExpectationNews {
        var news = ExpectationNews()
        let expectations = try expectations()
        guard !expectations.isEmpty, let state = try checkedState(at: now) else { return news }
        let check = ExpectationCheck(expectations, in: state)
        news.broken = check.breaches.filter { $0.expectation.brokenSince == nil }
        let failing = check.unchecked.union(check.breaches.map(\.expectation.id))
        news.kept = expectations.filter { $0.brokenSince != nil && !failing.contains($0.id) }
        return news
    }
}
