// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Words

/// The design system in one page, for those who change pages: every token of `Public/app.css`, and every component as it is used.
enum StyleguidePage {
    static let page = Page(
        "styleguide",
        TemplateShape.form("name", "ipv4").merging(Effect.shape).merging(
            """
            colours[token] spaces[token] sizes[token] families[token] address tag problem legend[state{key word rule}] marks[mark{key word rule}]
            badges[badge{word look}] row{line{points label} down up} pages{name previous next numbers[label href current]}
            """))

    /// The custom properties of the style sheet, without their dashes.
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

    /// 404 unless the hub was started with HAIRPIN_STYLEGUIDE.
    static func show(_ visit: Visit) throws -> Response {
        guard visit.site.showsStyleguide else { throw HTTPError(.notFound, "There is no page at this address.") }
        return try visit.page(page, values)
    }

    private static var values: [String: TemplateValue] {
        var inputs = Inputs(["name": "berlin-nas", "ipv4": "10.3.2.300"])
        _ = inputs.read("ipv4", or: nil, Entry.address)
        let list = { (tokens: [String]) -> TemplateValue in .list(tokens.map { ["token": .text($0)] }) }
        let badges: [SettingBadge] = [.applied, .waiting, .fileIsOld, .inFile, .notFetched]
        return [
            "colours": list(Token.colours), "spaces": list(Token.spaces), "sizes": list(Token.sizes), "families": list(Token.families),
            "address": "10.3.2.2", "tag": "field", "problem": inputs.problem(besides: ["name", "ipv4"]), "name": inputs.field("name"),
            "ipv4": inputs.field("ipv4"),
            "legend": .list(DeviceState.legend.map(\.value)), "marks": .list(DeviceMark.legend.map(\.value)),
            "badges": .list(badges.map { ["badge": $0.value] }),
            "row": [
                "line": ["points": "0 16 2 12 4 13 6 4 8 8 10 2 12 9 14 9 16 14 19 11", "label": "1.2 MB"],
                "down": .phrase("↓ \(Amount.rate(1_200_000))"), "up": .phrase("↑ \(Amount.rate(80_000))"),
            ],
            "pages": Paging(count: 240, perPage: 20, number: 4).value { "#page-\($0)" },
            "effect": [
                "lines": .list(
                    Effect.Kind.allCases.map { ["kind": .text($0.rawValue), "sign": .text($0.sign), "text": .text($0.rawValue)] })
            ],
        ]
    }
}
