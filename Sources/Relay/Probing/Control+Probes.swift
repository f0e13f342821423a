// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Synchronization
import WireGuard

/// Runs probes from start to end. The caller may poll a probe's outcome by its number, but need not.
extension Control {
    /// The result of starting a probe: it runs, or its outcome is already known.
    enum StartedProbe {
        case underWay(UInt64)
        case over(ProbeOutcome)
    }

    /// A keypair that was younger than this when the probe began counts as proof that the peer is online, because a new handshake is not
    /// allowed yet (WG-S-11).
    private static let freshness = Constants.rekeyTimeout - (Probe.patience - Probe.keypairPatience)

    /// Sends the echo request, or starts a handshake when there is no keypair.
    func start(_ probe: Probe, now: Instant) -> StartedProbe {
        guard let peer = peers[probe.peer], peer.isEnabled, routing.owner(of: probe.destination) == peer.slot,
            probe.source.isV4 == probe.destination.isV4
        else {
            return .over(.notInForce)
        }
        if let byteCount = probe.byteCount, !(SizeSearch.least...Probe.largestByteCount).contains(byteCount) { return .over(.notInForce) }
        guard !shared.peers.at(peer.slot).pointee.path.load().remote.isUnset else { return .over(.noEndpoint) }
        var token: UInt128 = 0
        withUnsafeMutableBytes(of: &token) { SecureRandom.fill($0) }
        // The token's upper half must not be zero, because zero marks a free cell.
        token = (token | 1 << 127) & ~ProbeTable.numberMask
        guard probes.mayStart(now: now), let cell = shared.probes.add(token, peer: peer.slot) else { return .over(.limited) }
        let entry = probes.add(probe, slot: peer.slot, token: token, cell: cell, now: now)
        if hasKeypair(peer, now: now) { send(entry, to: peer, now: now) } else { initiateIfIdle(peer, now: now) }
        return .underWay(entry.id)
    }

    /// The outcome of a probe; nil while it runs. A probe that is unknown ended with its peer.
    func outcome(ofProbe id: UInt64, now: Instant) -> ProbeOutcome? {
        searchSize(id, now: now)
        guard let entry = probes.entry(id) else { return .notInForce }
        if let outcome = entry.outcome { return outcome }
        let outcome = entry.outcome(shared.probes.answer(of: entry.cell), wasHeard: wasHeard(entry, now: now), now: now)
        if outcome != nil { probes.update(id) { $0.outcome = outcome } }
        return outcome
    }

    /// After the first answer, looks for the largest packet that passes. The caller's questions drive the search.
    private func searchSize(_ id: UInt64, now: Instant) {
        guard let entry = probes.entry(id), entry.outcome == nil, let whole = entry.probe.byteCount, now - entry.startedAt < Probe.patience,
            let peer = peers[entry.slot], let sentAt = entry.sentAt, let answer = shared.probes.answer(of: entry.cell), answer.isReply
        else { return }
        var search = entry.search ?? SizeSearch(whole: whole, roundTrip: max(.zero, answer.at - sentAt), now: now)
        let echoes = search.proceed(answered: shared.probes.sizes(of: entry.cell), now: now)
        for echo in echoes { _ = send(entry, number: echo.number, byteCount: echo.byteCount, to: peer, now: now) }
        if !echoes.isEmpty { egress.flush(now: now) }
        probes.update(id) { $0.search = search }
    }

    /// Sends the probes that wait for a new keypair, and repeats those that may have been lost under an older keypair.
    func sendProbes(to peer: Peer, now: Instant) {
        for entry in probes.entries where entry.slot == peer.slot && entry.wantsKeypair(now: now) && shared.probes.answer(of: entry.cell) == nil {
            send(entry, to: peer, now: now)
        }
    }

    /// Requests a handshake from a peer that does not answer, to tell a silent peer from one that is offline. Also forgets probes that are
    /// too old for late answers.
    func runProbes(now: Instant) {
        guard let deadline = probes.deadline, deadline <= now else { return }
        for entry in probes.entries where entry.checkAt.map({ $0 <= now }) == true {
            probes.update(entry.id) { $0.isChecked = true }
            if shared.probes.answer(of: entry.cell) == nil, !wasHeard(entry, now: now), let peer = peers[entry.slot] {
                initiateIfIdle(peer, now: now)
            }
        }
        for entry in probes.remove(where: { now - $0.startedAt >= Probe.memory }) { shared.probes.remove(entry.cell) }
    }

    /// Forgets the probes of a peer that is removed.
    func forgetProbes(of peer: Peer) {
        for entry in probes.remove(where: { $0.slot == peer.slot }) { shared.probes.remove(entry.cell) }
    }

    /// Whether the peer was certainly online while the probe ran.
    private func wasHeard(_ entry: ProbeList.Entry, now: Instant) -> Bool {
        let heard = Instant(nanoseconds: shared.peers.at(entry.slot).pointee.activity.lastReceived.load(ordering: .relaxed))
        guard heard < entry.startedAt, let current = peers[entry.slot]?.keypairs.current else { return heard >= entry.startedAt }
        return entry.startedAt - shared.keypairs.at(current).pointee.age.createdAt < Self.freshness
    }

    /// Sends a probe's first echo.
    private func send(_ entry: ProbeList.Entry, to peer: Peer, now: Instant) {
        let outcome = send(entry, number: 0, byteCount: 0, to: peer, now: now)
        probes.update(entry.id) { $0.sentAt = now }
        if case .refused = outcome { probes.update(entry.id) { $0.outcome = .noSession } }
    }

    /// Sends an echo of a probe, counted like any other packet of the hub (WG-Q-4).
    private func send(_ entry: ProbeList.Entry, number: Int, byteCount: Int, to peer: Peer, now: Instant) -> Egress.Outcome {
        let room = max(byteCount, ICMP.probeByteCount) + Egress.tailRoom
        let buffer = egress.makeRoom(room, now: now)
        let byteCount = ICMP.writeProbe(
            entry.token | UInt128(number), from: entry.probe.source, to: entry.probe.destination, byteCount: byteCount, to: buffer)
        counters.counters.datagramsRouted.increment()
        let outcome = egress.send(buffer, byteCount: byteCount, room: room, to: peer.slot, mtu: routing.mtu(of: peer), now: now)
        if case .refused(let reason) = outcome { counters.counters.drop(reason, Parties(receiver: peer.slot), now: now) }
        return outcome
    }
}
