// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The running and recent probes, and the limit on starting new ones. It has no clock: callers pass the time.
struct ProbeList {
    /// One probe, kept until a late answer is no longer expected.
    struct Entry {
        let id: UInt64
        let probe: Probe
        let slot: UInt32
        let token: UInt128
        /// The cell of the probe table where workers find its token.
        let cell: UInt32
        let startedAt: Instant
        /// Nil while it waits for a keypair.
        var sentAt: Instant?
        /// A handshake was requested to learn whether the peer is online.
        var isChecked = false
        /// The search for the largest packet that passes; nil until the first answer.
        var search: SizeSearch?
        /// The final outcome; a late answer does not change it.
        var outcome: ProbeOutcome?

        /// The outcome; nil while the probe runs. `wasHeard` says whether the peer is known to be online.
        func outcome(_ answer: ProbeTable.Answer?, wasHeard: Bool, now: Instant) -> ProbeOutcome? {
            if let answer, let sentAt, answer.at - startedAt < Probe.patience {
                guard answer.isReply else { return .refused }
                let time = max(.zero, answer.at - sentAt)
                // Without enough time for the search nothing is said about sizes.
                guard probe.byteCount != nil, now - startedAt < Probe.patience else { return .answered(time) }
                guard let search, search.isOver else { return nil }
                return search.isWhole ? .answered(time) : .largeLost(time, largest: search.largest, tried: search.whole)
            }
            if sentAt == nil, now - startedAt >= Probe.keypairPatience { return .noSession }
            guard now - startedAt >= Probe.patience else { return nil }
            return wasHeard ? .noAnswer : .noSession
        }

        /// Whether to send the probe, possibly again, now that there is a new keypair.
        func wantsKeypair(now: Instant) -> Bool {
            outcome == nil && now - startedAt < (sentAt == nil ? Probe.keypairPatience : Probe.patience)
        }

        /// When to check whether the peer is online; nil when that is done or not needed.
        var checkAt: Instant? { isChecked || sentAt == nil || outcome != nil ? nil : startedAt + Probe.patience - Probe.keypairPatience }
    }

    private(set) var entries: [Entry] = []
    private var lastID: UInt64 = 0
    /// When the last probes started, at most `Probe.limit` of them.
    private var starts: [Instant] = []

    /// When the next action is due; nil means never.
    var deadline: Instant? {
        Instant.earlier(entries.lazy.compactMap(\.checkAt).min(), entries.first.map { $0.startedAt + Probe.memory })
    }

    /// Whether another probe may start. If so, it is counted.
    mutating func mayStart(now: Instant) -> Bool {
        starts.removeAll { now - $0 >= .seconds(1) }
        guard starts.count < Probe.limit else { return false }
        starts.append(now)
        return true
    }

    /// Adds a probe.
    mutating func add(_ probe: Probe, slot: UInt32, token: UInt128, cell: UInt32, now: Instant) -> Entry {
        lastID += 1
        entries.append(Entry(id: lastID, probe: probe, slot: slot, token: token, cell: cell, startedAt: now))
        return entries[entries.count - 1]
    }

    func entry(_ id: UInt64) -> Entry? { entries.first { $0.id == id } }

    /// Changes the entry of a probe.
    mutating func update(_ id: UInt64, _ change: (inout Entry) -> Void) {
        if let index = entries.firstIndex(where: { $0.id == id }) { change(&entries[index]) }
    }

    /// Removes and returns the entries for which `isGone` returns true.
    mutating func remove(where isGone: (Entry) -> Bool) -> [Entry] {
        let gone = entries.filter(isGone)
        if !gone.isEmpty { entries.removeAll(where: isGone) }
        return gone
    }
}
