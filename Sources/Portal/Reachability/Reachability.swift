// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// The matrix of all pairs, and the doctor for one pair.
struct ReachabilityPage: TemplateModel {
    static let routes: [Route<Handler>] = [
        Route(.get, "/reachability", Handler(.viewer, show)),
        Route(.post, "/reachability", Handler(.viewer, fields: ["from", "to", "address"], Probe.pair)),
    ]
    static let template = Template<ReachabilityPage>("reachability")

    static var fields: [TemplateField<ReachabilityPage>] {
        [
            .flag("empty") { $0.matrix == nil }, .optional("pair", \.pair), .optional("doctor", \.doctor), .optional("matrix", \.matrix),
            .optional("one_sided") { $0.matrix?.oneSided },
        ]
    }

    /// Nil on a hub with fewer than two devices.
    private let matrix: Matrix?
    private let pair: Pair?
    private let doctor: DoctorSection?

    /// `from` and `to` are ids (in links) or names (typed by the user); `to` and `address` may be an address. `query` returns the matrix's filters
    /// and window by their names in the URL. `doctor` answers the question; nil if there is none.
    init(overview: Overview, from: String?, to: String?, address: String?, query: @escaping (String) -> String?, doctor: Doctor?) {
        let isTooFew = overview.devices.count < 2
        let named = { (side: String?) in side.flatMap { overview.index[$0] ?? Sides(overview.devices).device($0) } }
        let (first, second) = (named(from), named(to))
        matrix = isTooFew ? nil : Matrix(overview, query: query)
        pair =
            isTooFew
            ? nil : Pair(devices: overview.devices, from: from, to: to, address: address ?? "", names: (first?.name ?? "", second?.name ?? ""))
        self.doctor = doctor.map { DoctorSection($0, overview) }
    }

    private static func show(_ visit: Visit) throws -> Response {
        let query = visit.request.query
        let overview = try visit.overview()
        let question = visit.question(from: query["from"], to: query["to"], address: query["address"], overview)
        return try visit.page(
            template,
            ReachabilityPage(
                overview: overview, from: query["from"], to: query["to"], address: query["address"], query: { query[$0] },
                doctor: question.map(visit.doctor)))
    }

    /// The form that asks for two devices.
    private struct Pair: TemplateModel {
        /// On a hub with more devices, the user types the names instead of choosing them.
        private static let maximumOptions = 100

        let devices: [Device]
        let from: String?
        let to: String?
        let address: String
        let names: (from: String, to: String)

        static var fields: [TemplateField<Pair>] {
            [
                .list("from_options") { $0.options($0.from) }, .list("to_options") { $0.options($0.to ?? $0.devices.dropFirst().first?.id) },
                .text("address", \.address),
                .flag("typed", \.isTyped), .text("from", \.names.from), .text("to", \.names.to),
            ]
        }

        private var isTyped: Bool { devices.count > Self.maximumOptions }

        private func options(_ selected: String?) -> [Choice] {
            isTyped ? [] : devices.map { Choice(value: $0.id, label: Phrase(verbatim: $0.name), isChosen: $0.id == selected) }
        }
    }
}
