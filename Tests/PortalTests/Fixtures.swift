// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import HTTP
import Logging
import Net
import Store
import Synchronization
import Testing

@testable import Portal
import Words

/// The clock and the engine, as a test sets them.
final class World: Sendable {
    static let start = UnixTime(seconds: 1_800_000_000)

    let now = Mutex(World.start)
    /// Returns the outcome of an echo. Unless a test sets it, no device has a session.
    let probe = Mutex<@Sendable (LinkTest.Echo) -> ProbeOutcome>({ _ in .noSession })
    let echoes = Mutex<[LinkTest.Echo]>([])
    let engine = Mutex(HubStatus(workers: 2, listen: Endpoint("[::]:51820")))
    /// Called when the portal asks for the engine's status, which it does in the middle of a page.
    let asked = Mutex<@Sendable () -> Void>({})

    func advance(seconds: Int64) { now.withLock { $0 = $0.adding(seconds: seconds) } }
}

/// A portal with a real database in a temporary folder. Tests call it without a socket.
final class TestSite: Sendable {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    let folder: URL
    let world = World()
    let database: Database
    let site: PortalSite

    /// Without an admin, the set-up is open. `passwordHash` is a real hash only if the test signs in with the password.
    init(
        admin: String? = "ada@example.org", passwordHash: String = "none", endpoint: String? = "hub.example.org:51820",
        network: String = "10.3.2.0/24", templates: ([String: String]) -> [String: String] = { $0 }, showsStyleguide: Bool = false,
        log: Logger = Logger(label: "portal")
    ) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("portal-\(UUID().uuidString)")
        database = try Database(folder: folder.path, migrations: Migrations(folder: Self.root + "/Migrations"), now: World.start)
        let networks = [network, "fd00::3:2:0/120"].compactMap { IPPrefix($0) }
        try database.change(by: .system, at: World.start) {
            try $0.makeHub(
                name: "berlin hub", privateKey: .generate(), ipv4Network: networks[0], ipv6Network: networks[1],
                defaults: Settings(allowedIPs: networks, endpoint: endpoint.flatMap { HostPort($0) }, persistentKeepalive: 25))
        }
        if let admin {
            _ = try database.write { try $0.addAccount(email: admin, passwordHash: passwordHash, role: .admin, by: .system, at: World.start) }
        }
        let surroundings = PortalSite.Surroundings(
            status: { [world] in
                world.asked.withLock { $0 }()
                return world.engine.withLock { $0 }
            },
            probe: { [world] echoes in
                world.echoes.withLock { $0 = echoes }
                return echoes.map(world.probe.withLock { $0 })
            },
            now: { [world] in world.now.withLock { $0 } }, showsStyleguide: showsStyleguide)
        site = try PortalSite(
            database: database, templates: templates(Self.templates()), assets: StaticFiles(directory: Self.root + "/Public", prefix: "/assets"),
            version: "1.0", log: log, surroundings: surroundings)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    static func templates() throws -> [String: String] {
        let folder = root + "/Templates"
        return try FileManager.default.contentsOfDirectory(atPath: folder).reduce(into: [:]) {
            $0[$1] = try String(contentsOfFile: "\(folder)/\($1)", encoding: .utf8)
        }
    }

    /// Adds a device that follows the defaults, or that lists only `reaching`.
    @discardableResult
    func add(_ name: String, reaching: [String]? = nil, routes: [String] = [], publicKey: PublicKey? = nil, description: String = "") throws -> Device
    {
        let key = PrivateKey.generate()
        let prefixes = reaching?.compactMap { IPPrefix($0) }
        return try database.change(by: .system, at: World.start) {
            try $0.add(
                NewDevice(
                    name: name, description: description, publicKey: publicKey ?? key.publicKey, privateKey: publicKey == nil ? key : nil,
                    routes: routes.compactMap { IPPrefix($0) },
                    overrides: Overrides(allowedIPs: prefixes.map { .own($0) } ?? .inherit)))
        }
    }

    func device(_ id: String) throws -> Device { try database.read { try $0.device(id) } }

    /// Sets the address of the portal as on the page Defaults.
    func move(to url: String) throws {
        try database.change(by: .system, at: World.start) {
            var edit = DefaultsEdit(try $0.defaults(), try $0.hub())
            edit.portalURL = url
            try $0.editDefaults(edit)
        }
        site.refreshHosts()
    }

