// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Names
import Net
import Synchronization
import WireGuard

/// A userspace WireGuard hub: decrypts what peers send, decides, and encrypts it for the receiving peer.
///
/// It runs one worker thread per core for packets and one thread for handshakes and timers. On a single core, the worker also does the
/// second thread's work. All methods may be called from any thread.
public final class Engine: Sendable {
    let shared: SharedState
    let control: Control
    /// Whether the kernel segments sent messages: as configured, unless a check showed that it segments them wrongly.
    public let segmentsSent: Bool
    private let threads: Mutex<[Linux.Thread]>
    private let workerWake: [WakeBox]

    /// Opens the sockets and starts all threads. The engine starts without peers and hub addresses.
    /// Throws `.cannotListen` when the address or port is unavailable, `.resources` when the system refuses threads or descriptors.
    public init(_ configuration: EngineConfiguration) throws(EngineError) {
        Sodium.start()
        let first = Snapshot(table: ForwardingTable().decisions, mtus: [], hubAddresses: [])
        let sockets = try SocketGroup(
            listen: configuration.listen, workers: max(1, configuration.workers), merging: configuration.mergesReceived, calls: configuration.calls)
        let segmenting = configuration.segmentsSent && UDPSocket.segmentsCorrectly(calls: configuration.calls)
        do throws(Errno) {
            let shared = try SharedState(configuration: configuration, sockets: sockets, first: first)
            let control = Control(shared: shared, first: first, segmenting: segmenting)
            var wakes: [WakeBox] = []
            var threads: [Linux.Thread] = []
            for number in 0..<shared.sockets.workers {
                let wake = WakeBox(try EventDescriptor())
                wakes.append(wake)
                let core = configuration.sharesCore && number == 0 ? CoreShare(control) : nil
                threads.append(
                    try Linux.Thread(name: "relay-\(number)") {
                        var worker = Worker(shared: shared, number: number, segmenting: segmenting)
                        try? worker.run(wake: wake.event, sharing: core)
                    })
            }
            if !configuration.sharesCore { threads.append(try Linux.Thread(name: "handshakes") { try? control.run() }) }
            segmentsSent = segmenting
            self.shared = shared
            self.control = control
            self.workerWake = wakes
            self.threads = Mutex(threads)
        } catch {
            throw .resources("\(error)")
        }
    }

    /// The maximum number of peers in one engine (WG-C-9).
    public static let peerLimit = SharedState.peerLimit

    /// Where the engine listens, with the actual port.
    public var listen: Endpoint { shared.sockets.listen }

    /// The smallest queues that the kernel granted any of the sockets.
    public var socketQueues: UDPSocket.Queues { shared.sockets.queues }

    /// The hub's public key.
    public var publicKey: PublicKey { shared.identity.publicKey }

    /// Applies changes in order and publishes them together: a packet sees all of them or none. Keypairs of remaining peers continue.
    /// Afterwards `generation` is the applied one.
    ///
    /// `hubAddresses` are the hub's new tunnel addresses, at most one per family. The hub answers pings to them and sends ICMP errors from
    /// them. `rules` say what linked peers may send each other. Nil keeps the current ones.
    ///
    /// `zone` are the new names that the hub answers for, or `.some(nil)` to answer none. Nil keeps the current ones.
    public func apply(
        _ changes: [PeerChange], hubAddresses: [IPAddress]? = nil, rules: PeerRules? = nil, zone: Zone?? = nil, generation: Int64
    ) -> ApplyReport {
        let report = control.locked { control.apply(changes, hubAddresses: hubAddresses, rules: rules, zone: zone, generation: generation) }
        // New peers need handshakes, and old tables must be freed after their grace period. Signal only after the lock is released, so that
        // one signal is enough.
        if report.changedPeers > 0 || report.hubMoved || report.rulesChanged || zone != nil { shared.queue.wake.signal() }
        return report
    }

    /// Sets where packets go whose destination nobody owns, by the longest prefix; at first, nowhere. Only for an engine with a host, which gets
    /// what leaves and from which the answers come.
    public func lead(_ ways: [IPPrefix: ForwardingTable.Way]) {
        if control.locked({ control.lead(ways) }) { shared.queue.wake.signal() }
    }

