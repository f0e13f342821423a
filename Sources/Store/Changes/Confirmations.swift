// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Synchronization

/// A change that the hub takes back by itself unless somebody confirms it in time: for those whose own way to the portal a change may cut.
public struct AwaitedConfirmation: Hashable, Sendable {
    /// The change.
    public let generation: Int64
    /// Who made it.
    public let author: String
    /// From this moment on it is taken back.
    public let deadline: UnixTime
}

extension ReadTransaction {
    /// Those whose time ends first come first. Nearly always empty.
    public func awaitedConfirmations() throws -> [AwaitedConfirmation] {
        try connection.all("SELECT generation, author, deadline FROM awaited_confirmations ORDER BY deadline, generation") {
            try AwaitedConfirmation(generation: $0.integer(), author: $0.text(), deadline: $0.time())
        }
    }
}

extension ChangeTransaction {
    /// Marks what this transaction has written so far and will write: it is taken back at `deadline` unless confirmed. Does nothing in a
    /// transaction that has written nothing.
    public func awaitConfirmation(until deadline: UnixTime) throws {
        guard hasChanges else { return }
        try connection.execute(
            "INSERT OR REPLACE INTO awaited_confirmations (generation, author, deadline) VALUES (?, ?, ?)",
            [.integer(generation), .text(author.name), .time(deadline)])
    }
}

extension WriteTransaction {
    /// False when it did not wait.
    func endWaiting(of generation: Int64) throws -> Bool {
        try connection.execute("DELETE FROM awaited_confirmations WHERE generation = ?", [.integer(generation)]) > 0
    }
}

/// When the wait of each change ends by a clock that nobody sets, so that one that was set back does not make the wait longer.
struct ConfirmationWatch {
    /// Seconds; the portal offers no more.
    static let longestWait: Int64 = 30 * 60

    private var ends: [Int64: ContinuousClock.Instant] = [:]

    /// Those of `all` whose time has run out by either clock. What is seen for the first time waits until its deadline, but never longer
    /// than the longest wait.
    mutating func due(_ all: [AwaitedConfirmation], at now: UnixTime, _ moment: ContinuousClock.Instant) -> [AwaitedConfirmation] {
        ends = all.reduce(into: [:]) { seen, awaited in
            let left = min(max(0, awaited.deadline.seconds(since: now)), Self.longestWait)
            seen[awaited.generation] = ends[awaited.generation] ?? moment.advanced(by: .seconds(left))
        }
        return all.filter { awaited in awaited.deadline <= now || ends[awaited.generation].map { $0 <= moment } ?? false }
    }
}

extension Database {
    /// Takes back every change whose time has run out. One that cannot be taken back any more stays, and the audit log says why.
    /// Call it at the start and every few seconds; costs one small read when nothing waits.
    public func revertUnconfirmed(at now: UnixTime, moment: ContinuousClock.Instant) throws {
        let all = try read { try $0.awaitedConfirmations() }
        for awaited in confirmations.withLock({ $0.due(all, at: now, moment) }) {
            do {
                try change(by: .system, at: now) {
                    guard try $0.endWaiting(of: awaited.generation) else { return }
                    try $0.revert(awaited.generation)
                }
            } catch StoreError.irreversible(let reason) {
                try write {
                    guard try $0.endWaiting(of: awaited.generation) else { return }
                    try $0.record(
                        "change.keep", target: "change/\(awaited.generation)", after: ["reason": "\(reason)"], by: .system, at: now)
                }
            }
        }
    }
}