    /// The engine heard from the device `ago` seconds ago.
    func hear(from device: Device, ago: Int64 = 4) {
        let at = world.now.withLock { $0.adding(seconds: -ago) }
        world.engine.withLock {
            $0.peers[device.publicKey] = PeerSight(
                publicKey: device.publicKey, endpoint: Endpoint("198.51.100.7:40000"), lastHandshakeAt: at, receivedBytes: 1_200_000,
                sentBytes: 80_000, lastSeenAt: at)
        }
    }

    /// A signed-in browser: of the first admin, or of a new account for a viewer or another email address.
    func signedIn(role: Account.Role = .admin, email: String? = nil) throws -> Browsing {
        let token = try database.write { transaction in
            var account = try transaction.accounts()[0]
            if role != .admin || email != nil {
                account = try transaction.addAccount(
                    email: email ?? "eve@example.org", passwordHash: "none", role: role, by: .system, at: World.start)
            }
            return try transaction.startSession(
                provedBy: try transaction.credentials(ofAccount: account.id), address: "127.0.0.1",
                userAgent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", at: world.now.withLock { $0 }
            ).token
        }
        return Browsing(site, cookies: ["sid": token.reveal()])
    }

    /// An API client with a token of these scopes.
    func api(_ scopes: TokenScope...) throws -> APIClient {
        let secret = try database.write {
            try $0.addAPIToken(name: "script", scopes: Set(scopes), expiresAt: nil, owner: nil, by: .system, at: World.start).secret
        }
        return APIClient(site, token: secret.reveal())
    }
}

/// A browser without a screen. It keeps cookies and sends forms as a real one does.
final class Browsing {
    let site: PortalSite
    var cookies: [String: String]
    /// The path that the portal is below.
    var base = ""
    /// Where its requests come from.
    var address: IPAddress = .v4(.loopback)
    /// Header fields of every POST. Some tests remove some of them.
    var postFields = ["Origin: http://127.0.0.1:8080", "Sec-Fetch-Site: same-origin"]

    init(_ site: PortalSite, cookies: [String: String] = [:]) {
        self.site = site
        self.cookies = cookies
    }

    func get(_ path: String, fields: [String] = []) throws -> Answer { try send("GET", path, fields: fields) }

    /// Sends `values` with the token of the form on `page`, or on the page at `path` if `page` is nil.
    func post(_ path: String, on page: String? = nil, _ values: [String: String] = [:]) throws -> Answer {
        let token = try formToken(on: page ?? path)
        return try send("POST", path, fields: postFields, form: values.merging(["csrf_token": token]) { old, _ in old })
    }

    /// Sends fields that may be repeated, with the token of the form on `page`.
    func post(_ path: String, on page: String, pairs: [(String, String)]) throws -> Answer {
        try send("POST", path, fields: postFields, pairs: [("csrf_token", try formToken(on: page))] + pairs)
    }

