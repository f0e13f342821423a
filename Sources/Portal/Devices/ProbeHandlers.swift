// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Words

/// Tests of links, on request: the page or the answer tells what came of them.
enum ProbeHandlers {
    /// The form on a device's page: against the hub, or against the device in `to`.
    static func device(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let device = try visit.device(in: overview)
        let id = visit.inputs.text("to")
        let other = try id.isEmpty ? nil : find(id, overview)
        let test = try test(device, against: other, visit, overview)
        return try DeviceHandlers.show(visit.later, test: test)
    }

    /// The doctor's form: both directions, and then all steps again.
    static func pair(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let (from, to) = (try find(visit.inputs.text("from"), overview), try find(visit.inputs.text("to"), overview))
        let test = try test(from, against: to, visit, overview)
        let page = ReachabilityPage(overview: try visit.later.overview(), from: from.id, to: to.id, query: { _ in nil }, test: test.link)
        return try visit.page(ReachabilityPage.template, page)
    }

    /// `POST /api/v1/devices/{id}/probe`, `to` as in the form; null or absent is the hub. 429 when there are too many at this moment.
    static func api(_ visit: Visit) throws -> Response {
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
            // 404 would say that there is no such address.
            guard let device = overview.index[id] else {
                throw StoreError.invalid([FieldError("to", "There is no device of this id. It may have been removed.")])
            }
            other = device
        default: throw HTTPError(.badRequest, "The member “to” must be the id of a device, or null for the hub.")
        }
        let test = try test(device, against: other, visit, overview)
        guard !test.link.isLimited else {
            throw HTTPError(.tooManyRequests, "Too many tests at this moment. Try again in a second.", fields: ["Retry-After": "1"])
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
        let echoes = other.map { LinkTest.echoes(between: $0, and: device) } ?? LinkTest.echoes(from: overview.hub, into: device)
        return ProbeSection.Test(other: other, link: LinkTest(echoes, try visit.site.probe(echoes)))
    }

    private static func find(_ id: String, _ overview: Overview) throws -> Device {
        guard let device = overview.devices.first(where: { $0.id == id }) else {
            throw StoreError.notFound(kind: "device", id: String(id.prefix(64)))
        }
        return device
    }
}

extension Visit {
    /// The same once the test is over: it took seconds, and what it changed, such as a handshake, is on the page.
    fileprivate var later: Visit {
        var visit = self
        visit.now = site.now()
        return visit
    }
}
