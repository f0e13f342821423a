// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Words

/// /api/v1/expectations
enum ExpectationAPI {
    static let routes: [Route<Handler>] = [
        Route(.get, "/api/v1/expectations", Handler(.token(.read), list)),
        Route(.post, "/api/v1/expectations", Handler(.token(.settings), add)),
        Route(.delete, "/api/v1/expectations/{id}", Handler(.token(.settings), remove)),
    ]

    /// In the order in which they were added, each with whether it holds now.
    private static func list(_ visit: Visit) throws -> Response {
        let expectations = try visit.read { try $0.expectations() }
        return .json(.ok, ["expectations": .array(try objects(expectations, visit))])
    }

    private static func add(_ visit: Visit) throws -> Response {
        var inputs = try APIInputs.read(try visit.request.json(), ["from": .text, "rule": .text, "to": .text])
        let expectation = try visit.write { try ExpectationForm.add(&inputs, $0, visit) }
        var response = Response.json(.created, try objects([expectation], visit)[0])
        response.fields.set("Location", "/api/v1/expectations/\(expectation.id)")
        return response
    }

    private static func remove(_ visit: Visit) throws -> Response {
        try visit.write { try $0.removeExpectation(visit.parameters["id"], by: visit.author, at: visit.now) }
        return Response(.noContent)
    }

    private static func objects(_ expectations: [Expectation], _ visit: Visit) throws -> [JSON] {
        let findings = ExpectationFindings(expectations, in: try visit.overview())
        return expectations.map { object($0, findings[$0]) }
    }

    /// `holds` is null for an expectation that is about too many pairs to check.
    private static func object(_ expectation: Expectation, _ finding: ExpectationFindings.Finding) -> JSON {
        let (holds, reason, limit): (JSON, JSON, JSON) =
            switch finding {
            case .holds(let only): (.bool(true), .null, only.map { .string($0.description) } ?? .null)
            case .broken(let breach): (.bool(false), .string(breach.reasons.description), .null)
            case .unchecked: (.null, .null, .null)
            }
        let id = { (side: Expectation.Side) in JSON.string(side.text { $0 }) }
        let test: JSON =
            expectation.test.map {
                [
                    "at": DeviceJSON.time($0.at), "passed": .integer(Int64($0.passed)), "failed": .integer(Int64($0.failed)),
                    "untested": .integer(Int64($0.untested)),
                ]
            } ?? .null
        return [
            "id": .string(expectation.id), "from": id(expectation.from), "rule": expectation.isReached ? "reaches" : "never",
            "to": id(expectation.to), "holds": holds, "reason": reason, "limited_to": limit,
            "broken_since": expectation.brokenSince.map(DeviceJSON.time) ?? .null, "test": test,
        ]
    }

    /// The expectations that a change would break, for the problem document.
    static func list(_ breaches: [ExpectationCheck.Breach]) -> JSON {
        .array(
            breaches.map {
                [
                    "id": .string($0.expectation.id), "expectation": .string($0.sentence.description), "reason": .string($0.reasons.description),
                ]
            })
    }
}
