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
        Route(.post, "/reachability", Handler(.viewer, fields: ["from", "to"], Probe.pair)),
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

    /// `from` and `to` are ids (in links) or names (typed by the user). `query` returns the matrix's filters and window by their names in the URL.
    /// `test` is the result of probes between the two that just ran.
    init(overview: Overview, from: String?, to: String?, query: @escaping (String) -> String?, test: LinkTest? = nil) {
        let isTooFew = overview.devices.count < 2
        let named = { (side: String?) in side.flatMap { overview.index[$0] ?? Sides(overview.devices).device($0) } }
        let (first, second) = (named(from), named(to))
        matrix = isTooFew ? nil : Matrix(overview, query: query)
        pair = isTooFew ? nil : Pair(devices: overview.devices, from: from, to: to, names: (first?.name ?? "", second?.name ?? ""))
        doctor = first.flatMap { first in second.flatMap { DoctorSection(from: first, to: $0, overview, test) } }
    }

    private static func show(_ visit: Visit) throws -> Response {
        let query = visit.request.query
        return try visit.page(
            template, ReachabilityPage(overview: visit.overview(), from: query["from"], to: query["to"], query: { query[$0] }))
    }

    /// The form that asks for two devices.
    private struct Pair: TemplateModel {
        /// On a hub with more devices, the user types the names instead of choosing them.
        private static let maximumOptions = 100

        let devices: [Device]
        let from: String?
        let to: String?
        let names: (from: String, to: String)

        static var fields: [TemplateField<Pair>] {
            [
                .list("from_options") { $0.options($0.from) }, .list("to_options") { $0.options($0.to ?? $0.devices.dropFirst().first?.id) },
                .optional("names") { $0.isTyped ? Names(from: $0.names.from, to: $0.names.to) : nil },
            ]
        }

        private var isTyped: Bool { devices.count > Self.maximumOptions }

        private func options(_ selected: String?) -> [Choice] {
            isTyped ? [] : devices.map { Choice(device: $0, isSelected: $0.id == selected) }
        }
    }

    private struct Choice: TemplateModel {
        let device: Device
        let isSelected: Bool

        static var fields: [TemplateField<Choice>] { [.text("value", \.device.id), .text("label", \.device.name), .flag("selected", \.isSelected)] }
    }

    private struct Names: TemplateModel {
        let from: String
        let to: String

        static var fields: [TemplateField<Names>] { [.text("from", \.from), .text("to", \.to)] }
    }
}
