// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net
import Synchronization
import WireGuard

/// A userspace WireGuard hub: opens what peers send, decides, and seals it for the peer it is meant for.
///
/// Threads: one worker per core for packets, and one for handshakes and timers, whose work the worker does itself where there is only one core.
/// All methods may be called from any thread.
public final class Engine: Sendable {
    let shared: SharedState
    let control: Control
    /// Whether the kernel is asked to cut up what is sent: as configured, but not where it was seen to cut wrongly.
    public let segmentsSent: Bool
    private let threads: Mutex<[Linux.Thread]>
    private let workerWake: [WakeBox]

    /// Opens the sockets and starts all threads, without peers and addresses of its own. Throws `.cannotListen` or `.resources`.
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

    /// Peers that one engine can hold (WG-C-9).
    public static let peerLimit = SharedState.peerLimit

    /// Where the engine listens, with the port that was picked.
    public var listen: Endpoint { shared.sockets.listen }

    /// The hub's public key.
    public var publicKey: PublicKey { shared.identity.publicKey }

    /// Carries out changes in order and publishes them as one; a packet sees all of them or none. Sessions of peers that stay live on.
    /// Afterwards `generation` is the applied one.
    ///
    /// `hubAddresses` are the hub's own tunnel addresses from now on, at most one of each family: pings to them are answered, ICMP errors come
    /// from them. Nil leaves them as they are.
    public func apply(_ changes: [PeerChange], hubAddresses: [IPAddress]? = nil, generation: Int64) -> ApplyReport {
        let report = control.locked { control.apply(changes, hubAddresses: hubAddresses, generation: generation) }
        // There are peers to be called, and tables to be freed after their grace period. Not before others can enter: one call is enough.
        if report.changedPeers > 0 || report.hubMoved { shared.queue.wake.signal() }
        return report
    }

    /// The hub's own tunnel addresses, as `apply` gave them.
    public var hubAddresses: [IPAddress] { control.locked { control.hubAddresses } }

    /// A picture of the engine, and of the peers that were asked for, each of them at one moment: others get in between, so that handshakes and
    /// changes do not wait for who asks about all of them.
    public func status(of selection: PeerSelection = .all) -> EngineStatus {
        var status = control.locked { control.overview() }
        let drops = status.dropsByPeer
        status.peers = inPieces(keys(of: selection)) { control.statuses(of: $0, drops: drops) }
        return status
    }

    /// How the peers that were asked for are configured now, each of them at one moment.
    public func configurations(of selection: PeerSelection = .all) -> [PeerConfiguration] {
        inPieces(keys(of: selection)) { control.configurations(of: $0) }
    }

    /// The keys of the peers that were asked for, roughly in the order in which they came.
    public func keys(of selection: PeerSelection) -> [PublicKey] {
        control.locked { control.slots(of: selection) }.sorted { $0.value < $1.value }.map(\.key)
    }

    /// Peers that are looked at before others get in: some twenty microseconds.
    private static let piece = 64

    private func inPieces<T>(_ keys: [PublicKey], _ look: (ArraySlice<PublicKey>) -> [T]) -> [T] {
        var seen: [T] = []
        seen.reserveCapacity(keys.count)
        for start in stride(from: 0, to: keys.count, by: Self.piece) {
            let piece = keys[start..<min(start + Self.piece, keys.count)]
            seen += control.locked { look(piece) }
        }
        return seen
    }

    /// The hub's own key, for the configuration protocol.
    var privateKey: PrivateKey { shared.identity.privateKey }

    /// Watches the next packets of a peer; gives why that cannot be: `.noSuchFile` for an unknown peer, `.busy` during another trace.
    func startTrace(of peer: PublicKey, count: Int) -> Errno? { control.locked { control.startTrace(of: peer, count: count) } }

    /// What was traced since the last look, and whether that was the last of it.
    func traced() -> (packets: [TracedPacket], isDone: Bool) { control.locked { control.traced() } }

    /// How far the wall clock is behind the newest handshake that the engine sent; zero as long as it goes forward (WG-T-5).
    public var clockLag: Duration { control.locked { control.clockLag } }

    /// The newest generation in force.
    public var appliedGeneration: Int64 { control.locked { control.appliedGeneration } }

    /// Stops answering from a local address that has left the host (WG-E-6).
    public func addressRemoved(_ address: IPAddress) { control.locked { control.forgetSource(address) } }

    /// Ends all threads and waits for them; keys are wiped. A second call does nothing.
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

/// A box, so that an event descriptor can stand in an array.
private final class WakeBox: Sendable {
    let event: EventDescriptor
    init(_ event: consuming EventDescriptor) { self.event = event }
}
