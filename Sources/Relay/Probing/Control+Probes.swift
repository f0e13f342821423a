// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Synchronization
import WireGuard

/// Probes from their beginning to their end. A probe is looked at by its number; nobody has to.
extension Control {
    /// A probe that has begun, or what is known of it at once.
    enum StartedProbe {
        case underWay(UInt64)
        case over(ProbeOutcome)
    }

    /// A session that was younger when the probe began is taken for a sign of life: no new handshake may be asked for yet (WG-S-11).
    private static let freshness = Constants.rekeyTimeout - (Probe.patience - Probe.sessionPatience)

    /// Sends the echo request, or begins a handshake where there is no session to send it under.
    func start(_ probe: Probe, now: Instant) -> StartedProbe {
        guard let slot = slots[probe.peer], table.owner(of: probe.destination) == slot, probe.source.isV4 == probe.destination.isV4 else {
            return .over(.notInForce)
        }
        guard !shared.peers.at(slot).pointee.path.load().remote.isUnset else { return .over(.noEndpoint) }
        var token: UInt128 = 0
        withUnsafeMutableBytes(of: &token) { SecureRandom.fill($0) }
        // Zero marks a free cell.
        token |= 1 << 127
        guard probes.mayStart(now: now), let cell = shared.probes.add(token, peer: slot) else { return .over(.limited) }
        let entry = probes.add(probe, slot: slot, token: token, cell: cell, now: now)
        if hasSession(slot, now: now) { send(entry, now: now) } else { initiateIfIdle(slot, now: now) }
        return .underWay(entry.id)
    }

    /// What came of a probe; nil while that is open. One that is not remembered went with its peer.
    func outcome(ofProbe id: UInt64, now: Instant) -> ProbeOutcome? {
        guard let entry = probes.entry(id) else { return .notInForce }
        if let outcome = entry.outcome { return outcome }
        let outcome = entry.outcome(shared.probes.answer(of: entry.cell), wasHeard: wasHeard(entry, now: now), now: now)
        if outcome != nil { probes.update(id) { $0.outcome = outcome } }
        return outcome
    }

    /// A session with a peer has come about: what waited for it leaves, and so does what an older session may not have brought there.
    func sendProbes(to slot: UInt32, now: Instant) {
        for entry in probes.entries where entry.slot == slot && entry.wantsSession(now: now) && shared.probes.answer(of: entry.cell) == nil {
            send(entry, now: now)
        }
    }

    /// Asks a peer that does not answer for a handshake, which tells a silent machine from one that is gone; and forgets the probes whose late
    /// answers need not be waited for any more.
    func runProbes(now: Instant) {
        guard let deadline = probes.deadline, deadline <= now else { return }
        for entry in probes.entries where entry.checkAt.map({ $0 <= now }) == true {
            probes.update(entry.id) { $0.isChecked = true }
            if shared.probes.answer(of: entry.cell) == nil, !wasHeard(entry, now: now) { initiateIfIdle(entry.slot, now: now) }
        }
        for entry in probes.remove(where: { now - $0.startedAt >= Probe.memory }) { shared.probes.remove(entry.cell) }
    }

    /// Forgets the probes of a peer that goes.
    func forgetProbes(of slot: UInt32) {
        for entry in probes.remove(where: { $0.slot == slot }) { shared.probes.remove(entry.cell) }
    }

    /// Whether the peer is known to have been there while the probe was under way.
    private func wasHeard(_ entry: ProbeList.Entry, now: Instant) -> Bool {
        let heard = Instant(nanoseconds: shared.peers.at(entry.slot).pointee.activity.lastReceived.load(ordering: .relaxed))
        guard heard < entry.startedAt, let current = members[Int(entry.slot)]?.current else { return heard >= entry.startedAt }
        return entry.startedAt - shared.sessions.at(current).pointee.createdAt < Self.freshness
    }

    /// A packet of the hub's own, counted as any other that leaves (WG-Q-4).
    private func send(_ entry: ProbeList.Entry, now: Instant) {
        let buffer = egress.makeRoom(ICMP.probeByteCount, now: now)
        let byteCount = ICMP.writeProbe(entry.token, from: entry.probe.source, to: entry.probe.destination, to: buffer)
        counters.counters.datagramsRouted.increment()
        let outcome = egress.send(
            buffer, byteCount: byteCount, room: ICMP.probeByteCount + 16, to: entry.slot, mtu: Int(mtus[Int(entry.slot)]), now: now)
        probes.update(entry.id) { $0.sentAt = now }
        if case .refused(let reason) = outcome {
            counters.counters.drop(reason, Parties(receiver: entry.slot), now: now)
            probes.update(entry.id) { $0.outcome = .noSession }
        }
    }
}
