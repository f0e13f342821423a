// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// Tests links on request and shows the results.
enum Probe {
    static let routes: [Route<Handler>] = [
        Route(.post, "/devices/{id}/probe", Handler(.viewer, fields: ["to"], device))
    ]

    static let apiRoutes: [Route<Handler>] = [Route(.post, "/api/v1/devices/{id}/probe", Handler(.token(.read), api))]

    /// The form on a device's page: tests against the hub, or against the device in `to`.
    private static func device(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let device = try visit.device(in: overview)
        let id = visit.inputs.text("to")
        let other = try id.isEmpty ? nil : find(id, overview)
        let test = try test(device, against: other, visit, overview)
        return try DevicePage.show(visit.later, test: test)
    }

    /// The doctor's form: tests both directions, then runs all of the doctor's steps again.
    static func pair(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let inputs = visit.inputs
        let (from, to) = (inputs.text("from"), inputs.text("to"))
        guard let question = visit.question(from: from, to: to, address: inputs.text("address"), overview) else {
            let missing = overview.index[from] == nil ? from : to
            guard from != to || overview.index[from] == nil else {
                throw StoreError.invalid([FieldError("to", "A link is between two devices. Choose another one.")])
            }
            throw StoreError.notFound(kind: "device", id: String(missing.prefix(64)))
        }
        let doctor = try visit.testedDoctor(question, overview)
        let page = ReachabilityPage(
            overview: try visit.later.overview(), from: from, to: to, address: inputs.text("address"), query: { _ in nil }, doctor: doctor)
        return try visit.page(ReachabilityPage.template, page)
    }

    /// `POST /api/v1/devices/{id}/probe`, with `to` as in the form; null or absent means the hub. 429 when too many tests run at this moment.
    private static func api(_ visit: Visit) throws -> Response {
        let body = try visit.request.json()
        guard let members = body.members, members.allSatisfy({ $0.0 == "to" }) else {
            throw HTTPError(.badRequest, "The body must be a JSON object with the member “to” and no other.")
        }
        let overview = try visit.overview()
        let device = try visit.device(in: overview)
        let other: Device?
        switch body["to"] {
        case nil, .null?: other = nil
        case .string(let id)?:
            // 404 would say that this URL does not exist.
            guard let device = overview.index[id] else {
                throw StoreError.invalid([FieldError("to", "There is no device with this id. It may have been removed.")])
            }
            other = device
        default: throw HTTPError(.badRequest, "The member “to” must be the id of a device, or null for the hub.")
        }
        let test = try test(device, against: other, visit, overview)
        guard !test.link.isLimited else {
            throw HTTPError(.tooManyRequests, "Too many tests are running. Try again in a second.", fields: ["Retry-After": "1"])
        }
        return .json(
            .ok,
            [
                "device": .string(device.id), "to": other.map { .string($0.id) } ?? .null,
                "ok": .bool(!test.link.results.isEmpty && test.link.results.allSatisfy(\.isIn)), "probes": test.link.json,
            ])
    }

    private static func test(_ device: Device, against other: Device?, _ visit: Visit, _ overview: Overview) throws -> ProbeSection.Test {
        if other?.id == device.id { throw StoreError.invalid([FieldError("to", "A link is between two devices. Choose another one.")]) }
        let echoes =
            other.map { LinkTest.echoes(between: $0, and: device, over: overview.defaults) }
            ?? LinkTest.echoes(from: overview.hub, into: device, over: overview.defaults)
        let link = LinkTest(echoes, try visit.site.probe(echoes))
        if let other, let question = Doctor.Question(from: other, to: device, address: nil, in: overview) {
            visit.site.recentTests.note(link, of: question, at: visit.site.now())
        }
        let ends = [device, other].compactMap { $0 }
        let later = try visit.later.overview(examining: ends.map(\.publicKey))
        let causes = ends.map { ($0.id, SessionDiagnosis(of: $0, in: later, test: link).sentence) }
        return ProbeSection.Test(other: other, link: link, causes: Dictionary(causes) { $1 })
    }

