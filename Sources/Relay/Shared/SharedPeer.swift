// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization
import WireGuard

/// The part of a peer that workers and the control side share. Every field is atomic or protected by the lock named with it; zeroed memory
/// means "no peer".
struct SharedPeer: ~Copyable {
    /// The keypair to send with, as slot + 1; 0 means none. Written by the control side, and by the worker that confirms a keypair.
    let sendKeypair: Atomic<UInt32>
    /// The pending `PeerEvents`. The thread that makes this non-empty queues the peer for the control side.
    let events: Atomic<UInt32>
    /// When the control side next runs the peer's timers, in nanoseconds; 0 means never.
    let deadline: Atomic<UInt64>
    let path: PathCell
    let activity: ActivityCell
    let staged: StagedPackets
    /// How many peers have had this slot. Changed by the control side before a new peer can be seen, when no worker uses the last one.
    let tenancy: Atomic<UInt32>
    let cookie: CookieWait
}

/// Whether a cookie reply of the peer may come. Workers let at most one into the queue, and only one that the hub expects (WG-M-17).
struct CookieWait: ~Copyable {
    private static let (none, awaited, queued): (UInt32, UInt32, UInt32) = (0, 1, 2)

    private let state: Atomic<UInt32>

    /// We sent a handshake message, which the peer may answer with a cookie.
    borrowing func begin() { change(from: Self.none, to: Self.awaited) }

    /// A worker has a reply for the queue. False when none is awaited, or one is in the queue already.
    borrowing func takePlace() -> Bool { change(from: Self.awaited, to: Self.queued) }

    /// The reply in the queue was of no use, or found no room there: the true one may still come.
    borrowing func giveBackPlace() { change(from: Self.queued, to: Self.awaited) }

    /// The peer has answered, or there is a new peer.
    borrowing func end() { state.store(Self.none, ordering: .relaxed) }

    @discardableResult
    private borrowing func change(from before: UInt32, to after: UInt32) -> Bool {
        state.compareExchange(expected: before, desired: after, ordering: .relaxed).exchanged
    }
}

/// Why the control side must handle a peer.
struct PeerEvents: OptionSet {
    let rawValue: UInt32
    /// A packet arrived under an unconfirmed keypair (WG-S-5).
    static let confirmed = PeerEvents(rawValue: 1)
    /// A keypair must be renewed (WG-S-9, WG-S-10).
    static let rekeyWanted = PeerEvents(rawValue: 2)
    /// A timer now expires before the control side's deadline.
    static let timer = PeerEvents(rawValue: 4)
    /// A packet waits for a keypair (WG-S-7, WG-H-6).
    static let staged = PeerEvents(rawValue: 8)
    /// Two machines use its key in turns.
    static let contested = PeerEvents(rawValue: 16)
}

/// A peer's remote address and the local address to answer from, replaced together (WG-E-3). A sequence lock over atomic words: readers
/// never wait long, writers take turns.
struct PathCell: ~Copyable {
    private let sequence: Atomic<UInt32>
    private let remote0: Atomic<UInt64>
    private let remote1: Atomic<UInt64>
    private let remote2: Atomic<UInt64>
    private let remote3: Atomic<UInt32>
    private let interface: Atomic<UInt32>
    private let local0: Atomic<UInt64>
    private let local1: Atomic<UInt64>

    borrowing func load() -> Path {
        while true {
            let before = sequence.load(ordering: .acquiring)
            guard before & 1 == 0 else {
                Thread.yield()
                continue
            }
            let path = read()
            atomicMemoryFence(ordering: .acquiring)
            if sequence.load(ordering: .relaxed) == before { return path }
        }
    }

    borrowing func store(_ path: Path) {
        let before = beginWriting()
        write(path)
        sequence.store(before &+ 2, ordering: .releasing)
    }

    /// Replaces the local address by what `body` makes of the path, which no other thread changes meanwhile (WG-E-6).
    borrowing func replaceLocal(_ body: (Path) -> UDPLocalAddress) {
        let before = beginWriting()
        let path = read()
        write(Path(remote: path.remote, local: body(path)))
        sequence.store(before &+ 2, ordering: .releasing)
    }

    /// Waits for other writers. Returns the sequence number before this write.
    private borrowing func beginWriting() -> UInt32 {
        var before = sequence.load(ordering: .relaxed)
        while true {
            if before & 1 == 0 {
                let (exchanged, original) = sequence.weakCompareExchange(
                    expected: before, desired: before &+ 1, successOrdering: .acquiring, failureOrdering: .relaxed)
                if exchanged { break }
                before = original
            } else {
                Thread.yield()
                before = sequence.load(ordering: .relaxed)
            }
        }
        atomicMemoryFence(ordering: .releasing)
        return before
    }

    private borrowing func read() -> Path {
        Path(
            remote: UDPAddress(
                words: (
                    remote0.load(ordering: .relaxed), remote1.load(ordering: .relaxed), remote2.load(ordering: .relaxed),
                    remote3.load(ordering: .relaxed)
                )),
            local: UDPLocalAddress(
                first: local0.load(ordering: .relaxed), second: local1.load(ordering: .relaxed), interface: interface.load(ordering: .relaxed)))
    }

