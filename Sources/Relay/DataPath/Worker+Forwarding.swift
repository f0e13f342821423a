// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// Forwards decrypted packets, or finds the reason to drop them (Documentation/protocol.md section 15).
extension Worker {
    /// The hairpin turn: checks the inner packet, decides, and passes it on.
    mutating func forward(
        _ plain: UnsafeMutableRawPointer, byteCount: Int, from sender: UInt32, outer: UInt8, messageByteCount: Int
    ) throws(DropReason) {
        let packet = try IPPacket(at: plain, available: byteCount)
        note?.read(packet)
        let verdict = snapshot._withUnsafeGuaranteedRef {
            $0.table.decide(from: sender, source: packet.source, destination: packet.destination)
        }
        if case .refuse(let reason) = verdict, reason.isReceipt { try refuse(packet, reason, from: sender, messageByteCount: messageByteCount) }
        counters.counters.received(messageByteCount, from: sender)
        counters.counters.datagramsAccepted.increment()
        if isProbing, let answer = ICMP.probeAnswer(in: packet), shared.probes.take(answer, from: sender, now: now) {
            note?.verdict = .probe
            return
        }
        if hasRules { try askRules(about: packet, verdict, from: sender) }
        if case .deliver = verdict, try deliver(packet, outer: outer, from: sender) { return }
        if case .leave = verdict, host.isOpen {
            markCongestion(packet, outer: outer)
            return passToHost(packet, from: sender)
        }
        counters.counters.datagramsRouted.increment()
        markCongestion(packet, outer: outer)
        let room = byteCount + 16
        switch verdict {
        case .forward(let receiver):
            parties.receiver = receiver
            try pass(packet, room: room, from: sender, to: receiver)
        case .deliver: try answer(packet, room: room, to: sender)
        case .leave: try refuse(packet, .noEgress, from: sender)
        case .refuse(let reason): try refuse(packet, reason, from: sender)
        }
    }

    /// Drops a packet that is not counted as accepted. If its source belongs to the sender, the sender is told that the destination is
    /// unreachable.
    private mutating func refuse(_ packet: IPPacket, _ reason: DropReason, from sender: UInt32, messageByteCount: Int) throws(DropReason) {
        if reason == .peerDisabled {
            counters.counters.received(messageByteCount, from: sender)
            parties.receiver = owner(of: packet.destination)
            explain(.unreachable, about: packet, to: sender)
        }
        throw reason
    }

    /// Drops an accepted packet and tells its sender.
    private mutating func refuse(_ packet: IPPacket, _ reason: DropReason, from sender: UInt32) throws(DropReason) {
        parties.receiver = owner(of: packet.destination)
        explain(reason.isWithoutRoute ? .unreachable : .prohibited, about: packet, to: sender)
        throw reason
    }

    /// The peer that would have received a dropped packet.
    private func owner(of destination: IPAddress) -> UInt32 {
        let owner = snapshot._withUnsafeGuaranteedRef { $0.table.owner(of: destination) }
        return owner == ForwardingTable.hub ? Parties.nobody : owner ?? Parties.nobody
    }

    private mutating func pass(_ packet: IPPacket, room: Int, from sender: UInt32, to receiver: UInt32) throws(DropReason) {
        guard packet.hopLimit > 1 || !shared.lowersHopLimit else {
            explain(.hopLimitExceeded, about: packet, to: sender)
            throw .hopLimitExceeded
        }
        let mtu = mtu(of: receiver, isV4: packet.isV4)
        let sendersMTU = self.mtu(of: sender, isV4: packet.isV4)
        if mtu | sendersMTU != 0 { packet.lowerSegmentSize(mtu: mtu == 0 || sendersMTU == 0 ? mtu | sendersMTU : min(mtu, sendersMTU)) }
        let isTooBig = mtu != 0 && packet.byteCount > mtu
        if isTooBig, packet.dontFragment {
            explain(.tooBig(mtu: mtu), about: packet, to: sender)
            throw .tooBig
        }
        if shared.lowersHopLimit { packet.decrementHopLimit() }
        let outcome =
            isTooBig
            ? try sendFragments(of: packet, from: sender, to: receiver, mtu: mtu)
            : egress.send(
                packet.base, byteCount: packet.byteCount, room: room, to: receiver, from: sender, snapshot: snapshotNumber, ecn: packet.ecn,
                mtu: mtu, now: now)
        switch outcome {
        case .sent: markPair(sender, receiver)
        case .staged: note?.verdict = .staged
        case .refused(let reason):
            if reason == .noEndpoint { explain(.unreachable, about: packet, to: sender) }
            throw reason
        }
    }

    var snapshotNumber: UInt64 { snapshot._withUnsafeGuaranteedRef { $0.number } }

    /// The largest inner packet for a peer, 0 for no limit. For IPv6 it is never below 1280 (RFC 8200 5).
    func mtu(of peer: UInt32, isV4: Bool) -> Int {
        let mtu = Int(snapshot._withUnsafeGuaranteedRef { $0.mtus[Int(peer)] })
        return isV4 || mtu == 0 ? mtu : max(mtu, 1280)
    }

