// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Linux
import Logging
import Net
import Portal
import Reconciler
import Relay
import Store

/// Runs a hub from start to stop. Starts the store, engine, reconciler and portal in this order, and stops them in reverse order.
enum HubProcess {
    /// The interval for updating the portal's rates and checking the clock and the sockets.
    private static let beat: Duration = .seconds(2)

    /// Runs until SIGTERM or SIGINT, then drains. Throws a `Failure` with one line if the hub cannot start.
    static func run(_ settings: ServeSettings, _ options: DataOptions) throws {
        // Before signals are blocked, so that a hub that waits for another one stops at once on a signal.
        let lock = try HubLock(data: options.data)
        // Before any thread starts, so that all threads have the signals blocked.
        let signals = SignalBox(try explainingErrno { () throws(Errno) in try SignalDescriptor([.terminate, .interrupt, .hangup]) })
        Signal.ignoreRefusedWrites()
        Heap.keepSmall()
        LoggingSystem.bootstrap { StandardErrorLog(label: $0) }
        let logger = Logger(label: "hub")
        // Before the sandbox, in which nothing can be made an interface.
        let tun = try openTUN(settings)
        do { try Sandbox.enter() } catch {
            logger.warning("the system calls of this process are not restricted", metadata: ["error": "\(error)"])
        }

        // Reads the user's files first. An error in them then occurs before anything has been created.
        let certificate = try certificate(settings, logger: logger)
        if let name = Files.networkFileSystem(of: try options.data) {
            logger.warning(
                "the data folder is on \(name): the database needs locks and shared memory, which network file systems may lack or not share between hosts; use a local disk"
            )
        }
        let database = try options.open()
        database.removeLeftovers()
        try explaining { try FirstStart.makeHub(in: database, settings, logger: logger) }
        while try serve(database, settings, options, certificate, tun, lock: lock, signals, logger: logger) == .otherKey {
            logger.notice("the hub has another key since a restore, so it starts again")
        }
        do { try database.checkpoint() } catch { logger.warning("the write-ahead log stays beside the database", metadata: ["error": "\(error)"]) }
        _ = consume lock
    }

    /// Why a hub stops.
    private enum Ending {
        case signal
        /// The database has another hub's key. Everything that knows the old one must start over.
        case otherKey
    }

    /// Runs everything that depends on the hub's key.
    private static func serve(
        _ database: Database, _ settings: ServeSettings, _ options: DataOptions, _ certificate: ServerCertificate?, _ tun: TUNDevice?,
        lock: borrowing HubLock, _ signals: SignalBox, logger: Logger
    ) throws -> Ending {
        let privateKey = try explaining { try database.read { try $0.hubPrivateKey() } }
        var configuration = EngineConfiguration(privateKey: privateKey, listen: settings.wireguard, workers: settings.workers)
        configuration.aead = settings.aead
        configuration.segmentsSent = settings.segmentsSent
        configuration.mergesReceived = settings.mergesReceived
        configuration.sendsICMPErrors = settings.sendsICMPErrors
        configuration.lowersHopLimit = settings.lowersHopLimit
        configuration.host = tun
        let caretaker = try explainingErrno { () throws(Errno) in try Caretaker(database: database, logger: Logger(label: "caretaker")) }
        // Before the engine, so that it does not start with a change whose confirmation has expired, or a link whose time is over.
        try explainingErrno { () throws(Errno) in try caretaker.start() }
        let engine: Engine
        do { engine = try Engine(configuration) } catch { throw Failure.failed(error.description) }
        if settings.segmentsSent, !engine.segmentsSent {
            logger.warning("this kernel splits large datagrams wrongly, so each one is sent separately, which is slower; a newer kernel may help")
        }
        QueueWarning(engine.socketQueues)?.log(to: logger)
        let interface = tun.map { device in
            HostInterface(device, hasEgress: settings.hasEgress, logger: Logger(label: "host")) { engine.lead($0) }
        }
        let loop = try explainingErrno { () throws(Errno) in
            try ReconcileLoop(database: database, engine: engine, host: interface, logger: Logger(label: "reconciler"))
        }
        try explaining { try loop.start() }

        var sockets = ControlSockets(engine, loop: loop, interface: settings.interface, data: try options.data, logger: logger)
        let view = StatusFeed(engine: engine, loop: loop, interface: interface)
        let expectations = try explainingErrno { () throws(Errno) in
            try ExpectationWatch(database: database, logger: Logger(label: "expectations")) { probe($0, engine) }
        }
        try explainingErrno { () throws(Errno) in try expectations.start() }
        let network = watchNetwork(engine: engine, view: view, interface: interface, logger: logger)
        view.readHost()
        let site = try portal(database, root: options.root, engine: engine, view: view, settings)
        let servers = try PortalServers(site, settings, certificate)
        try explaining { try FirstStart.offerSetup(in: database, base: servers.base, logger: logger) }

        lock.note("portal \(servers.base), WireGuard \(engine.listen)")
        StandardStreams.output("ready http=\(servers.portal.address) wireguard=\(engine.listen) public_key=\(engine.publicKey.base64)")
        record("hub.start", engine, in: database, logger: logger)
        database.releaseMemory()
        Heap.trim()
        let notifier = ServiceNotifier()
        try? notifier?.notify("READY=1")
        let ending = watch(signals, database, engine: engine, site: site, certificate: certificate, logger: logger) {
            sockets.restore()
            // Nobody reports changes of other programs' firewalls.
            interface?.look()
        }
        if ending == .signal {
            try? notifier?.notify("STOPPING=1")
            exitOnNextSignal(signals)
        }
        sockets.stop()
        servers.stop()
        network?.stop()
        expectations.stop()
        site.stop()
        caretaker.stop()
        loop.stop()
        engine.stop()
        interface?.stop()
        record("hub.stop", engine, in: database, logger: logger)
        return ending
    }