    private borrowing func write(_ path: Path) {
        let remote = path.remote.words
        remote0.store(remote.0, ordering: .relaxed)
        remote1.store(remote.1, ordering: .relaxed)
        remote2.store(remote.2, ordering: .relaxed)
        remote3.store(remote.3, ordering: .relaxed)
        local0.store(path.local.first, ordering: .relaxed)
        local1.store(path.local.second, ordering: .relaxed)
        interface.store(path.local.interface, ordering: .relaxed)
    }
}

/// A remote address and the local address to answer from.
struct Path: Equatable, BitwiseCopyable {
    var remote = UDPAddress()
    var local = UDPLocalAddress()

    /// Whether `next` leads to another host than this path, if it is one.
    func changesHost(to next: Path) -> Bool { !remote.isUnset && !remote.isSameHost(as: next.remote) }

    /// The path after a packet came on this one, which was the peer's `before`.
    func following(_ before: Path) -> Path { before.remote == remote && before.local.avoids(local) ? before : self }
}

/// The times of the last events in the data path, in nanoseconds; 0 means "nothing outstanding" (`PeerActivity`). Relaxed order is enough
/// for the timers.
struct ActivityCell: ~Copyable {
    let unansweredReceive: Atomic<UInt64>
    let lastDataReceived: Atomic<UInt64>
    let unacknowledgedSend: Atomic<UInt64>
    let lastAuthenticated: Atomic<UInt64>
    let lastReceived: Atomic<UInt64>
    let lastMoved: Atomic<UInt64>

    /// How long the kernel keeps packets for a neighbour that does not answer, in nanoseconds: three requests, one second each, and some time to
    /// spare.
    static var neighbourPatience: Int64 { 4_000_000_000 }

    /// Whether nobody may be at the peer's address: it moved there a moment ago, or has left data unanswered for longer than a live peer does
    /// (WG-D-14).
    borrowing func isDoubtful(now: UInt64) -> Bool {
        let moved = lastMoved.load(ordering: .relaxed)
        if moved != 0, Self.nanoseconds(from: moved, to: now) < Self.neighbourPatience { return true }
        let unanswered = unacknowledgedSend.load(ordering: .relaxed)
        return unanswered != 0 && Self.nanoseconds(from: unanswered, to: now) > Constants.deadPeerTimeout.nanoseconds
    }

    /// Negative if another thread has read its clock later.
    private static func nanoseconds(from start: UInt64, to now: UInt64) -> Int64 { Int64(bitPattern: now &- start) }

    /// The peer sends from another address than before. Anyone who has its key can claim any.
    borrowing func moved(now: UInt64) { lastMoved.store(now, ordering: .relaxed) }

    borrowing func load() -> PeerActivity {
        PeerActivity(
            unansweredReceive: instant(unansweredReceive), lastDataReceived: instant(lastDataReceived),
            unacknowledgedSend: instant(unacknowledgedSend), lastAuthenticated: instant(lastAuthenticated))
    }

    /// An authenticated packet arrived; `isData` unless it was a keepalive. True when this started the passive keepalive timer.
    ///
    /// `provesSession` is false for an initiation: its sender may be unable to read our answer, so it is not heard yet.
    borrowing func received(isData: Bool, provesSession: Bool = true, now: UInt64) -> Bool {
        if unacknowledgedSend.load(ordering: .relaxed) != 0 { unacknowledgedSend.store(0, ordering: .relaxed) }
        touch(lastAuthenticated, now)
        if provesSession { touch(lastReceived, now) }
        guard isData else { return false }
        lastDataReceived.store(now, ordering: .relaxed)
        guard unansweredReceive.load(ordering: .relaxed) == 0 else { return false }
        unansweredReceive.store(now, ordering: .relaxed)
        return true
    }

    /// An authenticated packet was sent; `isData` unless it was a keepalive. True when this started the dead-peer timer.
    borrowing func sent(isData: Bool, now: UInt64) -> Bool {
        if unansweredReceive.load(ordering: .relaxed) != 0 { unansweredReceive.store(0, ordering: .relaxed) }
        touch(lastAuthenticated, now)
        guard isData, unacknowledgedSend.load(ordering: .relaxed) == 0 else { return false }
        unacknowledgedSend.store(now, ordering: .relaxed)
        return true
    }

    /// Clears everything outstanding, but keeps when the peer was last heard.
    borrowing func forgetOutstanding() {
        unansweredReceive.store(0, ordering: .relaxed)
        unacknowledgedSend.store(0, ordering: .relaxed)
    }

    borrowing func clear() {
        unansweredReceive.store(0, ordering: .relaxed)
        lastDataReceived.store(0, ordering: .relaxed)
        unacknowledgedSend.store(0, ordering: .relaxed)
        lastAuthenticated.store(0, ordering: .relaxed)
        lastReceived.store(0, ordering: .relaxed)
        lastMoved.store(0, ordering: .relaxed)
    }

    /// Skips updates of a few milliseconds, which do not matter here, because two workers would compete for the cache line.
    private borrowing func touch(_ stamp: borrowing Atomic<UInt64>, _ now: UInt64) {
        if now &- stamp.load(ordering: .relaxed) > 4_000_000 { stamp.store(now, ordering: .relaxed) }
    }

    private borrowing func instant(_ stamp: borrowing Atomic<UInt64>) -> Instant? {
        let value = stamp.load(ordering: .relaxed)
        return value == 0 ? nil : Instant(nanoseconds: value)
    }
}
