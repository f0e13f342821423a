// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization
import WireGuard

/// The decisions about the next packets of one peer. While nobody looks it costs workers one relaxed load a packet; while somebody does,
/// the packets of that peer take a lock, and every other packet is noted and forgotten.
final class Trace: Sendable {
    /// Packets that one trace may ask for.
    static let limit = 10_000
    /// Without a look for this long a trace ends: whoever asked for it is gone.
    static let patience: Duration = .seconds(5)

    /// Whether workers should note what they decide.
    let isOn = Atomic<Bool>(false)
    private let state = Mutex(State())

    private struct State {
        var watched = Parties.nobody
        var entries: [Entry] = []
        /// Packets still to be noted.
        var remaining = 0
        var lookedAt = Instant(nanoseconds: 0)

        func isLive(_ now: Instant) -> Bool { remaining > 0 && now - lookedAt < Trace.patience }
    }

    /// A packet that was noted, by slots.
    struct Entry {
        var at: Instant
        var parties: Parties
        var note: PacketNote
    }

    /// Watches the next `count` packets from and to a peer. False while another trace is under way.
    func start(_ peer: UInt32, count: Int, now: Instant) -> Bool {
        state.withLock { state in
            guard !state.isLive(now) else { return false }
            state = State(watched: peer, remaining: count, lookedAt: now)
            state.entries.reserveCapacity(count)
            isOn.store(true, ordering: .relaxed)
            return true
        }
    }

    /// Takes what a worker decided, if it is about the peer.
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

    /// What was noted since the last look, and whether that was the last of it.
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

/// What is known of the message at hand, while a trace is on.
struct PacketNote {
    var type: MessageType
    var outside: UDPAddress
    var source: IPAddress?
    var destination: IPAddress?
    var byteCount: Int
    var nextProtocol: UInt8?
    var verdict: TraceVerdict

    /// A message as it lies in its datagram.
    init(_ type: MessageType = .transport, outside: UDPAddress, byteCount: Int, verdict: TraceVerdict = .forwarded) {
        self.type = type
        self.outside = outside
        self.byteCount = byteCount
        self.verdict = verdict
    }

    /// Before the packet is sealed in place.
    mutating func read(_ packet: IPPacket) {
        source = packet.source
        destination = packet.destination
        byteCount = packet.byteCount
        nextProtocol = packet.nextProtocol
    }
}
