// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// Packets between peers and the host on which the hub runs, through a TUN interface. The host is a member of the forwarding table like any
/// peer: the hub's addresses are its own, and the same function decides about what it sends (WG-H-20).
extension Worker {
    // MARK: From a peer to the host

    /// Whether a peer's allowed IPs cover the hub's address. Without that, the hub answers itself, as if it had no host.
    func mayReachHost(_ sender: UInt32, _ destination: IPAddress) -> Bool {
        snapshot._withUnsafeGuaranteedRef { $0.table.allows(sender, destination) }
    }

    /// Writes a packet to the host at the end of the round, together with others of its flow.
    mutating func passToHost(_ packet: IPPacket, from sender: UInt32) {
        note?.verdict = .delivered
        let mtu = mtu(of: sender, isV4: packet.isV4)
        if mtu != 0 { packet.lowerSegmentSize(mtu: mtu) }
        if host.writes.isFull { flushHost() }
        host.writes.append(packet)
    }

    /// Passes everything collected to the host.
    mutating func flushHost() {
        guard let queue = host.queue else { return }
        let (counters, now) = (counters, now)
        host.writes.flush(to: queue) { packets, _ in
            counters.counters.datagramsRouted.increment(by: UInt64(packets))
            counters.counters.drop(.socketError, count: packets, now: now)
        }
    }

    /// Sends the host an ICMP error about a packet of its own. It comes from the packet's destination, since the kernel takes no packet from
    /// outside that has its own address as the source.
    mutating func tellHost(_ failure: ICMP.Failure, about packet: IPPacket) {
        let buffer = egress.makeRoom(ICMP.largestError6, now: now)
        answerHost(buffer, byteCount: ICMP.writeError(failure, about: packet, from: nil, to: buffer))
    }

    /// Passes the host an answer to a packet of its own, which stands in the worker's memory.
    mutating func answerHost(_ buffer: UnsafeMutableRawPointer, byteCount: Int) {
        guard byteCount > 0, let answer = try? IPPacket(at: buffer, available: byteCount) else { return }
        if host.writes.isFull { flushHost() }
        host.writes.append(answer)
        // The memory is the worker's own only until the next flush of datagrams.
        flushHost()
    }

    // MARK: From the host to a peer

    /// Reads what the host sends, a few packets per round, and sends the results before the next round. True if more may be waiting.
    mutating func receive(fromHost queue: TUNQueue) -> Bool {
        for _ in 0..<Self.roundsPerTurn {
            host.reads.removeAll()
            guard var packet = nextOfHost(queue) else { return false }
            beginRound()
            while true {
                send(packet)
                guard !host.reads.isFull, let next = nextOfHost(queue) else { break }
                packet = next
            }
            egress.flush(now: now)
            if host.isWaiting { flushHost() }
            guard host.reads.isFull else { return false }
        }
        return true
    }

    private mutating func nextOfHost(_ queue: TUNQueue) -> TUNReadBatch.Packet? {
        do throws(Errno) { return try host.reads.next(from: queue) } catch {
            host.close()
            return nil
        }
    }

    private mutating func send(_ incoming: TUNReadBatch.Packet) {
        parties = Parties()
        note = nil
        do throws(DropReason) {
            let packet: IPPacket
            do throws(DropReason) { packet = try IPPacket(at: incoming.bytes, available: incoming.byteCount) } catch {
                counters.counters.packetsFromHost.increment()
                throw error
            }
            // The kernel looks for neighbours and routers on each interface; a tunnel has none.
            guard !packet.destination.isMulticast else { return }
            counters.counters.packetsFromHost.increment()
            try forward(packet, incoming)
        } catch {
            counters.counters.drop(error, parties, now: now)
        }
    }

