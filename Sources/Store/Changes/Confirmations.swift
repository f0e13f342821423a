// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Synchronization

/// A change that the hub undoes unless it is confirmed in time. Protects users from losing their own access to the portal through a change.
public struct AwaitedConfirmation: Hashable, Sendable {
    /// The generation of the change.
    public let generation: Int64
    /// The author of the change.
    public let author: String
    /// The time from which the hub undoes the change.
    public let deadline: UnixTime

    /// The longest wait in seconds. The portal offers no longer one.
    static let longestWait: Int64 = 30 * 60
}

extension ReadTransaction {
    /// The pending confirmations, earliest deadline first. Nearly always empty.
    public func awaitedConfirmations() throws -> [AwaitedConfirmation] {
        try connection.all("SELECT generation, author, deadline FROM awaited_confirmations ORDER BY deadline, generation") {
            try AwaitedConfirmation(generation: $0.integer(), author: $0.text(), deadline: $0.time())
        }
    }
}

extension ChangeTransaction {
    /// Requires a confirmation for everything that this transaction writes: without one, the hub undoes it at `deadline`. Does nothing if
    /// the transaction has not written anything yet.
    public func awaitConfirmation(until deadline: UnixTime) throws {
        guard hasChanges else { return }
        try connection.execute(
            "INSERT OR REPLACE INTO awaited_confirmations (generation, author, deadline) VALUES (?, ?, ?)",
            [.integer(generation), .text(author.name), .time(deadline)])
    }
}

extension WriteTransaction {
    /// Ends a pending confirmation. Returns false if there was none.
    func endWaiting(of generation: Int64) throws -> Bool {
        try connection.execute("DELETE FROM awaited_confirmations WHERE generation = ?", [.integer(generation)]) > 0
    }
}

extension Database {
    /// Undoes all changes that have reached their deadline. If a change can no longer be undone, it stays and the audit log records the
    /// reason. Call this at start and every few seconds. Needs only one small read if nothing is pending.
    public func revertUnconfirmed(at now: UnixTime, moment: ContinuousClock.Instant) throws {
        let all = try read { try $0.awaitedConfirmations() }
        let due = confirmations.withLock { watch in
            watch.due(all, at: now, moment) {
                DeadlineWatch.Deadline(id: "\($0.generation)", at: $0.deadline, longest: AwaitedConfirmation.longestWait)
            }
        }
        for awaited in due {
            do {
                // What is undone was not confirmed, so it does not wait for anybody.
                try change(by: .system, at: now, breaksExpectations: true) {
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
