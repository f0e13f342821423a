// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Synchronization

/// Secrets that the hub does not store, shown for ten minutes to the session that made them: a private key that the hub does not keep, or a new API
/// token. Kept in memory only.
final class OneTimeSecrets: Sendable {
    static let seconds: Int64 = 600

    private struct Key: Hashable {
        var session: String
        var subject: String
    }

    private struct Entry {
        var text: String
        var until: UnixTime
    }

    private let entries = Mutex<[Key: Entry]>([:])

    func put(_ text: String, for subject: String, session: String, now: UnixTime) {
        entries.withLock { entries in
            entries = entries.filter { $0.value.until > now }
            entries[Key(session: session, subject: subject)] = Entry(text: text, until: now.adding(seconds: Self.seconds))
        }
    }

    func remove(for subject: String, session: String) {
        entries.withLock { _ = $0.removeValue(forKey: Key(session: session, subject: subject)) }
    }

    func text(for subject: String, session: String, now: UnixTime) -> String? {
        entries.withLock { entries in
            guard let entry = entries[Key(session: session, subject: subject)], entry.until > now else { return nil }
            return entry.text
        }
    }
}
