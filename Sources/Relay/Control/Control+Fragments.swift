// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Synchronization

/// Fragmented packets to the hub's own addresses: large pings, and what the hub refuses like a host on which nothing listens (WG-H-22).
extension Control {
    /// Puts at most `limit` fragments together, and answers packets that are whole.
    func handleFragments(_ limit: Int, now: Instant) {
        for late in reassembly.expire(now: now) { countLost(late.fragments, from: late.sender, now: now) }
        for _ in 0..<limit where shared.fragments.isWaiting {
            guard let sender = shared.fragments.take(into: &fragment) else { return }
            let outcome = fragment.withUnsafeMutableBytes { buffer in
                (try? IPPacket(at: buffer.baseAddress!, available: buffer.count)).map { reassembly.add($0, from: sender, now: now) }
            }
            if let evicted = reassembly.evicted { countLost(evicted.fragments, from: evicted.sender, now: now) }
            switch outcome {
            case .whole(var whole)?: if peers[sender] != nil { answer(&whole, to: sender, now: now) }
            case .dropped(let count)?: countLost(count, from: sender, now: now)
            case .waiting?: break
            case nil: countLost(1, from: sender, now: now)
            }
        }
    }

    /// Drops what waits for more fragments of a peer that is gone or disabled.
    func forgetFragments(of peer: Peer, now: Instant) {
        let lost = reassembly.forget(peer.slot)
        if lost > 0 { countLost(lost, from: peer.slot, now: now) }
    }

    private func answer(_ whole: inout Reassembly.Whole, to sender: UInt32, now: Instant) {
        let largest = whole.largestFragment
        whole.bytes.withUnsafeMutableBytes { buffer in
            guard let packet = try? IPPacket(at: buffer.baseAddress!, available: buffer.count) else { return }
            if let reply = ICMP.answerEcho(packet) { return send(reply, inFragmentsOf: largest, to: sender, now: now) }
            counters.counters.datagramsRouted.increment()
            counters.counters.drop(.hubServiceUnknown, Parties(sender: sender), now: now)
            withUnsafeTemporaryAllocation(byteCount: ICMP.largestError6, alignment: 16) { answer in
                let byteCount = refuse(packet, from: sender, to: answer.baseAddress!, now: now)
                guard byteCount > 0, let packet = try? IPPacket(at: answer.baseAddress!, available: byteCount) else { return }
                send(packet, inFragmentsOf: ICMP.largestError6, to: sender, now: now)
            }
        }
    }

    /// Writes the refusal of a packet. Returns its length, 0 for none.
    private func refuse(_ packet: IPPacket, from sender: UInt32, to buffer: UnsafeMutableRawPointer, now: Instant) -> Int {
        switch HostAnswer(to: packet) {
        case .reset: return HostAnswer.writeReset(about: packet, to: buffer)
        case .failure(let failure):
            guard shared.sendsICMPErrors, ICMP.mayAnswer(packet), icmpBudget.allows(sender, now: now) else { return 0 }
            return ICMP.writeError(failure, about: packet, from: packet.destination, to: buffer)
        case .silence: return 0
        }
    }

    /// Sends a packet of the hub, in fragments no longer than what came: that much fits the path.
    private func send(_ packet: IPPacket, inFragmentsOf mtu: Int, to receiver: UInt32, now: Instant) {
        guard packet.byteCount > mtu else {
            return send(packet.byteCount, to: receiver, now: now) { $0.copyMemory(from: packet.base, byteCount: packet.byteCount) }
        }
        if var fragments = IPv4Fragments(of: packet, mtu: mtu) {
            while !fragments.isDone { sendNext(mtu, to: receiver, now: now) { fragments.writeNext(to: $0) } }
        } else if var fragments = IPv6Fragments(of: packet, mtu: mtu, identification: SecureRandom.uint32()) {
            while !fragments.isDone { sendNext(mtu, to: receiver, now: now) { fragments.writeNext(to: $0) } }
        }
    }

    private func send(_ byteCount: Int, to receiver: UInt32, now: Instant, write: (UnsafeMutableRawPointer) -> Void) {
        sendNext(byteCount, to: receiver, now: now) {
            write($0)
            return byteCount
        }
    }

    private func sendNext(_ room: Int, to receiver: UInt32, now: Instant, write: (UnsafeMutableRawPointer) -> Int) {
        let buffer = egress.makeRoom(room, now: now)
        let byteCount = write(buffer)
        counters.counters.datagramsRouted.increment()
        let outcome = egress.send(buffer, byteCount: byteCount, room: room + Egress.tailRoom, to: receiver, now: now)
        if case .refused(let reason) = outcome { counters.counters.drop(reason, Parties(receiver: receiver), now: now) }
    }

    private func countLost(_ fragments: Int, from sender: UInt32, now: Instant) {
        counters.counters.datagramsRouted.increment(by: UInt64(fragments))
        counters.counters.drop(.reassemblyFailed, Parties(sender: sender), count: fragments, now: now)
    }
}
