// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization

/// The condition of the database, based on the last transactions.
/// Thread rule: any thread. One lock, held for a comparison.
final class DatabaseHealth: Sendable {
    private let found = Mutex<DatabaseTrouble?>(nil)
    private let probed = Mutex<UnixTime?>(nil)

    var trouble: DatabaseTrouble? { found.withLock { $0 } }

    /// Records a failed transaction. Ignores errors that do not come from the environment.
    func note(_ error: any Error) {
        guard let trouble = (error as? StoreError)?.trouble else { return }
        found.withLock { if $0 != .damaged { $0 = trouble } }
    }

    /// Records a commit. Does not clear `.damaged`: intact parts of a damaged file can still be written.
    func noteCommit() { found.withLock { if $0 != .damaged { $0 = nil } } }

    /// True if the last probe was at least `interval` seconds ago, or if the clock was set back.
    func takesProbe(at now: UnixTime, interval: Int64) -> Bool {
        probed.withLock { last in
            if let last, (0..<interval).contains(now.seconds(since: last)) { return false }
            last = now
            return true
        }
    }
}

extension Database {
    /// The minimum time between two probes, in seconds.
    static let probeInterval: Int64 = 10

    /// The reason why the database does not work, found by the last transactions. Nil if it works.
    public var trouble: DatabaseTrouble? { health.trouble }

    /// What is free on the disk of the data folder; nil if the system does not tell.
    public var freeBytes: UInt64? { Files.freeBytes(at: folder) }

    /// Tests with a small commit whether the database can be written; nil if it can. Returns the last result if it was tested less than ten
    /// seconds ago or another thread is writing, so frequent calls are cheap.
    ///
    /// The commit writes the time to the user version in the file header, which nothing else uses.
    public func probe(at now: UnixTime) -> DatabaseTrouble? {
        guard health.takesProbe(at: now, interval: Self.probeInterval) else { return trouble }
        do {
            let wasFree = try exclusivelyIfFree { try $0.script("PRAGMA user_version = \(now.seconds & 0x7FFF_FFFF)") }
            if wasFree { health.noteCommit() }
            return trouble
        } catch {
            return trouble ?? .device
        }
    }
}

/// Reports a failure that may recur at each attempt only once.
/// Thread rule: any thread. One lock, held for a comparison.
public final class RecurringFailure: Sendable {
    private let reason = Mutex<String?>(nil)

    public init() {}

    /// True if this is the first failure or its reason differs from the last one.
    public func isNews(_ error: any Error) -> Bool {
        let new = (error as? StoreError)?.trouble.map { "\($0)" } ?? "\(error)"
        return reason.withLock { reason in
            defer { reason = new }
            return reason != new
        }
    }

    /// True if the last attempt failed. Call it after a success.
    public func isOver() -> Bool {
        reason.withLock { reason in
            defer { reason = nil }
            return reason != nil
        }
    }
}