    /// Sends a form with files, with the token of the form on `page`.
    func upload(_ path: String, on page: String, _ values: [String: String] = [:], files: [String: [UInt8]]) throws -> Answer {
        var body: [UInt8] = []
        for (name, value) in values.merging(["csrf_token": try formToken(on: page)], uniquingKeysWith: { old, _ in old }) {
            body += Array("--edge\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8)
        }
        for (name, content) in files {
            let fields = "Content-Disposition: form-data; name=\"\(name)\"; filename=\"a;b\"\r\nContent-Type: application/octet-stream"
            body += Array("--edge\r\n\(fields)\r\n\r\n".utf8) + content + Array("\r\n".utf8)
        }
        let fields = postFields + ["Content-Type: multipart/form-data; boundary=edge"]
        let request = try request("POST", path, fields: fields, body: body + Array("--edge--\r\n".utf8))
        return answer(request)
    }

    /// Presses a button of the bar for selected devices.
    func act(_ action: String, on devices: [Device], _ more: [(String, String)] = []) throws -> Answer {
        try post("/devices/selected", on: "/devices", pairs: [("action", action)] + devices.map { ("device", $0.id) } + more)
    }

    /// The token of the first form on a page.
    func formToken(on page: String) throws -> String {
        let answer = try get(page)
        return String(try #require(answer.text.firstMatch(of: /name="csrf_token" value="([0-9a-f]+)"/)?.1, "no form on \(page): \(answer.status)"))
    }

    /// Presses the button that downloads a device's file.
    func download(_ device: Device) throws -> Answer { try post("/devices/\(device.id)/config", on: "/devices/\(device.id)") }

    func send(_ method: String, _ path: String, fields: [String] = [], form: [String: String]? = nil) throws -> Answer {
        try send(method, path, fields: fields, pairs: form?.map { ($0, $1) })
    }

    /// Sends a form with fields that may be repeated.
    func send(_ method: String, _ path: String, fields: [String], pairs: [(String, String)]?) throws -> Answer {
        answer(try request(method, path, fields: fields, pairs: pairs))
    }

    private func answer(_ request: Request) -> Answer {
        let answer = Answer(site.application.answer(to: request))
        for cookie in answer.response.fields.all("Set-Cookie") {
            let pair = cookie.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies[String(pair[0])] = cookie.contains("Max-Age=0") ? nil : String(pair[1])
        }
        return answer
    }

    func request(
        _ method: String, _ path: String, fields: [String] = [], pairs: [(String, String)]? = nil, body: [UInt8] = []
    ) throws -> Request {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:8080", "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"] + fields
        if !cookies.isEmpty { lines.append("Cookie: " + cookies.map { "\($0)=\($1)" }.joined(separator: "; ")) }
        if pairs != nil { lines.append("Content-Type: application/x-www-form-urlencoded") }
        let form = pairs.map { $0.map { "\(PageAddress.encoded($0))=\(PageAddress.encoded($1))" }.joined(separator: "&") } ?? ""
        return try Request(
            text: lines.joined(separator: "\r\n") + "\r\n\r\n", body: body + Array(form.utf8), peer: Endpoint(address: address, port: 50_000),
            base: base)
    }

    /// A form as the guard admitted it. The test decides what happens before the handler runs.
    func admitted(_ path: String, _ form: [String: String] = [:]) throws -> AdmittedRequest {
        let session = try request("GET", "/").sessionToken.flatMap { token in try site.database.read { try $0.session(token, at: site.now()) } }
        // The sign-in pages have forms for browsers without a session, whether there is one or not.
        let isEntry = path.hasPrefix("/login")
        let pre = cookies["pre"] ?? PreSession.make()
        if isEntry { cookies["pre"] = pre }
        let token = isEntry ? site.signer.sign(pre, for: .preSession) : session?.csrfToken ?? ""
        let pairs = form.map { ($0, $1) } + [("csrf_token", token)]
        return try AdmittedRequest(request("POST", path, fields: postFields, pairs: pairs), site)
    }
}

/// A request that the guard has admitted and whose handler has not run yet.
struct AdmittedRequest {
    let visit: Visit
    private let handler: Handler

    init(_ request: Request, _ site: PortalSite) throws {
        guard case .found(let route, let parameters) = Router(Routes.table).match(request.method, request.path) else {
            throw HTTPError(.notFound, "no route for \(request.rawPath)")
        }
        handler = route.payload
        visit = try Guard(site: site).admit(request, parameters, to: handler)
    }

    @discardableResult
    func handle() throws -> Response { try handler.handle(visit) }
}

struct Answer {
    let response: Response
    init(_ response: Response) { self.response = response }

    var status: Int { response.status.code }
    var location: String? { response.fields["Location"] }
    var text: String {
        String(decoding: bytes, as: UTF8.self)
    }
    /// The whole body. A stream is read to its end now; the result is empty if that fails. Empty for events.
    var bytes: [UInt8] {
        switch response.body {
        case .bytes(let bytes): bytes
        case .stream(let stream): (try? Array(sequence(state: stream) { try? $0.next() }.joined())) ?? []
        case .events: []
        }
    }
    func json() throws -> JSON { try JSON(parsing: Array(text.utf8)) }
}

struct APIClient {
    let site: PortalSite
    let token: String

    init(_ site: PortalSite, token: String) {
        self.site = site
        self.token = token
    }

    func send(_ method: String, _ path: String, _ body: JSON? = nil, fields: [String] = []) throws -> Answer {
        Answer(site.application.answer(to: try request(method, path, body, fields: fields)))
    }

    func request(_ method: String, _ path: String, _ body: JSON? = nil, fields: [String] = []) throws -> Request {
        var lines = ["\(method) /api/v1\(path) HTTP/1.1", "Host: 127.0.0.1:8080", "Authorization: Bearer \(token)"] + fields
        if body != nil { lines.append("Content-Type: application/json") }
        return try Request(text: lines.joined(separator: "\r\n") + "\r\n\r\n", body: body?.bytes ?? [])
    }
}