    /// Fragments an IPv4 packet for the receiver's MTU (WG-H-13). Returns the outcome of the first fragment; if that one is dropped, so are
    /// the others.
    mutating func sendFragments(
        of packet: IPPacket, from sender: UInt32, to receiver: UInt32, mtu: Int
    ) throws(DropReason) -> Egress.Outcome {
        guard var fragments = IPv4Fragments(of: packet, mtu: mtu) else { throw .tooBig }
        let ecn = packet.ecn
        let first = sendNext(of: &fragments, from: sender, to: receiver, ecn: ecn, mtu: mtu)
        if case .refused = first { return first }
        while !fragments.isDone {
            counters.counters.datagramsRouted.increment()
            let outcome = sendNext(of: &fragments, from: sender, to: receiver, ecn: ecn, mtu: mtu)
            if case .refused(let reason) = outcome { counters.counters.drop(reason, parties, now: now) }
        }
        return first
    }

    private mutating func sendNext(
        of fragments: inout IPv4Fragments, from sender: UInt32, to receiver: UInt32, ecn: ECN, mtu: Int
    ) -> Egress.Outcome {
        let buffer = egress.makeRoom(mtu, now: now)
        let byteCount = fragments.writeNext(to: buffer)
        return egress.send(
            buffer, byteCount: byteCount, room: mtu + Egress.tailRoom, to: receiver, from: sender, snapshot: snapshotNumber, ecn: ecn, mtu: mtu,
            now: now)
    }

    /// Passes a packet for the hub's own address to the host, or a fragment to the control side. False if the hub answers at once.
    private mutating func deliver(_ packet: IPPacket, outer: UInt8, from sender: UInt32) throws(DropReason) -> Bool {
        if host.isOpen, mayReachHost(sender, packet.destination), !isForNames(packet) {
            markCongestion(packet, outer: outer)
            passToHost(packet, from: sender)
        } else {
            guard packet.isFragment else { return false }
            try keep(packet, from: sender)
        }
        return true
    }

    /// Without a host, the hub answers pings to its own address and questions for names, and refuses everything else like a host on which nothing listens.
    private mutating func answer(_ packet: IPPacket, room: Int, to sender: UInt32) throws(DropReason) {
        note?.verdict = .delivered
        if let reply = ICMP.answerEcho(packet) {
            let outcome = egress.send(reply.base, byteCount: reply.byteCount, room: room, to: sender, now: now)
            if case .refused(let reason) = outcome { throw reason }
            return
        }
        if try answerName(packet, to: sender) { return }
        switch HostAnswer(to: packet) {
        case .reset: sendReset(about: packet, to: sender)
        case .failure(let failure): explain(failure, about: packet, to: sender)
        case .silence: break
        }
        throw .hubServiceUnknown
    }

    mutating func sendReset(about packet: IPPacket, to sender: UInt32) {
        let buffer = egress.makeRoom(HostAnswer.resetByteCount, now: now)
        let byteCount = HostAnswer.writeReset(about: packet, to: buffer)
        guard byteCount > 0 else { return }
        guard sender != ForwardingTable.hub else { return answerHost(buffer, byteCount: byteCount) }
        counters.counters.datagramsRouted.increment()
        let outcome = egress.send(buffer, byteCount: byteCount, room: HostAnswer.resetByteCount + Egress.tailRoom, to: sender, now: now)
        if case .refused(let reason) = outcome { counters.counters.drop(reason, Parties(receiver: sender), now: now) }
    }

    /// Hands a fragment of a packet for the hub to the control side, which puts it together.
    private mutating func keep(_ packet: IPPacket, from sender: UInt32) throws(DropReason) {
        note?.verdict = .delivered
        guard shared.fragments.append(packet, from: sender) else {
            counters.counters.datagramsRouted.increment()
            throw .reassemblyFailed
        }
        shared.queue.wake.signal()
    }

    /// Copies congestion marks from the outer to the inner header as RFC 6040 requires (WG-D-9).
    func markCongestion(_ packet: IPPacket, outer: UInt8) {
        guard outer != 0, let outer = ECN(rawValue: outer) else { return }
        let inner = packet.ecn
        let merged = inner.afterDecapsulation(outer: outer)
        if merged != inner { packet.set(ecn: merged) }
    }

    /// Sends the sender an ICMP error about its dropped packet, if allowed and not too frequent (WG-H-3 to WG-H-13).
    mutating func explain(_ failure: ICMP.Failure, about packet: IPPacket, to sender: UInt32) {
        guard shared.sendsICMPErrors, ICMP.mayAnswer(packet) else { return }
        if case .tooBig = failure {
        } else {
            guard icmpBudget.allows(sender, now: now) else {
                counters.counters.datagramsRouted.increment()
                return counters.counters.drop(.icmpSuppressed, Parties(receiver: sender), now: now)
            }
        }
        guard sender != ForwardingTable.hub else { return tellHost(failure, about: packet) }
        let isV4 = packet.isV4
        let buffer = egress.makeRoom(ICMP.largestError6, now: now)
        let source = snapshot._withUnsafeGuaranteedRef { $0.hubAddress(isV4: isV4) }
        let byteCount = ICMP.writeError(failure, about: packet, from: source, to: buffer)
        guard byteCount > 0 else { return }
        counters.counters.datagramsRouted.increment()
        let outcome = egress.send(buffer, byteCount: byteCount, room: ICMP.largestError6 + 16, to: sender, now: now)
        if case .refused(let reason) = outcome { counters.counters.drop(reason, Parties(receiver: sender), now: now) }
    }
}
