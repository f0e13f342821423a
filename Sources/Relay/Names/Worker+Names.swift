// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Names
import Net
import Synchronization

/// Answers to questions for names: UDP datagrams to port 53 of the hub's own addresses. TCP is refused with a reset, like any connection to
/// the hub: no answer is so long that it needs it.
extension Worker {
    static let namePort: UInt16 = 53

    /// Whether a packet to the hub goes to the port for names, while the hub answers for some.
    func isForNames(_ packet: IPPacket) -> Bool {
        UDPDatagram(packet)?.destinationPort == Self.namePort && snapshot._withUnsafeGuaranteedRef { $0.zone != nil }
    }

    /// Answers a packet to the hub if it is a question for a name. False if it is something else, or the hub answers for no names. Throws
    /// `.badNameQuery` for a question that cannot be answered, `.nameBudget` if there are too many, and what sending throws.
    mutating func answerName(_ packet: IPPacket, to sender: UInt32) throws(DropReason) -> Bool {
        guard isForNames(packet), let datagram = UDPDatagram(packet) else { return false }
        let routed = counters.counters.datagramsRouted.load(ordering: .relaxed)
        guard nameBudget.allows(sender, routed: routed, now: now) else { throw .nameBudget }
        let content = UnsafeRawPointer(packet.base) + datagram.contentOffset
        guard let query = NameQuery(content, byteCount: datagram.contentByteCount) else { throw .badNameQuery }
        let mtu = mtu(of: sender, isV4: packet.isV4)
        let headers = UDPDatagram.headersByteCount(isV4: packet.isV4)
        let room = min((mtu == 0 ? Egress.defaultMTU : mtu) - headers, NameQuery.maximumByteCount)
        let buffer = egress.makeRoom(headers + NameQuery.maximumByteCount, now: now)
        let (source, hub) = (packet.source, packet.destination)
        let answer = snapshot._withUnsafeGuaranteedRef { snapshot in
            snapshot.zone?.answer(query, at: buffer + headers, room: room) { snapshot.permission(for: sender, from: source, about: $0) }
        }
        guard case .reply(let byteCount) = answer else { throw .badNameQuery }
        let length = UDPDatagram.writeHeaders(
            byteCount, from: hub, port: Self.namePort, to: source, port: datagram.sourcePort, buffer)
        let outcome = egress.send(
            buffer, byteCount: length, room: headers + NameQuery.maximumByteCount + Egress.tailRoom, to: sender, mtu: mtu, now: now)
        if case .refused(let reason) = outcome { throw reason }
        return true
    }
}
