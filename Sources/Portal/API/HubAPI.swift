// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Words

/// The API of the hub itself: defaults, status, reachability, drops, audit.
enum HubAPI {
    static let routes: [Route<Handler>] = [
        Route(.get, "/api/v1/defaults", Handler(.token(.read), defaults)),
        Route(.patch, "/api/v1/defaults", Handler(.token(.settings), changeDefaults)),
        Route(.get, "/api/v1/status", Handler(.token(.read), status)),
        Route(.get, "/api/v1/gateway", Handler(.token(.read)) { .json(.ok, gateway(try $0.overview().status.gateway)) }),
        Route(.get, "/api/v1/reachability", Handler(.token(.read), reachability)),
        Route(.post, "/api/v1/reachability", Handler(.token(.read), testReachability)),
        Route(.get, "/api/v1/drops", Handler(.token(.read), drops)), Route(.get, "/api/v1/drops/pairs", Handler(.token(.read), pairDrops)),
        Route(.get, "/api/v1/audit", Handler(.token(.read), audit)), Route(.get, "/api/v1/openapi.json", Handler(.tokenOrViewer(.read), description)),
    ]

    private static func defaults(_ visit: Visit) throws -> Response { try answer(visit.read { try $0.defaults() }) }

    private static func changeDefaults(_ visit: Visit) throws -> Response {
        var inputs = try APIInputs.read(try visit.request.json(), APIInputs.defaults)
        let conditions = visit.request.fields.all("If-Match")
        let defaults: Defaults
        do {
            defaults = try visit.change { transaction in
                let current = try transaction.defaults()
                var edit = DefaultsEdit(current, try transaction.hub())
                edit.settings = SettingsForm.settings(&inputs, changing: edit.settings)
                return try inputs.collect { try transaction.editDefaults(edit, expecting: EntityTag.expected(conditions, current: current.revision)) }
            }
        } catch StoreError.stale {
            throw HTTPError(.preconditionFailed, "The defaults were changed in the meantime. Read them again, then send the change.")
        }
        visit.site.refreshHosts()
        return try answer(defaults)
    }

    private static func status(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let apply: JSON =
            overview.status.lastApply.map {
                [
                    "changed_peers": .integer(Int64($0.changedPeers)), "sessions_dropped": .integer(Int64($0.sessionsDropped)),
                    "microseconds": .integer($0.microseconds),
                ]
            } ?? .null
        return .json(
            .ok,
            [
                "desired_generation": .integer(overview.generation.desired), "applied_generation": .integer(overview.generation.applied),
                "applied_at": DeviceJSON.time(overview.generation.appliedAt), "devices": .integer(Int64(overview.devices.count)),
                "online": .integer(Int64(overview.onlineCount)), "last_apply": apply, "version": .string(visit.site.version),
                "uptime_seconds": .integer(max(0, visit.now.seconds(since: visit.site.startedAt))),
                "contested_devices": .array(
                    overview.devices.filter { overview.status.contestedKeys[$0.publicKey] != nil }.map { .string($0.id) }),
                "socket_losses": .object(
                    overview.status.socketLosses.sorted { $0.key < $1.key }.map { ($0.key, DeviceJSON.count($0.value)) }),
                "gateway": overview.status.gateway == nil ? .null : gateway(overview.status.gateway),
            ])
    }

    /// Everything is null without an interface to the host.
    private static func gateway(_ gateway: Gateway?) -> JSON {
        let text = { (value: String?) -> JSON in value.map { .string($0) } ?? .null }
        return [
            "tun": text(gateway?.tun), "egress4": text(gateway?.egress4?.description), "egress6": text(gateway?.egress6?.description),
            "problem": text(gateway?.problem?.description),
        ]
    }

    private static func reachability(_ visit: Visit) throws -> Response {
        let query = visit.request.query
        return .json(.ok, try visit.doctor(question(visit, try visit.overview()) { query[$0] }).json)
    }

    /// The same after a test of the link. 429 when too many tests run at this moment.
    private static func testReachability(_ visit: Visit) throws -> Response {
        let body = try visit.request.json()
        guard let members = body.members,
            members.allSatisfy({ ["from", "to", "address"].contains($0.0) && ($0.1 == .null || $0.1.string != nil) })
        else { throw HTTPError(.badRequest, "The body must be a JSON object with the texts “from”, “to” and “address” and no others.") }
        let overview = try visit.overview()
        let doctor = try visit.testedDoctor(try question(visit, overview) { body[$0]?.string }, overview)
        guard doctor.test?.isLimited != true else {
            throw HTTPError(.tooManyRequests, "Too many tests are running. Try again in a second.", fields: ["Retry-After": "1"])
        }
        return .json(.ok, doctor.json)
    }

