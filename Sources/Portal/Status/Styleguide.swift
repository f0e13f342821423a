// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// The design system on one page, for people who edit pages: every token of `Public/app.css`, and every component in use.
struct StyleguidePage: TemplateModel {
    static let routes: [Route<Handler>] = [Route(.get, "/styleguide", Handler(.viewer, show))]
    static let template = Template<StyleguidePage>("styleguide")

    static var fields: [TemplateField<StyleguidePage>] {
        [
            .texts("colours") { _ in Token.colours }, .texts("spaces") { _ in Token.spaces }, .texts("sizes") { _ in Token.sizes },
            .texts("families") { _ in Token.families }, .text("address") { _ in "10.3.2.2" }, .text("tag") { _ in "field" },
            .list("badges", { _ in [SettingBadge.applied, .waiting, .fileIsOld, .inFile, .notDelivered] }, [.object("badge") { $0 }]),
            .phrase("down") { _ in "↓ \(Amount.rate(1_200_000))" }, .phrase("up") { _ in "↑ \(Amount.rate(80_000))" },
            .text("points") { _ in "0 16 2 12 4 13 6 4 8 8 10 2 12 9 14 9 16 14 19 11" }, .text("total") { _ in "1.2 MB" },
            .optional("pages") { _ in Paging(count: 240, perPage: 20, number: 4).links { "#page-\($0)" } },
            // An effect with one line of each kind.
            .optional(
                "effect", { _ in Effect.Kind.allCases },
                [.list("lines") { $0.map { Effect.SectionLine(kind: $0, text: Phrase(verbatim: $0.rawValue)) } }]),
        ] + TemplateField.form("name", "ipv4", of: \.inputs) + TemplateField.legend
    }

    /// The custom properties of the style sheet, without their leading dashes.
    enum Token {
        static let colours = [
            "ground", "surface", "sunken", "ink", "muted", "line", "line-strong", "accent", "on-accent", "good", "calm", "warn", "bad", "good-wash",
            "warn-wash", "bad-wash",
        ]
        static let spaces = ["space-1", "space-2", "space-3", "space-4", "space-6", "space-8", "space-12"]
        static let sizes = ["tiny", "small", "body", "heading", "large", "title"]
        static let families = ["mono", "sans"]

        static let all = colours + spaces + sizes + families
    }

    private let inputs: Inputs

    private init() {
        var inputs = Inputs(["name": "berlin-nas", "ipv4": "10.3.2.300"])
        _ = inputs.read("ipv4", or: nil, Entry.address)
        self.inputs = inputs
    }

    /// 404 unless the hub was started with HAIRPIN_STYLEGUIDE.
    private static func show(_ visit: Visit) throws -> Response {
        guard visit.site.showsStyleguide else { throw HTTPError(.notFound, "There is no page at this address.") }
        return try visit.page(template, StyleguidePage())
    }
}