    /// Records starts and stops. A read-only database prevents neither.
    private static func record(_ action: String, _ engine: Engine, in database: Database, logger: Logger) {
        do {
            try database.write { try $0.recordRun(action, version: Version.text, wireguardPort: engine.listen.port, at: UnixTime.now()) }
        } catch {
            logger.warning("the audit log cannot be written", metadata: ["error": "\(error)"])
        }
    }

    private static func portal(
        _ database: Database, root: String, engine: Engine, view: StatusFeed, _ settings: ServeSettings
    ) throws -> PortalSite {
        do {
            var templates: [String: String] = [:]
            for name in try Files.list("\(root)/Templates") {
                templates[name] = String(decoding: try Files.read("\(root)/Templates/\(name)"), as: UTF8.self)
            }
            return try PortalSite(
                database: database, templates: templates, assets: StaticFiles(directory: "\(root)/Public", prefix: "/assets"),
                version: Version.text, log: Logger(label: "portal"),
                surroundings: PortalSite.Surroundings(
                    status: { view.status() }, examine: { view.examining($0, in: $1) },
                    probe: { probe($0, engine) },
                    flowsEnding: { view.flowsEnding(under: $0, among: $1) },
                    now: { UnixTime.now() }, hostNames: Set(settings.hostNames), url: settings.portalURL,
                    showsStyleguide: ProcessEnvironment.value("HAIRPIN_STYLEGUIDE") != nil))
        } catch {
            throw Failure.failed("\(error)")
        }
    }

    private static func probe(_ echoes: [LinkTest.Echo], _ engine: Engine) -> [ProbeOutcome] {
        engine.probe(echoes.map { Probe(peer: $0.key, source: $0.source, destination: $0.destination, byteCount: $0.byteCount) })
    }

    private static func certificate(_ settings: ServeSettings, logger: Logger) throws -> ServerCertificate? {
        guard let files = settings.certificate else { return nil }
        do {
            let certificate = try ServerCertificate(certificateFile: files.file, keyFile: files.key)
            certificate.log(to: logger)
            return certificate
        } catch {
            throw Failure.failed(error.description)
        }
    }

    /// Opens the interface to the host, with a queue for each worker.
    private static func openTUN(_ settings: ServeSettings) throws -> TUNDevice? {
        guard let name = settings.tun else { return nil }
        do { return try TUNDevice(name: name, queues: settings.workers) } catch { throw Failure.failed(error.description) }
    }

    /// Starts to pass changes of the host's network to the engine, the pages and the interface to the host.
    private static func watchNetwork(engine: Engine, view: StatusFeed, interface: HostInterface?, logger: Logger) -> NetworkWatch? {
        do {
            return try NetworkWatch { events in
                engine.networkChanged()
                if events.contains(where: \.concernsAddresses) { view.readHost() }
                interface?.look()
            }
        } catch {
            logger.warning("changes of this host's addresses and routes cannot be watched", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// Updates the portal's rates until a signal requests a stop or a restore has brought another hub.
    private static func watch(
        _ signals: SignalBox, _ database: Database, engine: Engine, site: PortalSite, certificate: ServerCertificate?, logger: Logger,
        onBeat: () -> Void
    ) -> Ending {
        var clock = ClockWatch()
        while true {
            switch try? signals.signals.wait(timeout: beat) {
            case .terminate?, .interrupt?: return .signal
            case .hangup?: certificate?.reload(logger)
            default: break
            }
            if let hub = try? database.read({ try $0.hub() }), hub.publicKey != engine.publicKey { return .otherKey }
            clock.look(at: engine, logger: logger)
            onBeat()
            site.beat()
        }
    }

    /// Makes a second SIGTERM or SIGINT stop the hub immediately.
    private static func exitOnNextSignal(_ signals: SignalBox) {
        _ = try? Linux.Thread(name: "second-signal") {
            while true {
                if let signal = try? signals.signals.wait(), signal == .terminate || signal == .interrupt { ProcessEnvironment.exitNow(1) }
            }
        }
    }

    private static func explainingErrno<R: ~Copyable>(_ body: () throws(Errno) -> R) throws -> R {
        do { return try body() } catch { throw Failure.failed("The hub could not start: \(error).") }
    }
}

/// Passes the descriptor to its thread.
private final class SignalBox: Sendable {
    let signals: SignalDescriptor
    init(_ signals: consuming SignalDescriptor) { self.signals = signals }
}

/// Logs a warning if the host's clock is behind the timestamps of handshakes that the hub has sent. Devices refuse older timestamps, so the
/// hub continues from its newest one, even after a restart (WG-T-5, CVE-2021-46873).
struct ClockWatch {
    /// Smaller steps are normal clock adjustments.
    private static let tolerance: Duration = .seconds(2)

    private var isBehind = false

    mutating func look(at engine: Engine, logger: Logger) {
        let lag = engine.clockLag
        defer { isBehind = lag > Self.tolerance }
        guard lag > Self.tolerance, !isBehind else { return }
        logger.warning(
            "the clock of this host is behind the last handshake sent; correct it (devices still accept the hub's handshakes)",
            metadata: ["seconds": "\(lag.components.seconds)"])
    }
}
