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
        matrix = isTooFew ? nil : Matrix(overview, query: query)
        pair = isTooFew ? nil : Pair(from: Side(from, overview), to: Side(to, overview), address: address ?? "")
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
                doctor: question.map(visit.doctor)), notice: visit.notice)
    }

    /// One of the two fields for devices.
    private struct Side {
        /// The name of the device, otherwise what was typed.
        let text: String
        let device: Device?

        init(_ typed: String?, _ overview: Overview) {
            device = typed.flatMap { overview.index[$0] ?? Sides(overview.devices).device($0) }
            text = device?.name ?? typed?.trimmed() ?? ""
        }

        /// True if the text names no device.
        var isUnknown: Bool { device == nil && !text.isEmpty }
    }

    /// The form that asks for two devices.
    private struct Pair: TemplateModel {
        let from: Side
        let to: Side
        let address: String

        static var fields: [TemplateField<Pair>] {
            [
                .text("from", \.from.text), .text("to", \.to.text), .text("address", \.address),
                .phrase("from_error") { $0.from.isUnknown ? "There is no device “\($0.from.text)”." : "" }, .phrase("to_error", \.toError),
            ]
        }

        private var toError: Phrase {
            if let first = from.device, first.id == to.device?.id { return "A link is between two devices. Choose another one." }
            return to.isUnknown && IPAddress(to.text) == nil ? "“\(to.text)” is neither a device nor an address." : ""
        }
    }
}
