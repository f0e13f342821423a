// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Synchronization
import Words

/// A backup that was uploaded and waits for somebody to restore it. There is at most one, and one is checked at a time, so that uploads can
/// fill neither the disk nor the memory.
/// Thread rule: any thread; one lock, held for a copy.
final class Uploads: Sendable {
    /// The largest backup. It is held in memory while it arrives; `hairpin restore` takes larger ones.
    static let backupByteCount = 64 << 20
    /// The largest server file: more than 10,000 peers.
    static let importByteCount = 4 << 20
    /// Room for the other fields of a form.
    private static let formByteCount = 16 << 10
    /// How long a backup waits, in seconds.
    static let lifetime: Int64 = 600

    private struct Waiting {
        let session: String
        let until: UnixTime
        let backup: UploadedBackup
    }

    private let waiting = Mutex<Waiting?>(nil)
    private let isChecking = Atomic<Bool>(false)

    /// The largest body of a form at this path; nil for one without uploads.
    static func limit(at path: [String]) -> Int? {
        switch path {
        case ["settings", "data", "restore"]: backupByteCount + formByteCount
        case ["settings", "data", "import"]: importByteCount + formByteCount
        case ["rules"]: RuleText.maximumByteCount + formByteCount
        default: nil
        }
    }

    /// Runs the check of an upload: its key alone may need 64 MB and a core for a moment (HTTP-L-15). Throws 503 while another one is checked.
    func check<Result>(_ work: () throws -> Result) throws -> Result {
        guard isChecking.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged else {
            throw HTTPError.busy("Another backup is being checked. Try again in a few seconds.", retryAfter: 5)
        }
        defer { isChecking.store(false, ordering: .releasing) }
        return try work()
    }

    /// Keeps a backup for a session, in place of any other one.
    func keep(_ backup: UploadedBackup, session: String, now: UnixTime) {
        waiting.withLock { $0 = Waiting(session: session, until: now.adding(seconds: Self.lifetime), backup: backup) }
    }

    /// Takes the backup that this session uploaded; nil if there is none any more.
    func take(session: String, now: UnixTime) -> UploadedBackup? {
        waiting.withLock { waiting in
            guard let found = waiting, found.session == session, found.until > now else { return nil }
            waiting = nil
            return found.backup
        }
    }

    /// Drops a backup that nobody restored in time.
    func dropOld(now: UnixTime) {
        waiting.withLock { if let found = $0, found.until <= now { $0 = nil } }
    }
}
