// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The probes that the control side remembers, and when each may begin. Pure: the time comes in.
struct ProbeList {
    /// One probe from its beginning until a late answer is no longer expected.
    struct Entry {
        let id: UInt64
        let probe: Probe
        let slot: UInt32
        let token: UInt128
        /// Where workers look for its token.
        let cell: UInt32
        let startedAt: Instant
        /// Nil while it waits for a keypair.
        var sentAt: Instant?
        /// A handshake was wanted to learn whether the peer is there at all.
        var isChecked = false
        /// Once there is an outcome it stays, whatever comes late.
        var outcome: ProbeOutcome?

        /// What came of it; nil while that is open. `wasHeard` is whether the peer is known to be there.
        func outcome(_ answer: ProbeTable.Answer?, wasHeard: Bool, now: Instant) -> ProbeOutcome? {
            if let answer, let sentAt, answer.at - startedAt < Probe.patience {
                return answer.isReply ? .answered(max(.zero, answer.at - sentAt)) : .refused
            }
            if sentAt == nil, now - startedAt >= Probe.keypairPatience { return .noSession }
            guard now - startedAt >= Probe.patience else { return nil }
            return wasHeard ? .noAnswer : .noSession
        }

        /// Whether it should leave, perhaps once more, now that a new keypair has come about.
        func wantsKeypair(now: Instant) -> Bool {
            outcome == nil && now - startedAt < (sentAt == nil ? Probe.keypairPatience : Probe.patience)
        }

        /// When it is time to find out whether the peer is there at all; nil when that was done, or need not be.
        var checkAt: Instant? { isChecked || sentAt == nil || outcome != nil ? nil : startedAt + Probe.patience - Probe.keypairPatience }
    }

    private(set) var entries: [Entry] = []
    private var lastID: UInt64 = 0
    /// When the last probes began, at most `Probe.limit` of them.
    private var starts: [Instant] = []

    /// When something is to be done next; nil for never.
    var deadline: Instant? {
        Instant.earlier(entries.lazy.compactMap(\.checkAt).min(), entries.first.map { $0.startedAt + Probe.memory })
    }

    /// True, and counted, when another probe may begin.
    mutating func mayStart(now: Instant) -> Bool {
        starts.removeAll { now - $0 >= .seconds(1) }
        guard starts.count < Probe.limit else { return false }
        starts.append(now)
        return true
    }

    /// Remembers a probe.
    mutating func add(_ probe: Probe, slot: UInt32, token: UInt128, cell: UInt32, now: Instant) -> Entry {
        lastID += 1
        entries.append(Entry(id: lastID, probe: probe, slot: slot, token: token, cell: cell, startedAt: now))
        return entries[entries.count - 1]
    }

    func entry(_ id: UInt64) -> Entry? { entries.first { $0.id == id } }

    /// Changes what is remembered of a probe.
    mutating func update(_ id: UInt64, _ change: (inout Entry) -> Void) {
        if let index = entries.firstIndex(where: { $0.id == id }) { change(&entries[index]) }
    }

    /// Forgets the entries that `isGone` picks, and gives them back.
    mutating func remove(where isGone: (Entry) -> Bool) -> [Entry] {
        let gone = entries.filter(isGone)
        if !gone.isEmpty { entries.removeAll(where: isGone) }
        return gone
    }
}
