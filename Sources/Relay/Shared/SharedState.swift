// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Synchronization
import WireGuard

/// All state that several threads of the engine share. The list is complete; a new entry needs its rule.
///
/// | what | rule |
/// |---|---|
/// | `snapshot` | replaced by the control side, loaded once per round by workers |
/// | `indices` | written by the control side, read by all |
/// | `keypairs` | plain fields written before publication; counters, flags and replay window as noted there |
/// | `peers` | atomics, the path cell, staged packets under their lock |
/// | `moves` | relaxed atomics, written by workers when a peer's address changes |
/// | `counters` | one set per thread, one writer each; marks of pairs are set by the thread and cleared by the control side |
/// | `queue` | handshakes and peer events, under its lock |
/// | `fragments` | of packets to the hub itself, under its lock |
/// | `flows` | one entry at a time under its own lock; read without it |
/// | `probes` | tokens written by the control side, answers by the worker that sees them; one load per round while there are none |
/// | `strangers` | relaxed atomics and path cells; refused handshakes only |
/// | `stepAside` | relaxed atomics; one load per turn of a worker |
/// | `trace` | one flag read once per packet; the rest under its lock, only during a trace |
/// | `stagedBytes`, `slotsEnd` | relaxed atomics |
/// | `cookieSecret` | under its lock; handshake messages only |
final class SharedState: Sendable {
    /// The maximum number of peers in one engine (WG-C-9).
    static let peerLimit = 131_072
    /// The slots of peers. Slot 0 belongs to the hub, as in the forwarding table, and has no peer.
    static let peerSlots = UInt32(1)..<UInt32(peerSlotCount)
    /// The size of a slab that is indexed by peer, including the hub's slot.
    static let peerSlotCount = peerLimit + 1
    /// Room for the previous, current and next keypair of each peer, and one more for those in their grace period.
    static let keypairLimit = peerLimit * 4
    /// In the index table, a slot with this bit is a peer with a pending initiation; without it, a keypair.
    static let pendingBit: UInt32 = 1 << 30

    let identity: Identity
    let sockets: SocketGroup
    /// The way to the host on which the hub runs; nil without one.
    let host: TUNDevice?
    let snapshot: SnapshotSlot
    let indices = IndexTable(capacity: peerLimit * 4)
    let keypairs = Slab<Keypair>(capacity: keypairLimit)
    let peers = Slab<SharedPeer>(capacity: peerSlotCount)
    let moves = Slab<MoveCell>(capacity: peerSlotCount)
    let queue: HandshakeQueue
    let fragments = FragmentBox()
    let flows = FlowTable()
    let grace: GracePeriod
    let stagedBytes = Atomic<Int>(0)
    /// The slots of all peers are below this one.
    let slotsEnd = Atomic<UInt32>(1)
    /// The peer with the largest queue of staged packets when that was last looked for: its slot, and in the lower half the bytes.
    private let largestQueue = Atomic<UInt64>(0)
    let isStopping = Atomic<Bool>(false)
    let cookieSecret = CookieSecret()
    let trace = Trace()
    let probes = ProbeTable()
    let strangers = StrangerTable()
    let stepAside = StepAside()
    let aead: AEADImplementation
    /// Whether senders get ICMP errors about dropped packets (WG-H-12), and whether relayed packets lose one hop (WG-H-3).
    let sendsICMPErrors: Bool
    let lowersHopLimit: Bool
    /// One set per worker; the last one is for the control side.
    let counters: [CounterSet]

    init(configuration: EngineConfiguration, sockets: consuming SocketGroup, first: Snapshot) throws(Errno) {
        identity = Identity(privateKey: configuration.privateKey)
        aead = configuration.aead
        host = configuration.host
        sendsICMPErrors = configuration.sendsICMPErrors
        lowersHopLimit = configuration.lowersHopLimit
        counters = (0...sockets.workers).map { _ in CounterSet() }
        grace = GracePeriod(workers: sockets.workers)
        queue = try HandshakeQueue()
        snapshot = SnapshotSlot(first)
        self.sockets = sockets
    }

    /// The slot of the peer whose handshake or keypair has this index; nil for an unknown index.
    func peer(of index: UInt32) -> UInt32? {
        guard let found = indices.slot(for: index) else { return nil }
        guard found & Self.pendingBit == 0 else { return found & ~Self.pendingBit }
        let keypair = keypairs.at(found)
        return keypair.pointee.index.load(ordering: .acquiring) == index ? keypair.pointee.peer : nil
    }

    /// The slot of a peer whose staged packets take about the most memory; nil when nothing is staged. Looks at all peers only when the one
    /// found before has lost half of its bytes.
    func largestQueueOfStaged() -> UInt32? {
        let (known, bytes) = (UInt32(largestQueue.load(ordering: .relaxed) >> 32), largestQueue.load(ordering: .relaxed) & 0xFFFF_FFFF)
        if known != 0, UInt64(peers.at(known).pointee.staged.byteCountWaiting) * 2 > bytes { return known }
        var largest = (slot: 0 as UInt32, bytes: 0)
        for slot in 1..<max(1, slotsEnd.load(ordering: .relaxed)) {
            let bytes = peers.at(slot).pointee.staged.byteCountWaiting
            if bytes > largest.bytes { largest = (slot, bytes) }
        }
        largestQueue.store(UInt64(largest.slot) << 32 | UInt64(UInt32(clamping: largest.bytes)), ordering: .relaxed)
        return largest.slot == 0 ? nil : largest.slot
    }

    /// Files an event for the control side.
    func notify(_ peer: UInt32, _ event: PeerEvents) {
        let before = peers.at(peer).pointee.events.bitwiseOr(event.rawValue, ordering: .acquiringAndReleasing).oldValue
        if before == 0 { queue.append(peer: peer) }
    }

    /// Makes sure that the control side runs a peer's timers by `deadline`.
    func arm(_ peer: UInt32, by deadline: UInt64) {
        let current = peers.at(peer).pointee.deadline.load(ordering: .relaxed)
        if current == 0 || deadline < current { notify(peer, .timer) }
    }
}

/// A class, so that counters can be stored in an array.
final class CounterSet: Sendable {
    let counters = Counters(peers: SharedState.peerSlotCount)
    let pairs = PairMarks()
    let rules = RuleCounters()
}
