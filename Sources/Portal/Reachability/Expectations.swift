// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// What must reach what, and what must not: a list of sentences, whether each holds now, and how its last test with pings ended.
struct ExpectationsPage: TemplateModel {
    static let template = Template<ExpectationsPage>("expectations")

    static let path = "/expectations"
    static let routes: [Route<Handler>] = [
        Route(.get, path, Handler(.viewer) { try draw($0, Inputs([:]), .ok) }),
        Route(.post, path, Handler(.admin, fields: ["from", "rule", "to"], add)),
        Route(.post, "/expectations/{id}/remove", Handler(.admin, remove)),
    ]

    static var fields: [TemplateField<ExpectationsPage>] {
        [
            .flag("any") { $0.count > 0 }, .list("rows", \.rows), .phrase("summary", \.summary), .optional("pages", \.pages),
            .flag("never") { $0.inputs.text("rule") == "never" },
        ] + TemplateField.form("from", "to", others: ["rule"], of: \.inputs)
    }

    private static let rowsPerPage = 40

    private let count: Int
    private let brokenCount: Int
    private let rows: [Row]
    private let pages: PageLinks?
    private let inputs: Inputs

    /// Shows those that do not hold first. Only those of this page are checked anew.
    init(_ expectations: [Expectation], _ overview: Overview, page: Int, inputs: Inputs) {
        self.inputs = inputs
        count = expectations.count
        let sorted = expectations.filter { $0.brokenSince != nil } + expectations.filter { $0.brokenSince == nil }
        let paging = Paging(count: count, perPage: Self.rowsPerPage, number: page)
        pages = paging.links { PageAddress(Self.path).with("page", String($0)).text }
        let shown = Array(sorted[paging.range])
        let findings = ExpectationFindings(shown, in: overview)
        rows = shown.map { Row(expectation: $0, finding: findings[$0], overview: overview) }
        // What time broke in the last minute is not recorded yet.
        brokenCount = sorted.count { $0.brokenSince != nil } + rows.count { $0.isBroken && $0.expectation.brokenSince == nil }
    }

    // MARK: Handlers

    private static func draw(_ visit: Visit, _ inputs: Inputs, _ status: Status) throws -> Response {
        let page = ExpectationsPage(
            try visit.read { try $0.expectations() }, try visit.overview(), page: visit.request.query["page"].flatMap(Entry.number) ?? 1,
            inputs: inputs)
        return try visit.page(template, page, status: status, notice: visit.notice)
    }

    private static func add(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        do {
            try visit.write { transaction in _ = try ExpectationForm.add(&inputs, transaction, visit) }
        } catch is Inputs.Refused {
            return try draw(visit, inputs, .unprocessableContent)
        }
        return visit.done(path, .expectationAdded)
    }

    private static func remove(_ visit: Visit) throws -> Response {
        try visit.write { try $0.removeExpectation(visit.parameters["id"], by: visit.author, at: visit.now) }
        return visit.done(path, .removed)
    }

    // MARK: What it shows

    private var summary: Phrase {
        guard brokenCount > 0 else { return .counting(count, "It holds. | All \(Amount.count(count)) hold.") }
        return .counting(brokenCount, "\(Amount.count(brokenCount)) does not hold. | \(Amount.count(brokenCount)) do not hold.")
    }

    private struct Row: TemplateModel {
        let expectation: Expectation
        let finding: ExpectationFindings.Finding
        let overview: Overview

        static var fields: [TemplateField<Row>] {
            [
                .text("id", \.expectation.id), .phrase("sentence") { row in row.expectation.sentence { row.overview.index[$0]?.name } },
                .text("result", \.result), .phrase("result_word", \.word), .phrase("reason", \.reason), .phrase("since", \.since),
                .phrase("test", \.test), .flag("test_failed") { ($0.expectation.test?.failed ?? 0) > 0 }, .text("doctor", \.doctor),
            ]
        }

        var isBroken: Bool { if case .broken = finding { true } else { false } }