    /// Decides about a packet of the host like about any other.
    private mutating func forward(_ packet: IPPacket, _ incoming: TUNReadBatch.Packet) throws(DropReason) {
        guard let header = incoming.header else { throw .badInnerType }
        let verdict = snapshot._withUnsafeGuaranteedRef {
            $0.table.decide(from: ForwardingTable.hub, source: packet.source, destination: packet.destination)
        }
        if case .refuse(let reason) = verdict, reason.isReceipt {
            if reason == .peerDisabled { explain(.unreachable, about: packet, to: ForwardingTable.hub) }
            throw reason
        }
        let segments = SuperPacket(packet, header)
        guard segments != nil || (header.segmentation == .none && packet.completeChecksum(header)) else { throw .badInnerLength }
        counters.counters.datagramsAccepted.increment()
        if hasRules { try askRules(about: packet, verdict, from: ForwardingTable.hub) }
        switch verdict {
        case .forward(let receiver):
            parties.receiver = receiver
            if let segments {
                try send(segments, of: packet, to: receiver)
            } else {
                counters.counters.datagramsRouted.increment()
                try send(packet, room: incoming.room, to: receiver)
            }
        case .deliver:
            // The host has these addresses itself.
            counters.counters.datagramsRouted.increment()
            throw .hubServiceUnknown
        case .leave: break
        case .refuse(let reason):
            counters.counters.datagramsRouted.increment()
            explain(reason.isWithoutRoute ? .unreachable : .prohibited, about: packet, to: ForwardingTable.hub)
            throw reason
        }
    }

    /// Sends a packet of the host as it is. Its hop limit stays: the host is the sender, not a router before the hub.
    private mutating func send(_ packet: IPPacket, room: Int, to receiver: UInt32) throws(DropReason) {
        let mtu = mtu(of: receiver, isV4: packet.isV4)
        if mtu != 0 {
            packet.lowerSegmentSize(mtu: mtu)
            if packet.byteCount > mtu {
                guard packet.dontFragment else { return try sendInFragments(packet, to: receiver, mtu: mtu) }
                explain(.tooBig(mtu: mtu), about: packet, to: ForwardingTable.hub)
                throw .tooBig
            }
        }
        try seal(packet, room: room, to: receiver, mtu: mtu)
    }

    private mutating func sendInFragments(_ packet: IPPacket, to receiver: UInt32, mtu: Int) throws(DropReason) {
        let outcome = try sendFragments(of: packet, from: ForwardingTable.hub, to: receiver, mtu: mtu)
        if case .refused(let reason) = outcome { throw reason }
    }

    /// Cuts a super-packet into segments, which leave as one message, since their lengths are equal. Each counts as a packet of its own.
    private mutating func send(_ whole: SuperPacket, of packet: IPPacket, to receiver: UInt32) throws(DropReason) {
        let mtu = mtu(of: receiver, isV4: packet.isV4)
        guard mtu == 0 || whole.largest <= mtu else {
            // Whatever its "don't fragment" says: the host can send smaller ones at once.
            counters.counters.datagramsRouted.increment()
            explain(.tooBig(mtu: mtu), about: packet, to: ForwardingTable.hub)
            throw .tooBig
        }
        var whole = whole
        let room = whole.largest + Egress.tailRoom
        while !whole.isDone {
            let buffer = egress.makeRoom(room, now: now)
            let byteCount = whole.writeNext(to: buffer)
            counters.counters.datagramsRouted.increment()
            do throws(DropReason) {
                try seal(IPPacket(at: buffer, available: byteCount), room: room, to: receiver, mtu: mtu)
            } catch {
                counters.counters.drop(error, parties, now: now)
            }
        }
    }

    private mutating func seal(_ packet: IPPacket, room: Int, to receiver: UInt32, mtu: Int) throws(DropReason) {
        let outcome = egress.send(
            packet.base, byteCount: packet.byteCount, room: room, to: receiver, from: ForwardingTable.hub, snapshot: snapshotNumber,
            ecn: packet.ecn, mtu: mtu, now: now)
        guard case .refused(let reason) = outcome else { return }
        if reason == .noEndpoint { explain(.unreachable, about: packet, to: ForwardingTable.hub) }
        throw reason
    }
}
