// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization
import WireGuard

/// Handshake messages on their way from the workers to the handshake thread, and the peers it should look at.
/// Bounded: a full queue drops the newest (protocol.md C-7, M-12). One lock, which the packet path never takes.
final class HandshakeQueue: Sendable {
    /// A message whose length and mac1 are good.
    struct Message {
        var bytes: InlineArray<148, UInt8>
        var byteCount: Int
        var path: Path
        /// Its mac2 proved the sender's address while the hub was under load: its source's budget counts.
        var isUnderLoad: Bool
    }

    private struct State {
        var messages: [Message] = []
        /// Messages before this one are taken.
        var first = 0
        var peers: [UInt32] = []

        var count: Int { messages.count - first }
        var isEmpty: Bool { count == 0 && peers.isEmpty }
    }

    let gate = Gate()
    /// Only touched inside the gate.
    private nonisolated(unsafe) var state = State()
    /// Wakes the handshake thread.
    let wake: EventDescriptor
    private let length = Atomic<Int>(0)
    private let loadedUntil = Atomic<UInt64>(0)

    init() throws(Errno) { wake = try EventDescriptor() }

    /// Whether senders must prove their address: the queue is an eighth full, or was in the last second (M-5).
    func isUnderLoad(now: Instant) -> Bool {
        if length.load(ordering: .relaxed) >= Constants.handshakeQueue / 8 {
            loadedUntil.store((now + .seconds(1)).nanoseconds, ordering: .relaxed)
            return true
        }
        return now.nanoseconds < loadedUntil.load(ordering: .relaxed)
    }

    /// False when the queue is full: then not even the lock is taken, so that a flood holds nobody up (M-12).
    func append(_ message: Message) -> Bool {
        guard length.load(ordering: .relaxed) < Constants.handshakeQueue else { return false }
        let (isAccepted, wasEmpty) = gate.withLock {
            guard state.count < Constants.handshakeQueue else { return (false, false) }
            let wasEmpty = state.isEmpty
            state.messages.append(message)
            length.store(state.count, ordering: .relaxed)
            return (true, wasEmpty)
        }
        if wasEmpty { wake.signal() }
        return isAccepted
    }

    /// Asks for a look at a peer. The caller saw its event set empty before, so a peer stands here once.
    func append(peer: UInt32) {
        let wasEmpty = gate.withLock {
            let wasEmpty = state.isEmpty
            state.peers.append(peer)
            return wasEmpty
        }
        if wasEmpty { wake.signal() }
    }

    /// Takes all peers, and up to `limit` messages, oldest first. True when messages are left.
    func take(limit: Int, messages: inout [Message], peers: inout [UInt32]) -> Bool {
        messages.removeAll(keepingCapacity: true)
        peers.removeAll(keepingCapacity: true)
        return gate.withLock {
            swap(&state.peers, &peers)
            let end = min(state.first + limit, state.messages.count)
            messages.append(contentsOf: state.messages[state.first..<end])
            state.first = end
            // Moved together once half of it is taken, so that taking stays cheap while the queue is long.
            if state.first * 2 >= state.messages.count {
                state.messages.removeSubrange(..<state.first)
                state.first = 0
            }
            length.store(state.count, ordering: .relaxed)
            return state.count > 0
        }
    }
}
