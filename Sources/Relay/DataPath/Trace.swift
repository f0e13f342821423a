// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization
import WireGuard

/// Records the decisions about the next packets of one peer. Without a trace this costs workers one relaxed load per packet. During a
/// trace, packets of that peer take a lock, and the notes of other packets are discarded.
final class Trace: Sendable {
    /// The maximum number of packets in one trace.
    static let limit = 10_000
    /// A trace ends when it is not polled for this long, because its client must be gone.
    static let patience: Duration = .seconds(5)

    /// Whether workers should record their decisions.
    let isOn = Atomic<Bool>(false)
    private let state = Mutex(State())

    private struct State {
        var watched = Parties.nobody
        var entries: [Entry] = []
        /// How many packets remain to be recorded.
        var remaining = 0
        var lookedAt = Instant(nanoseconds: 0)

        func isLive(_ now: Instant) -> Bool { remaining > 0 && now - lookedAt < Trace.patience }
    }

    /// A recorded packet, with peers as slots.
    struct Entry {
        var at: Instant
        var parties: Parties
        var note: PacketNote
    }

    /// Records the next `count` packets from and to a peer. False while another trace runs.
    func start(_ peer: UInt32, count: Int, now: Instant) -> Bool {
        state.withLock { state in
            guard !state.isLive(now) else { return false }
            state = State(watched: peer, remaining: count, lookedAt: now)
            state.entries.reserveCapacity(count)
            isOn.store(true, ordering: .relaxed)
            return true
        }
    }

    /// Records a worker's decision, if it concerns the peer.
    func add(_ note: PacketNote, _ parties: Parties, now: Instant) {
        state.withLock { state in
            if !state.isLive(now) {
                state.remaining = 0
            } else if parties.sender == state.watched || parties.receiver == state.watched {
                state.entries.append(Entry(at: now, parties: parties, note: note))
                state.remaining -= 1
            }
            if state.remaining == 0 { isOn.store(false, ordering: .relaxed) }
        }
    }

    /// The packets recorded since the last call, and whether the trace has ended.
    func take(now: Instant) -> (entries: [Entry], isDone: Bool) {
        state.withLock { state in
            defer {
                state.entries.removeAll(keepingCapacity: true)
                state.lookedAt = now
            }
            return (state.entries, !state.isLive(now))
        }
    }
}

/// What is known about the current message, during a trace.
struct PacketNote {
    var type: MessageType
    var outside: UDPAddress
    var source: IPAddress?
    var destination: IPAddress?
    var byteCount: Int
    var nextProtocol: UInt8?
    var verdict: TraceVerdict
    /// The number of the rule that refused it; 0 for the end of the list.
    var rule: UInt16?

    /// A message as it was in its datagram.
    init(_ type: MessageType = .transport, outside: UDPAddress, byteCount: Int, verdict: TraceVerdict = .forwarded) {
        self.type = type
        self.outside = outside
        self.byteCount = byteCount
        self.verdict = verdict
    }

    /// Reads the inner packet. Call before it is encrypted in place.
    mutating func read(_ packet: IPPacket) {
        source = packet.source
        destination = packet.destination
        byteCount = packet.byteCount
        nextProtocol = packet.nextProtocol
    }
}
