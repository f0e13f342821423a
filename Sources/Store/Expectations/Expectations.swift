// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Words

extension ReadTransaction {
    /// All expectations, in the order in which they were added.
    public func expectations() throws -> [Expectation] {
        try connection.all(
            """
            SELECT id, from_device, from_tag, to_device, to_tag, to_address, is_reached, broken_since, tested_at, passed, failed, untested,
                failed_from, failed_to
            FROM expectations ORDER BY created_at, rowid
            """
        ) { row in
            let id = try row.text()
            let from = try Self.side(row.optional { try $0.text() }, row.optional { try $0.text() }, nil)
            let to = try Self.side(row.optional { try $0.text() }, row.optional { try $0.text() }, row.optional { try $0.address() })
            let isReached = try row.integer() == 1
            let brokenSince = try row.optional { try $0.time() }
            let testedAt = try row.optional { try $0.time() }
            let counts = try (row.integer(), row.integer(), row.integer())
            let failure = try (row.optional { try $0.text() }, row.optional { try $0.text() })
            var test = testedAt.map { Expectation.Test(at: $0) }
            test?.passed = Int(clamping: counts.0)
            test?.failed = Int(clamping: counts.1)
            test?.untested = Int(clamping: counts.2)
            if let first = failure.0, let second = failure.1 { test?.firstFailure = (first, second) }
            return Expectation(id: id, from: from, to: to, isReached: isReached, brokenSince: brokenSince, test: test)
        }
    }

    private static func side(_ device: String?, _ tag: String?, _ address: IPAddress?) throws -> Expectation.Side {
        if let device { return .device(device) }
        if let address { return .address(address) }
        guard let tag = tag.flatMap({ Tag($0) }) else {
            throw StoreError.schema("An expectation has no valid side. Restore the database from a backup.")
        }
        return .tag(tag)
    }
}

extension WriteTransaction {
    /// Adds an expectation, whether or not it holds. Throws `.invalid` if there are too many, if it exists, or if both sides are the same device, and `.notFound` if a
    /// device was removed.
    public func addExpectation(
        from: Expectation.Side, to: Expectation.Side, isReached: Bool, by author: Author, at now: UnixTime
    ) throws -> Expectation {
        let all = try expectations()
        guard all.count < Expectation.limit else {
            throw StoreError.invalid([FieldError("to", "There are \(Expectation.limit) expectations already. Remove some, or use tags.")])
        }
        guard !all.contains(where: { $0.from == from && $0.to == to }) else {
            throw StoreError.invalid([FieldError("to", "There is an expectation about these two already. Remove it first.")])
        }
        if case .address = from { throw StoreError.invalid([FieldError("from", "Name a device, or a tag as tag:word.")]) }
        if from == to, case .device = from {
            throw StoreError.invalid([FieldError("to", "A link is between two devices. Name another one.")])
        }
        for case .device(let id) in [from, to] { _ = try device(id) }
        var expectation = Expectation(id: Identifier.random(), from: from, to: to, isReached: isReached)
        let isBroken = try checkedState(at: now).map { !ExpectationCheck([expectation], in: $0).breaches.isEmpty } ?? false
        expectation.brokenSince = isBroken ? now : nil
        let columns = { (side: Expectation.Side) -> [SQLValue] in
            switch side {
            case .device(let id): [.text(id), .null, .null]
            case .tag(let tag): [.null, .text(tag.description), .null]
            case .address(let address): [.null, .null, .blob(address.bytes)]
            }
        }
        try connection.execute(
            """
            INSERT INTO expectations (id, from_device, from_tag, to_device, to_tag, to_address, is_reached, created_at, broken_since)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [.text(expectation.id)] + columns(from).dropLast() + columns(to)
                + [.flag(isReached), .time(now), .optional(time: expectation.brokenSince)])
        try record(
            "expectation.add", target: "expectation/\(expectation.id)", after: ["name": try words(expectation)], by: author, at: now)
        return expectation
    }

    /// Removes an expectation. Throws `.notFound` if it does not exist.
    public func removeExpectation(_ id: String, by author: Author, at now: UnixTime) throws {
        guard let expectation = try expectations().first(where: { $0.id == id }) else {
            throw StoreError.notFound(kind: "expectation", id: String(id.prefix(64)))
        }
        try connection.execute("DELETE FROM expectations WHERE id = ?", [.text(id)])
        try record("expectation.remove", target: "expectation/\(id)", before: ["name": try words(expectation)], by: author, at: now)
    }

    /// Records the result of a test with pings. Ignores an expectation that was removed in the meantime.
    public func recordTest(_ test: Expectation.Test, ofExpectation id: String) throws {
        try connection.execute(
            "UPDATE expectations SET tested_at = ?, passed = ?, failed = ?, untested = ?, failed_from = ?, failed_to = ? WHERE id = ?",
            [
                .time(test.at), .integer(Int64(test.passed)), .integer(Int64(test.failed)), .integer(Int64(test.untested)),
                .optional(text: test.firstFailure?.from), .optional(text: test.firstFailure?.to), .text(id),
            ])
    }

    /// The sentence, with the names that devices have now.
    func words(_ expectation: Expectation) throws -> String {
        let (inventory, _) = try inventory()
        return expectation.sentence { inventory.index[$0]?.name }.description
    }
}
