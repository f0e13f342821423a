// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization
import WireGuard

/// What can be seen from outside.
extension Control {
    func status(of selection: PeerSelection) -> EngineStatus {
        let now = Instant.now()
        let wall = WallClock.seconds()
        let sets = shared.counters
        var drops: [DropReason: UInt64] = [:]
        for reason in DropReason.allCases {
            let count = sets.reduce(0) { $0 + $1.counters.drops(reason) }
            if count > 0 { drops[reason] = count }
        }
        return EngineStatus(
            appliedGeneration: appliedGeneration, listen: shared.sockets.listen, workers: shared.sockets.workers,
            peers: slots(of: selection).compactMap { status(of: $0, now: now, wall: wall) }, drops: drops,
            datagramsReceived: sets.reduce(0) { $0 + $1.counters.datagramsReceived.load(ordering: .relaxed) },
            datagramsSent: sets.reduce(0) { $0 + $1.counters.datagramsSent.load(ordering: .relaxed) },
            socketLosses: sets.reduce(0) { $0 + $1.counters.socketLosses.load(ordering: .relaxed) })
    }

    private func slots(of selection: PeerSelection) -> [UInt32] {
        switch selection {
        case .all: Array(0..<UInt32(members.count))
        case .keys(let keys): keys.compactMap { slots[$0] }
        case .active(let since):
            // A free slot has no stamp.
            (0..<UInt32(members.count)).filter {
                let stamp = shared.peers.at($0).pointee.activity.lastAuthenticated.load(ordering: .relaxed)
                return stamp != 0 && stamp >= since.nanoseconds
            }
        }
    }

    private func status(of slot: UInt32, now: Instant, wall: Int64) -> PeerStatus? {
        guard let member = members[Int(slot)] else { return nil }
        let cell = shared.peers.at(slot)
        let heard = cell.pointee.activity.lastReceived.load(ordering: .relaxed)
        var (received, sent): (UInt64, UInt64) = (0, 0)
        for set in shared.counters {
            let bytes = set.counters.bytes(of: slot)
            received += bytes.received
            sent += bytes.sent
        }
        return PeerStatus(
            configuration: member.configuration, endpoint: cell.pointee.path.load().remote.endpoint, lastHandshake: member.lastHandshake,
            lastReceived: heard == 0 ? nil : wall - (now - Instant(nanoseconds: heard)).components.seconds,
            receivedBytes: received, sentBytes: sent, hasSession: hasSession(slot, now: now),
            greatestTimestamp: member.peer.greatestTimestamp == .zero ? nil : member.peer.greatestTimestamp.bytes, staged: cell.pointee.staged.waiting
        )
    }
}