    private static func find(_ id: String, _ overview: Overview) throws -> Device {
        guard let device = overview.devices.first(where: { $0.id == id }) else {
            throw StoreError.notFound(kind: "device", id: id.first(scalars: 64))
        }
        return device
    }
}

/// The form on a device's page that tests its links, and the result of the test.
struct ProbeSection: TemplateModel {
    /// A finished test against another device, or against the hub if nil.
    struct Test {
        let other: Device?
        let link: LinkTest
        /// For each device by id, why it has no session; empty if that is not known.
        let causes: [String: Phrase]
    }

    let device: Device
    /// Devices to test against.
    let others: [Device]
    /// The device's effective settings.
    let settings: Settings
    let hub: Hub
    let test: Test?

    static var fields: [TemplateField<ProbeSection>] {
        [
            .text("action") { "/devices/\($0.device.id)/probe" }, .list("options", \.options), .phrase("verdict", \.verdict),
            .list("results", \.results), .text("fix", \.fix),
            .phrase("fix_label") { $0.test?.other == nil ? "Show its file" : "Find the cause" },
        ]
    }

    /// The result of the pings in one direction.
    private struct Row: TemplateModel {
        let isIn: Bool
        let name: Phrase
        let detail: Phrase

        static var fields: [TemplateField<Row>] {
            [
                .text("result") { $0.isIn ? "passed" : "failed" }, .phrase("result_word") { $0.isIn ? "passed" : "failed" },
                .phrase("name", \.name), .phrase("detail", \.detail),
            ]
        }
    }

    /// The ids of the devices to test against; empty for the hub.
    private var options: [Choice] {
        var choices = others
        if let other = test?.other, !choices.contains(where: { $0.id == other.id }) { choices.append(other) }
        let selected = test?.other?.id ?? ""
        return [Choice(value: "", label: "the hub itself", isChosen: selected.isEmpty)]
            + choices.map { Choice(value: $0.id, label: Phrase(verbatim: $0.name), isChosen: $0.id == selected) }
    }

    private var isIn: Bool { test?.link.results.allSatisfy(\.isIn) ?? false }

    private var verdict: Phrase {
        guard let test else { return "" }
        guard !test.link.results.isEmpty else { return "They have no address family in common." }
        guard let other = test.other else { return isIn ? "\(device.name) answers the hub." : "\(device.name) does not answer the hub." }
        return isIn ? "The link between \(device.name) and \(other.name) works." : "The link between \(device.name) and \(other.name) does not work."
    }

    private var results: [Row] {
        guard let test else { return [] }
        let ends: [(into: Device, from: Phrase)] =
            test.other.map { [(device, Phrase(verbatim: $0.name)), ($0, Phrase(verbatim: device.name))] } ?? [(device, Phrase("the hub"))]
        return ends.compactMap { into, from in
            let results = test.link.results(into: into)
            guard !results.isEmpty else { return nil }
            let isIn = results.allSatisfy(\.isIn)
            let keptOut = Phrase.all(of: results.filter(isKeptOut).map(\.echo.source.description))
            let hint: Phrase = keptOut.isEmpty ? "" : "Its allowed IPs do not hold \(keptOut): test against another device."
            return Row(
                isIn: isIn, name: "\(into.name) answers \(from)",
                detail: [LinkTest.Result.sentence(results, into: into, from: from), test.causes[into.id] ?? "", hint].joined())
        }
    }

    /// A file that lists single devices does not include the hub's address. That is not a fault.
    private func isKeptOut(_ result: LinkTest.Result) -> Bool {
        result.outcome == .noAnswer && test?.other == nil && !settings.allowedIPs.contains { $0.contains(result.echo.source) }
    }

    private var fix: String {
        guard test != nil, !isIn else { return "" }
        guard let other = test?.other else { return "/devices/\(device.id)#file" }
        return PageAddress.reachability(from: device, to: other).text
    }
}
