// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Logging
import Net
import Store
import Synchronization
import Words

/// The portal and the API of one hub, ready to be served: give `application` to a server, or call it with a `Request` value.
/// Thread rule: any thread; everything inside is immutable or has a lock of its own.
public final class PortalSite: Sendable {
    /// What the portal asks of the rest of the program.
    public struct Surroundings: Sendable {
        /// What the engine does now. Called by every page; answers from memory.
        public var status: @Sendable () -> HubStatus
        /// Sends these echoes and waits for what comes of them, a few seconds at most; the outcomes stand in the same order.
        public var probe: @Sendable ([LinkTest.Echo]) -> [ProbeOutcome]
        /// The wall clock.
        public var now: @Sendable () -> UnixTime
        /// Host names that the portal answers to, besides localhost and this host's own addresses.
        public var hostNames: Set<String>
        /// True where pages are worked on: /styleguide is there.
        public var showsStyleguide: Bool

        public init(
            status: @escaping @Sendable () -> HubStatus, probe: @escaping @Sendable ([LinkTest.Echo]) -> [ProbeOutcome],
            now: @escaping @Sendable () -> UnixTime, hostNames: Set<String> = [], showsStyleguide: Bool = false
        ) {
            self.status = status
            self.probe = probe
            self.now = now
            self.hostNames = hostNames
            self.showsStyleguide = showsStyleguide
        }
    }

    let database: Database
    let templates: Templates
    let openAPI: [UInt8]
    let assets: StaticFiles
    let assetAddresses: (css: String, script: String, passkeys: String, icon: String)
    let version: String
    let startedAt: UnixTime
    let sessionLimits = SessionLimits()
    let signer: Signer
    let gate = PasswordGate()
    private let probeGate = ProbeGate()
    let exportGate = ExportGate()
    let secrets = OneTimeSecrets()
    let challenges: Challenges
    let rates = Rates()
    let reachabilities = ReachabilityCache()
    let search = DeviceSearch()
    let live = LiveFeed()
    let log: Logger
    /// What the database refused a request or a beat last.
    let failure = RecurringFailure()
    private let surroundings: Surroundings
    private let router = Router(Routes.table)
    private let hosts = Mutex<Set<String>>([])

    /// `templates` are the files of the folder Templates by name, `assets` the folder Public served under /assets. The database must hold
    /// a hub. Throws the first mistake in a template with file, line and column, and what the database throws.
    public init(
        database: Database, templates: [String: String], assets: StaticFiles, version: String, log: Logger, surroundings: Surroundings
    ) throws {
        self.database = database
        self.templates = try Templates(sources: templates, pages: Routes.pages, frame: Frame.self)
        guard let openAPI = templates["openapi.json"] else { throw TemplateError.missingPage("openapi.json") }
        self.openAPI = Array(openAPI.utf8)
        self.assets = assets
        assetAddresses = (
            try assets.require("app.css"), try assets.require("app.js"), try assets.require("passkeys.js"), try assets.require("icon.svg")
        )
        self.version = version
        self.log = log
        self.surroundings = surroundings
        startedAt = surroundings.now()
        signer = Signer(hubKey: try database.read { try $0.hubPrivateKey() })
        challenges = Challenges(signer: signer)
        refreshHosts()
    }

    /// Takes the counters for rates and the addresses the portal answers to. Call it every few seconds.
    public func beat(at moment: ContinuousClock.Instant = .now) {
        rates.take(status().peers, at: moment)
        refreshHosts()
        if database.trouble == nil, failure.isOver() { log.notice("the database works again") }
    }

    /// Writes what a request need not fail for, such as the time of its session's last activity.
    func writeInPassing(_ body: (WriteTransaction) throws -> Void) throws {
        do { try database.write(body) } catch let error as StoreError where error.trouble != nil { tell(error) }
    }

    /// Tells the log once.
    func tell(_ error: any Error) {
        if failure.isNews(error) { log.error("the database does not do what the portal asks of it", metadata: ["error": "\(error)"]) }
    }

    func status() -> HubStatus { surroundings.status() }
    func now() -> UnixTime { surroundings.now() }
    var showsStyleguide: Bool { surroundings.showsStyleguide }

    /// The same from a moment of its own.
    func overview(at now: UnixTime) throws -> Overview { try database.read { try overview($0, at: now) } }

    /// Everything the pages show, as of `now`.
    func overview(_ moment: ReadTransaction, at now: UnixTime) throws -> Overview {
        try moment.overview(status: status(), rates: rates, cache: reachabilities, now: now)
    }

    /// Tests links. Throws 503 while two others do.
    func probe(_ echoes: [LinkTest.Echo]) throws(HTTPError) -> [ProbeOutcome] {
        try probeGate.pass { echoes.isEmpty ? [] : surroundings.probe(echoes) }
    }

    /// For an HTTP server.
    public var application: Application {
        Application(
            respond: { try self.respond(to: $0) },
            refuse: { error, request, id in Refusal(site: self, request: request, id: id).response(to: error) },
            finish: { request, response in SecurityHeaders.apply(to: &response, for: request) },
            acceptsHost: { self.accepts($0) },
            bodyLimit: { _, path in path.first == "api" ? 1 << 20 : nil },
            admitLargeBody: { try Guard(site: self).requireToken($0) })
    }

    private func respond(to request: Request) throws -> Response {
        switch router.match(request.method, request.path) {
        case .found(let route, let parameters):
            let visit = try Guard(site: self).admit(request, parameters, to: route.payload)
            var response = try route.payload.handle(visit)
            response.knowsClient = visit.session != nil || visit.token != nil
            return response
        case .methodNotAllowed(let allow): throw HTTPError.methodNotAllowed(allow: allow)
        case .options(let allow): return .options(allow: allow)
        case .notFound: throw HTTPError(.notFound, "There is no page at this address.")
        }
    }

    /// The address of the page at `path`, or of the nearest one above it.
    func page(above path: [String]) -> String {
        var path = path
        while !path.isEmpty {
            if case .found = router.match(.get, path) { return "/" + path.map(PageAddress.encoded).joined(separator: "/") }
            path.removeLast()
        }
        return "/devices"
    }

    /// Names and addresses by which this hub is known. Anything else may be a foreign name that was pointed at us (DNS rebinding).
    private func accepts(_ authority: Authority) -> Bool {
        if authority.host == "localhost" || IPAddress(authority.host)?.isLoopback == true { return true }
        return hosts.withLock { $0.contains(authority.host) }
    }

    func refreshHosts() {
        let engine = status()
        var known = Set(surroundings.hostNames.map { $0.lowercased() }).union(engine.hostAddresses.map(\.description))
        if let (hub, defaults) = try? database.read({ (try $0.hubIfMade(), try $0.defaults()) }) {
            known.formUnion([hub?.ipv4, hub?.ipv6].compactMap { $0?.description })
            if let host = defaults.settings.endpoint?.host { known.insert(host.lowercased()) }
            if let url = hub?.portalURL, let host = Self.host(ofURL: url) { known.insert(host) }
        }
        hosts.withLock { $0 = known }
    }

    private static func host(ofURL url: String) -> String? {
        let rest = url.hasPrefix("https://") ? url.dropFirst(8) : url.dropFirst(url.hasPrefix("http://") ? 7 : 0)
        return Authority(rest.prefix { $0 != "/" })?.host
    }
}

extension StaticFiles {
    fileprivate func require(_ name: String) throws(TemplateError) -> String {
        guard let address = address(of: name) else { throw .missingAsset(name) }
        return address
    }
}
