// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Synchronization

/// What the last transactions say of the database's surroundings.
/// Thread rule: any thread; one lock, held for a comparison.
final class DatabaseHealth: Sendable {
    private let found = Mutex<DatabaseTrouble?>(nil)
    private let probed = Mutex<UnixTime?>(nil)

    var trouble: DatabaseTrouble? { found.withLock { $0 } }

    /// A transaction failed. Errors that tell nothing of the surroundings change nothing.
    func note(_ error: any Error) {
        guard let trouble = (error as? StoreError)?.trouble else { return }
        found.withLock { if $0 != .damaged { $0 = trouble } }
    }

    /// Something was committed. A damaged file stays one: what lies beside the damage can still be written.
    func noteCommit() { found.withLock { if $0 != .damaged { $0 = nil } } }

    /// True when the last probe is `interval` seconds ago, also by a clock that was set back.
    func takesProbe(at now: UnixTime, interval: Int64) -> Bool {
        probed.withLock { last in
            if let last, (0..<interval).contains(now.seconds(since: last)) { return false }
            last = now
            return true
        }
    }
}

extension Database {
    /// Seconds from one probe to the next.
    static let probeInterval: Int64 = 10

    /// What keeps the database from working, as the last transactions found; nil while it works.
    public var trouble: DatabaseTrouble? { health.trouble }

    /// Finds out by a small commit whether the database takes changes; nil when it does. Asked again within ten seconds, or while somebody
    /// else writes, it answers from memory, so anybody may ask.
    ///
    /// The commit puts the moment into the file header's user version, which nothing else uses.
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
