// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Logging
import Net
import Store
import Synchronization
import Templates
import Words

/// The portal and the API of one hub. Give `application` to a server, or call it with a `Request` value.
/// Thread rule: any thread; everything inside is immutable or has its own lock.
public final class PortalSite: Sendable {
    /// What the portal needs from the rest of the program.
    public struct Surroundings: Sendable {
        /// The current state of the engine. Every page calls it, so it must answer from memory.
        public var status: @Sendable () -> HubStatus
        /// The status with what the engine knows about these devices at this moment, and with the evidence of failed handshakes.
        public var examine: @Sendable ([PublicKey], HubStatus) -> HubStatus
        /// Sends these echoes and waits for the outcomes, at most a few seconds. The outcomes are in the same order as the echoes.
        public var probe: @Sendable ([LinkTest.Echo]) -> [ProbeOutcome]
        /// How many flows that are alive now would end under other rules, among all devices; nil without a running hub.
        public var flowsEnding: @Sendable (RuleList, [Device]) -> Int?
        /// The wall clock.
        public var now: @Sendable () -> UnixTime
        /// Host names that the portal accepts, besides localhost and this host's own addresses.
        public var hostNames: Set<String>
        /// The address of the portal, unless one is set on the page Defaults.
        public var url: PortalURL?
        /// True if /styleguide is available, for people who work on the pages.
        public var showsStyleguide: Bool

        public init(
            status: @escaping @Sendable () -> HubStatus,
            examine: @escaping @Sendable ([PublicKey], HubStatus) -> HubStatus = { $1 },
            probe: @escaping @Sendable ([LinkTest.Echo]) -> [ProbeOutcome],
            flowsEnding: @escaping @Sendable (RuleList, [Device]) -> Int? = { _, _ in nil },
            now: @escaping @Sendable () -> UnixTime, hostNames: Set<String> = [], url: PortalURL? = nil,
            showsStyleguide: Bool = false
        ) {
            self.status = status
            self.examine = examine
            self.probe = probe
            self.flowsEnding = flowsEnding
            self.now = now
            self.hostNames = hostNames
            self.url = url
            self.showsStyleguide = showsStyleguide
        }
    }

    let database: Database
    let templates: CompiledTemplates
    let openAPI: [UInt8]
    let assets: StaticFiles
    let assetAddresses: (css: String, script: String, linking: String, passkeys: String, icon: String)
    let version: String
    let startedAt: UnixTime
    let sessionLimits = SessionLimits()
    let signer: Signer
    /// Seals forms that browsers hold while nobody is signed in.
    let formBox: SecretBox
    let gate = PasswordGate()
    private let probeGate = ProbeGate()
    let recentTests = RecentTests()
    let exportGate = ExportGate()
    let uploads = Uploads()
    let secrets = OneTimeSecrets()
    let challenges: Challenges
    let rates = Rates()
    let reachabilities = ReachabilityCache()
    let search = DeviceSearch()
    let live = LiveFeed()
    let activity = Activity()
    let day = DayCache()
    let log: Logger
    let refusals: RefusalTally
    /// The last failure of the database, in a request or in a beat.
    let failure = RecurringFailure()
    private let surroundings: Surroundings
    private let router = Router(Routes.table)
    let names = Mutex(OwnNames())

    /// `templates` are the files of the folder Templates by name. `assets` is the folder Public, served under /assets. The database must contain a
    /// hub. Throws the first mistake in a template with file, line and column, and errors of the database.
    public init(
        database: Database, templates: [String: String], assets: StaticFiles, version: String, log: Logger, surroundings: Surroundings
    ) throws {
        self.database = database
        self.templates = try CompiledTemplates(sources: templates, pages: Routes.pages, frame: Frame.self)
        guard let openAPI = templates["openapi.json"] else { throw TemplateError.missingPage("openapi.json") }
        self.openAPI = Array(openAPI.utf8)
        self.assets = assets
        assetAddresses = (
            try assets.require("app.css"), try assets.require("app.js"), try assets.require("linking.js"), try assets.require("passkeys.js"),
            try assets.require("icon.svg")
        )
        self.version = version
        self.log = log
        refusals = RefusalTally(log: log)
        self.surroundings = surroundings
        startedAt = surroundings.now()
        let hubKey = try database.read { try $0.hubPrivateKey() }
        signer = Signer(hubKey: hubKey)
        guard let box = SecretBox(key: Digest.sha256(Array("hairpin held forms v1".utf8) + Array(hubKey.bytes))) else {
            preconditionFailure("a hash has the length of a key")
        }
        formBox = box
        challenges = Challenges(signer: signer)
        refreshHosts()
    }

    /// Updates the counters for rates and the addresses that the portal accepts. Call it every few seconds.
    public func beat(at moment: ContinuousClock.Instant = .now) {
        rates.take(status().peers, at: moment)
        refreshHosts()
        recordRefusals()
        recordActivity()
        database.removeSetupAddressIfClosed()
        uploads.dropOld(now: now())
        if database.trouble == nil, failure.isOver() { log.notice("the database works again") }
    }

    /// Writes what `beat` would write later. Call it before the hub stops.
    public func stop() {
        recordRefusals(isLast: true)
        recordActivity()
    }

    private func recordRefusals(isLast: Bool = false) {
        guard let counts = refusals.due(isLast: isLast) else { return }
        do { try database.write { try $0.record("request.refused", target: "portal", after: counts, by: .system, at: now()) } } catch { tell(error) }
    }

