// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization
import WireGuard

/// Handshake messages on their way from the workers to the control side, and the peers it should look at.
/// Bounded: a full queue drops the newest (WG-C-7, WG-M-12). One lock, which the packet path never takes.
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
        var messages = Line<Message>()
        var peers = Line<UInt32>()

        var count: Int { messages.count + peers.count }
    }

    let gate = Gate()
    /// Only touched inside the gate.
    private nonisolated(unsafe) var state = State()
    /// Wakes whoever gives the control side its turns.
    let wake: EventDescriptor
    private let length = Atomic<Int>(0)
    private let waiting = Atomic<Bool>(false)
    private let loadedUntil = Atomic<UInt64>(0)

    init() throws(Errno) { wake = try EventDescriptor() }

    /// Whether a message or a peer waits.
    var isWaiting: Bool { waiting.load(ordering: .relaxed) }

    /// Whether senders must prove their address: the queue is an eighth full, or was in the last second (WG-M-5).
    func isUnderLoad(now: Instant) -> Bool {
        if length.load(ordering: .relaxed) >= Constants.handshakeQueue / 8 {
            loadedUntil.store((now + .seconds(1)).nanoseconds, ordering: .relaxed)
            return true
        }
        return now.nanoseconds < loadedUntil.load(ordering: .relaxed)
    }

    /// False when the queue is full: then not even the lock is taken, so that a flood holds nobody up (WG-M-12).
    func append(_ message: Message) -> Bool {
        guard length.load(ordering: .relaxed) < Constants.handshakeQueue else { return false }
        let (isAccepted, wasEmpty) = gate.withLock {
            guard state.messages.count < Constants.handshakeQueue else { return (false, false) }
            state.messages.append(message)
            length.store(state.messages.count, ordering: .relaxed)
            return (true, wasEmptyBefore())
        }
        if wasEmpty { wake.signal() }
        return isAccepted
    }

    /// Asks for a look at a peer. The caller saw its event set empty before, so a peer stands here once.
    func append(peer: UInt32) {
        let wasEmpty = gate.withLock {
            state.peers.append(peer)
            return wasEmptyBefore()
        }
        if wasEmpty { wake.signal() }
    }

    /// Takes up to `limit` messages and as many peers, oldest first. True when some are left.
    func take(limit: Int, messages: inout [Message], peers: inout [UInt32]) -> Bool {
        gate.withLock {
            state.messages.take(limit, into: &messages)
            state.peers.take(limit, into: &peers)
            length.store(state.messages.count, ordering: .relaxed)
            waiting.store(state.count > 0, ordering: .relaxed)
            return state.count > 0
        }
    }

    /// Whether nothing waited before the one that was just appended, and notes that this one does. Only called inside the gate.
    private func wasEmptyBefore() -> Bool {
        waiting.store(true, ordering: .relaxed)
        return state.count == 1
    }
}
