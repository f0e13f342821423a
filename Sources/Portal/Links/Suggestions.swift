// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// What somebody may mean who types into a field for devices: the devices and tags that match. The script shows them below the field.
struct SuggestionsPage: TemplateModel {
    static let template = Template<SuggestionsPage>("suggestions")

    static let routes: [Route<Handler>] = [Route(.get, "/suggestions", Handler(.viewer, passive: true, show))]

    static var fields: [TemplateField<SuggestionsPage>] { [.list("options", \.options)] }

    /// The most suggestions of all kinds together.
    static let limit = 8
    /// The most tags among them.
    private static let maximumTags = 3

    private let options: [Option]

    /// `text` is what was typed so far. Without `tags`, only devices are suggested.
    init(_ text: String, tags: Bool, overview: Overview, search: DeviceSearch) {
        let word = text.trimmed()
        var options = tags ? Self.groups(word, overview) : []
        let devices = Self.devices(FoldedText(word), overview, search, limit: Self.limit - options.count)
        options += devices.map { Option(value: $0.name, detail: Phrase(verbatim: ($0.ipv4 ?? $0.ipv6)?.description ?? "")) }
        self.options = options
    }

    private static func show(_ visit: Visit) throws -> Response {
        let query = visit.request.query
        let page = SuggestionsPage(
            query["q"] ?? "", tags: query["kinds"] != "devices", overview: try visit.overview(), search: visit.site.search)
        return try visit.page(template, page)
    }

    /// Tags, and all devices together.
    private static func groups(_ word: String, _ overview: Overview) -> [Option] {
        let count = { (devices: Int) -> Phrase in .counting(devices, "\(Amount.count(devices)) device | \(Amount.count(devices)) devices") }
        let wanted = FoldedText(word.hasPrefix("tag:") ? String(word.dropFirst(4)) : word)
        let tags = overview.index.tags.lazy.filter { wanted.isPart(of: $0.description) }.prefix(maximumTags)
        let tagged = tags.map { tag in Option(value: "tag:\(tag)", detail: count(overview.devices.count { $0.tags.contains(tag) })) }
        return tagged + ("all".hasPrefix(word.lowercased()) ? [Option(value: "all", detail: count(overview.devices.count))] : [])
    }

    /// Devices with the text in their names come first, then those with it in an address, a description or a key.
    private static func devices(_ wanted: FoldedText, _ overview: Overview, _ search: DeviceSearch, limit: Int) -> [Device] {
        var (named, others): ([Device], [Device]) = ([], [])
        for (device, isMatch) in zip(overview.devices, search.matches(wanted, in: overview.index)) where isMatch && named.count < limit {
            if wanted.isPart(of: device.name) {
                named.append(device)
            } else if others.count < limit {
                others.append(device)
            }
        }
        return Array((named + others).prefix(limit))
    }

    private struct Option: TemplateModel {
        /// The text to put into the field.
        let value: String
        let detail: Phrase

        static var fields: [TemplateField<Option>] { [.text("value", \.value), .phrase("detail", \.detail)] }
    }
}
