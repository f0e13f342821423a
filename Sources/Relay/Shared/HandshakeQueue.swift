// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization
import WireGuard

/// Passes handshake messages and peer events from the workers to the control side. Bounded: a queue with more messages than can be handled in
/// three seconds drops the newest (WG-C-7, WG-M-12). It has one lock, which transport packets never take.
final class HandshakeQueue: Sendable {
    /// A message whose length and mac1 are valid.
    struct Message {
        var bytes: InlineArray<148, UInt8>
        var byteCount: Int
        var path: Path
        /// Whether its mac2 proved the sender's address, which is asked for only under load. The rate limit of its source then applies.
        var isProved: Bool
    }

    private struct State {
        var messages = FIFO<Message>()
        var peers = FIFO<UInt32>()

        var count: Int { messages.count + peers.count }
    }

    let gate = Gate()
    /// Used only inside the gate.
    private nonisolated(unsafe) var state = State()
    /// Wakes the thread that runs the control side's turns.
    let wake: EventDescriptor
    private let length = Atomic<Int>(0)
    private let waiting = Atomic<Bool>(false)
    let load = HandshakeLoad()

    init() throws(Errno) { wake = try EventDescriptor() }

    /// Whether a message or a peer event is waiting.
    var isWaiting: Bool { waiting.load(ordering: .relaxed) }

    /// Whether the sender of a message must prove its address. If not, the message has used up its credit (WG-M-5).
    func asksForProof(now: Instant) -> Bool { load.asksForProof(backlog: length.load(ordering: .relaxed), now: now) }

    /// False when the queue is full. In that case it does not take the lock, so a flood blocks no thread (WG-M-12).
    func append(_ message: Message) -> Bool {
        let capacity = load.queueCapacity
        guard length.load(ordering: .relaxed) < capacity else { return false }
        let (isAccepted, wasEmpty) = gate.withLock {
            guard state.messages.count < capacity else { return (false, false) }
            state.messages.append(message)
            length.store(state.messages.count, ordering: .relaxed)
            return (true, wasEmptyBefore())
        }
        if wasEmpty { wake.signal() }
        return isAccepted
    }

    /// Queues a peer that has events. The caller found its event set empty before, so each peer is queued at most once.
    func append(peer: UInt32) {
        let wasEmpty = gate.withLock {
            state.peers.append(peer)
            return wasEmptyBefore()
        }
        if wasEmpty { wake.signal() }
    }

    /// The items taken in one call; the memory is reused by the next call.
    struct Taken {
        fileprivate(set) var messages: [Message] = []
        /// The slots of peers with events.
        fileprivate(set) var peers: [UInt32] = []
    }

    /// Replaces the contents of `taken` with up to `limit` messages and as many peers, oldest first. True when more are left.
    func take(limit: Int, into taken: inout Taken) -> Bool {
        gate.withLock {
            state.messages.take(limit, into: &taken.messages)
            state.peers.take(limit, into: &taken.peers)
            length.store(state.messages.count, ordering: .relaxed)
            waiting.store(state.count > 0, ordering: .relaxed)
            return state.count > 0
        }
    }

    /// Returns whether nothing was waiting before the item just appended, and marks that something is waiting now. Call only inside the
    /// gate.
    private func wasEmptyBefore() -> Bool {
        waiting.store(true, ordering: .relaxed)
        return state.count == 1
    }
}