    private func recordActivity() {
        do { try activity.write(to: database) } catch { tell(error) }
    }

    /// Logs a failure once.
    func tell(_ error: any Error) {
        if failure.isNews(error) { log.error("the database failed in a request of the portal", metadata: ["error": "\(error)"]) }
    }

    func status() -> HubStatus { surroundings.status() }
    func flowsEnding(under rules: RuleList, among devices: [Device]) -> Int? { surroundings.flowsEnding(rules, devices) }
    func now() -> UnixTime { surroundings.now() }
    var showsStyleguide: Bool { surroundings.showsStyleguide }
    var hostNames: Set<String> { surroundings.hostNames }
    var givenURL: PortalURL? { surroundings.url }

    /// The same, in its own read transaction.
    func overview(at now: UnixTime) throws -> Overview { try database.read { try overview($0, at: now) } }

    /// Everything the pages show, as of `now`.
    func overview(_ moment: ReadTransaction, at now: UnixTime) throws -> Overview {
        try moment.overview(status: status(), rates: rates, cache: reachabilities, now: now)
    }

    /// The same, with the evidence of failed handshakes of these devices.
    func overview(_ moment: ReadTransaction, examining keys: [PublicKey], at now: UnixTime) throws -> Overview {
        try moment.overview(status: surroundings.examine(keys, status()), rates: rates, cache: reachabilities, now: now)
    }

    /// Tests links. Throws 503 while two other tests are running.
    func probe(_ echoes: [LinkTest.Echo]) throws(HTTPError) -> [ProbeOutcome] {
        try probeGate.pass { echoes.isEmpty ? [] : surroundings.probe(echoes) }
    }

    /// The application for an HTTP server.
    public var application: Application {
        Application(
            respond: { try self.respond(to: $0) },
            refuse: { error, request, id in Refusal(site: self, request: request, id: id).response(to: error) },
            finish: { request, response in
                SecurityHeaders.apply(to: &response, for: request)
                if let request { response.enter(base: request.base) }
            },
            base: { self.base },
            // A health check may use any name. Its answer is the same for everybody.
            acceptsHost: { self.accepts($0) || $1 == ["healthz"] },
            bodyLimit: { _, path in path.first == "api" ? 1 << 20 : Uploads.limit(at: path) },
            quickRoute: { self.quickRoute(of: $0) },
            admitLargeBody: { try Guard(site: self).sender(ofLargeBody: $0) })
    }

    /// A request that only reads waits for nobody, unless its handler says so.
    private func quickRoute(of request: Request) -> Int? {
        guard request.method.isSafe, case .found(let route, _) = router.match(request.method, request.path), !route.payload.mayWait else {
            return nil
        }
        return route.number
    }

    private func respond(to request: Request) throws -> Response {
        switch router.match(request.method, request.path) {
        case .found(let route, let parameters):
            // What needs no database, such as an asset, must not fail with it.
            guard request.method.isSafe, route.payload.access != .everybody else {
                return try respond(to: request, parameters, route.payload, moment: nil)
            }
            return try database.read { try respond(to: request, parameters, route.payload, moment: $0) }
        case .methodNotAllowed(let allow): throw HTTPError.methodNotAllowed(allow: allow)
        case .options(let allow): return .options(allow: allow)
        case .notFound: throw HTTPError(.notFound, "There is no page at this address.")
        }
    }

    private func respond(
        to request: Request, _ parameters: Parameters, _ handler: Handler, moment: ReadTransaction?
    ) throws -> Response {
        let visit: Visit
        do { visit = try Guard(site: self, moment: moment).admit(request, parameters, to: handler) } catch let needed as SignInNeeded {
            guard let form = needed.form else { throw needed }
            return try SignInPage.hold(form, Guard(site: self).stranger(request, parameters), next: needed.path ?? "/devices")
        }
        var response =
            try visit.held.isEmpty
            ? handle(visit, handler) : draw(HeldForm(request, visit.inputs), visit, handler, because: visit.held, status: .forbidden)
        response.knowsClient = visit.session != nil || visit.token != nil
        return response
    }

    /// Runs the handler. If its change would break expectations, asks first.
    private func handle(_ visit: Visit, _ handler: Handler) throws -> Response {
        do { return try handler.handle(visit) } catch StoreError.breaches(let breaches) where visit.session != nil {
            return try visit.ask(about: breaches)
        }
    }

    /// The route of a request that was made on the server.
    func handler(of request: Request) -> (handler: Handler, parameters: Parameters)? {
        guard case .found(let route, let parameters) = router.match(request.method, request.path) else { return nil }
        return (route.payload, parameters)
    }

    /// The path of the page at `path`, or of the nearest page above it.
    func page(above path: [String]) -> String {
        var path = path
        while !path.isEmpty {
            if case .found = router.match(.get, path) { return "/" + path.map(PageAddress.encoded).joined(separator: "/") }
            path.removeLast()
        }
        return "/devices"
    }
}

extension Response {
    /// Makes a redirect to one of our own paths lead below `base`.
    fileprivate mutating func enter(base: String) {
        if !base.isEmpty, let location = fields["Location"], location.hasPrefix("/"), !location.hasPrefix("//") {
            fields.set("Location", base + location)
        }
    }
}

extension StaticFiles {
    fileprivate func require(_ name: String) throws(TemplateError) -> String {
        guard let address = address(of: name) else { throw .missingAsset(name) }
        return address
    }
}
