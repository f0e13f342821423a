// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net

extension ReadTransaction {
    /// The pairs that spoke in the last 30 days. With `ids`, only those of these devices; a few devices cost little, and more than
    /// `SpokenPairs.few` as much as all.
    public func spokenPairs(ofDevices ids: [String]? = nil, at now: UnixTime) throws -> SpokenPairs {
        let since = try connection.first("SELECT at FROM spoken_pairs_since") { try $0.time() }
        let horizon = SQLValue.time(SpokenPairs.horizon(at: now))
        let read = { (row: inout Row) in try SpokenPairs.Pair(first: row.text(), second: row.text(), lastAt: row.time()) }
        guard let ids, ids.count <= SpokenPairs.few else {
            let wanted = ids.map(Set.init)
            let all = try connection.all("SELECT first, second, last_at FROM spoken_pairs WHERE last_at >= ?", [horizon], read)
            return SpokenPairs(
                wanted.map { wanted in all.filter { wanted.contains($0.first) || wanted.contains($0.second) } } ?? all, watchedSince: since)
        }
        var pairs: [SpokenPairs.Pair] = []
        let chosen = Set(ids)
        for id in chosen {
            pairs += try connection.all(
                "SELECT first, second, last_at FROM spoken_pairs WHERE first = ? AND last_at >= ?", [.text(id), horizon], read)
            // A pair of two of these devices is found with its first one.
            pairs += try connection.all(
                "SELECT first, second, last_at FROM spoken_pairs WHERE second = ? AND last_at >= ?", [.text(id), horizon], read
            ).filter { !chosen.contains($0.first) }
        }
        return SpokenPairs(pairs, watchedSince: since)
    }

    /// True if `removeOldSpokenPairs` would forget any. Reads all pairs.
    public func hasOldSpokenPairs(keeping limit: Int = SpokenPairs.limit, at now: UnixTime) throws -> Bool {
        let row = try connection.first("SELECT count(*), coalesce(min(last_at), ?) FROM spoken_pairs", [.time(now)]) {
            (count: try $0.integer(), oldest: try $0.time())
        }
        return row.map { $0.count > limit || $0.oldest < SpokenPairs.horizon(at: now) } ?? false
    }
}

extension SpokenPairs {
    /// The most devices whose pairs are looked up one device at a time.
    static let few = 50
    /// Seconds for which a recorded pair is not written again.
    static let freshness: Int64 = 3600
}

extension WriteTransaction {
    /// Records that packets passed between these keys at `now`. Ignores keys that no device has, and pairs that were recorded less than an
    /// hour ago. With the first call, watching begins.
    public func recordSpokenPairs(_ pairs: some Sequence<(first: PublicKey, second: PublicKey)>, at now: UnixTime) throws {
        try connection.execute("INSERT OR IGNORE INTO spoken_pairs_since (one, at) VALUES (1, ?)", [.time(now)])
        for pair in pairs {
            // A time in the future is from before the clock was set back.
            try connection.execute(
                """
                INSERT INTO spoken_pairs (first, second, last_at)
                SELECT min(a.id, b.id), max(a.id, b.id), ?1 FROM devices AS a, devices AS b
                WHERE a.public_key = ?2 AND b.public_key = ?3 AND a.id <> b.id
                ON CONFLICT (first, second) DO UPDATE SET last_at = excluded.last_at
                WHERE last_at NOT BETWEEN excluded.last_at - ?4 AND excluded.last_at
                """,
                [.time(now), .key(pair.first), .key(pair.second), .integer(SpokenPairs.freshness)])
        }
    }

    /// Forgets pairs that did not speak for 30 days, and above `limit` those that were silent for longest. If it forgets any of the latter,
    /// watching counts from the newest of them on, because the record of the time before is no longer complete.
    public func removeOldSpokenPairs(keeping limit: Int = SpokenPairs.limit, at now: UnixTime) throws {
        try connection.execute("DELETE FROM spoken_pairs WHERE last_at < ?", [.time(SpokenPairs.horizon(at: now))])
        let count = try connection.first("SELECT count(*) FROM spoken_pairs") { try $0.integer() } ?? 0
        guard count > limit else { return }
        let excess = SQLValue.integer(count - Int64(limit))
        try connection.execute(
            """
            UPDATE spoken_pairs_since
            SET at = max(at, (SELECT max(last_at) FROM (SELECT last_at FROM spoken_pairs ORDER BY last_at LIMIT ?)))
            """, [excess])
        try connection.execute(
            "DELETE FROM spoken_pairs WHERE (first, second) IN (SELECT first, second FROM spoken_pairs ORDER BY last_at LIMIT ?)", [excess])
    }

    /// Restarts watching. The pairs stay, because they did speak, but others may have spoken unnoticed.
    func forgetWatching() throws { try connection.execute("DELETE FROM spoken_pairs_since") }
}