    /// Reads “from”, and “to” or “address” or both. “to” may be an address too.
    private static func question(_ visit: Visit, _ overview: Overview, _ value: (String) -> String?) throws -> Doctor.Question {
        guard let from = value("from"), overview.index[from] != nil else { throw absent("from", value("from")) }
        let (to, address) = (value("to"), value("address"))
        guard to != nil || address != nil else { throw absent("to", nil) }
        if let address, IPAddress(address) == nil {
            throw StoreError.invalid([FieldError("address", "“\(address)” is not an address.")])
        }
        if let to, overview.index[to] == nil, IPAddress(to) == nil { throw absent("to", to) }
        guard let question = visit.question(from: from, to: to, address: address, overview) else {
            throw StoreError.invalid([FieldError("to", "A link is between two devices. Choose another one.")])
        }
        return question
    }

    private static func absent(_ name: String, _ id: String?) -> StoreError {
        id.map { .notFound(kind: "device", id: String($0.prefix(64))) }
            ?? .invalid([FieldError(name, "The query lacks “\(name)”. Give the id of a device.")])
    }

    /// Counts by reason, for the whole hub or for packets from and to one device.
    private static func drops(_ visit: Visit) throws -> Response {
        let engine = visit.site.status()
        guard visit.request.query["device"] != nil else { return reasons(engine.drops) }
        let key = try device("device", visit, try visit.overview()).publicKey
        return reasons(Dictionary(engine.pairDrops(of: key).map { ($0.reason, $0.count) }, uniquingKeysWith: +))
    }

    /// Counts by pair of devices, most frequent first. `device` selects the pairs of one device.
    private static func pairDrops(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let one = try visit.request.query["device"].map { _ in try device("device", visit, overview).publicKey }
        let pairs = one.map { overview.status.pairDrops(of: $0) } ?? overview.status.pairDrops
        let id = { (key: PublicKey?) -> JSON in key.flatMap { overview.index[$0] }.map { .string($0.id) } ?? .null }
        return .json(
            .ok,
            [
                "pairs": .array(
                    pairs.map {
                        [
                            "reason": .string($0.reason.name), "from": id($0.from), "to": id($0.to), "count": DeviceJSON.count($0.count),
                            "last_at": DeviceJSON.time($0.lastAt),
                        ]
                    })
            ])
    }

    private static func reasons(_ drops: [DropReason: UInt64]) -> Response {
        .json(.ok, .object(DropReason.allCases.map { ($0.name, DeviceJSON.count(drops[$0] ?? 0)) }))
    }

    /// A number in the query; nil if it is absent. Throws 400 if it is not a number.
    private static func number(_ name: String, of request: Request) throws(HTTPError) -> Int? {
        guard let text = request.query[name] else { return nil }
        guard let number = Entry.number(text) else { throw HTTPError(.badRequest, "“\(name)” is not a number of up to nine digits.") }
        return number
    }

    /// Newest first; `before` continues below an entry's number. The page ignores filters that it does not understand, but a program must learn of
    /// its mistake, so this throws 400.
    private static func audit(_ visit: Visit) throws -> Response {
        let query = AuditQuery(visit.request.query)
        _ = try number("before", of: visit.request)
        let limit = visit.request.query["limit"].map(Entry.number) ?? 100
        guard let limit, (1...500).contains(limit) else { throw HTTPError(.badRequest, "“limit” is a number from 1 to 500.") }
        for name in ["from", "until"] {
            guard visit.request.query[name].map({ UnixTime(text: $0) != nil }) ?? true else {
                throw HTTPError(.badRequest, "“\(name)” is a day or a time, such as 2027-01-31 or 2027-01-31T18:00:00Z.")
            }
        }
        guard visit.request.query["what"] == nil || query.kind != nil else {
            let kinds = AuditQuery.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw HTTPError(.badRequest, "“what” is one of \(kinds).")
        }
        let entries = try visit.read { try $0.auditEntries(matching: query.filter($0), before: query.before, limit: limit) }
        return .json(.ok, ["entries": .array(entries.map(AuditExport.object))])
    }

    private static func description(_ visit: Visit) throws -> Response {
        let base = visit.request.base
        let body = base.isEmpty ? visit.site.openAPI : Array(visit.site.openAPI.replacing("{\"url\": \"/".utf8, with: "{\"url\": \"\(base)/".utf8))
        return Response(.ok, contentType: "application/json", body: body)
    }

    private static func answer(_ defaults: Defaults) throws -> Response {
        var response = Response.json(.ok, .object(DeviceJSON.settings(defaults.settings) + [("revision", .integer(defaults.revision))]))
        response.fields.set("ETag", DeviceJSON.entityTag(defaults.revision))
        return response
    }

    private static func device(_ name: String, _ visit: Visit, _ overview: Overview) throws -> Device {
        guard let id = visit.request.query[name] else {
            throw StoreError.invalid([FieldError(name, "The query lacks “\(name)”. Give the id of a device.")])
        }
        guard let device = overview.index[id] else {
            throw StoreError.notFound(kind: "device", id: id.first(scalars: 64))
        }
        return device
    }
}

extension EntityTag {
    /// The revision that the If-Match fields ask for; nil if there are none. If no tag matches `current`, the result is a revision that the object
    /// does not have.
    static func expected(_ conditions: [String], current: Int64) -> Int64? {
        guard !conditions.isEmpty else { return nil }
        return conditions.contains { ifMatch($0, matches: DeviceJSON.entityTag(current)) } ? current : -1
    }
}