    /// Runs work that must be done soon, by one thread at a time. If it cannot get on because a thread of low priority has what it needs, the
    /// workers leave their cores to that thread for a moment.
    public func urgently<R>(_ body: () throws -> R) rethrows -> R {
        shared.stepAside.begin()
        defer { shared.stepAside.end() }
        return try body()
    }

    /// The hub's own tunnel addresses, as last passed to `apply`.
    public var hubAddresses: [IPAddress] { control.locked { control.routing.hubAddresses } }

    /// The status of the engine and the selected peers. Each peer's status is consistent in itself. The lock is released between groups of
    /// peers, so that handshakes and changes do not wait for the whole list.
    public func status(of selection: PeerSelection = .all) -> EngineStatus {
        var status = control.locked { control.overview() }
        let drops = status.dropsByPeer
        status.peers = inPieces(keys(of: selection)) { control.statuses(of: $0, drops: drops) }
        return status
    }

    /// The status of the selected peers without their drops, which costs nothing for the peers that are not selected.
    public func peers(_ selection: PeerSelection) -> [PeerStatus] {
        inPieces(keys(of: selection)) { control.statuses(of: $0, drops: [:]) }
    }

    /// The current configurations of the selected peers, each consistent in itself.
    public func configurations(of selection: PeerSelection = .all) -> [PeerConfiguration] {
        inPieces(keys(of: selection)) { control.configurations(of: $0) }
    }

    /// The keys of the selected peers, roughly in the order in which they were added.
    public func keys(of selection: PeerSelection) -> [PublicKey] {
        if case .keys(let keys) = selection, keys.count <= Self.slotsPerPiece { return control.locked { control.known(keys) } }
        var (found, start): ([PublicKey], UInt32) = ([], 0)
        while let some = control.locked({ control.keys(of: selection, in: start..<start + UInt32(Self.slotsPerPiece)) }) {
            found += some
            start += UInt32(Self.slotsPerPiece)
        }
        return found
    }

    /// How many peers are read before the lock is released: about twenty microseconds.
    private static let piece = 64
    /// How many slots are searched before the lock is released.
    private static let slotsPerPiece = 256

    /// Calls `look` inside the lock with a few keys at a time.
    func inPieces<T>(_ keys: [PublicKey], _ look: (ArraySlice<PublicKey>) -> [T]) -> [T] {
        var seen: [T] = []
        seen.reserveCapacity(keys.count)
        for start in stride(from: 0, to: keys.count, by: Self.piece) {
            let piece = keys[start..<min(start + Self.piece, keys.count)]
            seen += control.locked { look(piece) }
        }
        return seen
    }

    /// The hub's private key, for the configuration protocol.
    var privateKey: PrivateKey { shared.identity.privateKey }

    /// Starts a trace of a peer's next packets. Returns the error when that fails: `.noSuchFile` for an unknown peer, `.busy` while another
    /// trace runs.
    func startTrace(of peer: PublicKey, count: Int) -> Errno? { control.locked { control.startTrace(of: peer, count: count) } }

    /// The packets traced since the last call, and whether the trace has ended.
    func traced() -> (packets: [TracedPacket], isDone: Bool) { control.locked { control.traced() } }

    /// How far the wall clock is behind the newest timestamp that the engine sent; zero while the clock runs forward (WG-T-5).
    public var clockLag: Duration { control.locked { control.clock.lag } }

    /// The newest applied generation.
    public var appliedGeneration: Int64 { control.locked { control.routing.generation } }

    /// Stops all threads, waits for them and wipes the keys. A second call does nothing.
    public func stop() {
        shared.isStopping.store(true, ordering: .releasing)
        for wake in workerWake { wake.event.signal() }
        shared.queue.wake.signal()
        let running = threads.withLock { threads in
            defer { threads.removeAll() }
            return threads
        }
        for thread in running { thread.join() }
        control.locked { control.wipe() }
    }
}

/// A class, so that an event descriptor can be stored in an array.
private final class WakeBox: Sendable {
    let event: EventDescriptor
    init(_ event: consuming EventDescriptor) { self.event = event }
}