        private var result: String {
            switch finding {
            case .holds: "passed"
            case .broken: "failed"
            case .unchecked: "skipped"
            }
        }

        private var word: Phrase {
            switch finding {
            case .holds: "holds"
            case .broken: "does not hold"
            case .unchecked: "not checked"
            }
        }

        private var reason: Phrase {
            switch finding {
            case .holds(let only): only.map { "Only with some services: \($0)." } ?? ""
            case .broken(let breach): breach.reasons
            case .unchecked: "It is about too many pairs of devices to check. Use tags with fewer devices."
            }
        }

        private var since: Phrase {
            guard isBroken, let since = expectation.brokenSince else { return "" }
            return "Broken \(since.relative(to: overview.now))."
        }

        private var test: Phrase { expectation.test?.sentence(at: overview.now) ?? "" }

        /// The doctor for two devices that should reach each other.
        private var doctor: String {
            guard expectation.isReached, isBroken, case .device(let from) = expectation.from else { return "" }
            let page = PageAddress("/reachability").with("from", from)
            return switch expectation.to {
            case .device(let to): page.with("to", to).text
            case .address(let address): page.with("to", address.description).text
            case .tag: ""
            }
        }
    }
}

/// Whether expectations hold now.
struct ExpectationFindings {
    enum Finding {
        /// Perhaps only with some services, as the rules say.
        case holds(only: Phrase?)
        case broken(ExpectationCheck.Breach)
        case unchecked
    }

    private let breaches: [String: ExpectationCheck.Breach]
    private let limits: [String: Phrase]
    private let unchecked: Set<String>

    init(_ expectations: [Expectation], in overview: Overview) {
        let check = expectations.isEmpty ? nil : ExpectationCheck(expectations, in: ExpectationCheck.State(overview))
        breaches = Dictionary((check?.breaches ?? []).map { ($0.expectation.id, $0) }) { $1 }
        limits = check?.limits ?? [:]
        unchecked = check?.unchecked ?? []
    }

    subscript(expectation: Expectation) -> Finding {
        unchecked.contains(expectation.id) ? .unchecked : breaches[expectation.id].map { .broken($0) } ?? .holds(only: limits[expectation.id])
    }
}

extension Expectation.Test {
    /// How it ended, and when.
    func sentence(at now: UnixTime) -> Phrase {
        let ago = at.relative(to: now)
        if let firstFailure, failed > 0 {
            let more: Phrase = .counting(failed - 1, "and \(failed - 1) more pair | and \(failed - 1) more pairs")
            let first: Phrase = "\(firstFailure.to) did not answer \(firstFailure.from)"
            return failed > 1 ? "Tested \(ago): \(first), \(more)." : "Tested \(ago): \(first)."
        }
        if passed == 0 { return "Tested \(ago): nothing could be tested, because devices were not connected." }
        let all: Phrase = .counting(passed, "\(passed) pair answered | \(passed) pairs answered")
        return untested > 0 ? "Tested \(ago): \(all), \(untested) not connected." : "Tested \(ago): \(all)."
    }
}

/// A new expectation, from the form or from the API.
enum ExpectationForm {
    /// Adds it. Adds errors to `inputs` and throws `Inputs.Refused` if there are any.
    static func add(_ inputs: inout Inputs, _ transaction: WriteTransaction, _ visit: Visit) throws -> Expectation {
        let devices = try visit.site.overview(transaction, at: visit.now).devices
        let unread = Expectation.Side.device("")
        let from = inputs.read("from", or: unread) { Expectation.Side.read($0, among: devices, allowsAddress: false) }
        let to = inputs.read("to", or: unread) { Expectation.Side.read($0, among: devices, allowsAddress: true) }
        let rule = inputs.text("rule")
        if rule != "reaches", rule != "never" { inputs.refuse("rule", "Choose “reaches” or “never”.") }
        guard inputs.errors.isEmpty else { throw Inputs.Refused(errors: inputs.errors) }
        return try inputs.collect {
            try transaction.addExpectation(from: from, to: to, isReached: rule == "reaches", by: visit.author, at: visit.now)
        }
    }
}
