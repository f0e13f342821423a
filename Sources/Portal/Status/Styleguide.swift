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
            .list("colours") { _ in Token.colours.map(Sample.init) }, .list("spaces") { _ in Token.spaces.map(Sample.init) },
            .list("sizes") { _ in Token.sizes.map(Sample.init) }, .list("families") { _ in Token.families.map(Sample.init) },
            .text("address") { _ in "10.3.2.2" }, .text("tag") { _ in "field" },
            .phrase("problem") { $0.inputs.problem(besides: ["name", "ipv4"]) }, .object("name") { $0.inputs.field("name") },
            .object("ipv4") { $0.inputs.field("ipv4") }, .list("legend") { _ in DeviceState.legend }, .list("marks") { _ in DeviceMark.legend },
            .list("badges") { _ in [SettingBadge.applied, .waiting, .fileIsOld, .inFile, .notFetched].map(Badge.init) },
            .object("row") { _ in Row() }, .optional("pages") { _ in Paging(count: 240, perPage: 20, number: 4).links { "#page-\($0)" } },
            .object("effect") { _ in AnEffect() },
        ]
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

    private struct Sample: TemplateModel {
        let token: String

        static var fields: [TemplateField<Sample>] { [.text("token", \.token)] }
    }

    private struct Badge: TemplateModel {
        let badge: SettingBadge

        static var fields: [TemplateField<Badge>] { [.object("badge", \.badge)] }
    }

    private struct Row: TemplateModel {
        static var fields: [TemplateField<Row>] {
            [
                .object("line") { _ in Line() }, .phrase("down") { _ in "↓ \(Amount.rate(1_200_000))" },
                .phrase("up") { _ in "↑ \(Amount.rate(80_000))" },
            ]
        }
    }

    private struct Line: TemplateModel {
        static var fields: [TemplateField<Line>] {
            [.text("points") { _ in "0 16 2 12 4 13 6 4 8 8 10 2 12 9 14 9 16 14 19 11" }, .text("label") { _ in "1.2 MB" }]
        }
    }

    /// An effect with one line of each kind.
    private struct AnEffect: TemplateModel {
        static var fields: [TemplateField<AnEffect>] {
            [.list("lines") { _ in Effect.Kind.allCases.map { Effect.SectionLine(kind: $0, text: Phrase(verbatim: $0.rawValue)) } }]
        }
    }
}
