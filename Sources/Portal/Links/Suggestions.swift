// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// Suggestions for what is typed into a field for devices: the devices and tags that match, and in the field for allowed IPs also prefixes. The
/// script shows them below the field. The answer has a few entries only, however many devices there are.
struct SuggestionsPage: TemplateModel {
    static let template = Template<SuggestionsPage>("suggestions")

    static let routes: [Route<Handler>] = [
        Route(.get, "/suggestions", Handler(.viewer, passive: true, show)),
        Route(.get, "/settings/{id}/suggestions", Handler(.admin, passive: true, showForAllowedIPs)),
    ]

    static var fields: [TemplateField<SuggestionsPage>] { [.list("options", \.options)] }

    /// The most devices, or in a field for devices the most suggestions of all kinds together.
    static let limit = 8
    private static let maximumTags = 3
    private static let maximumPrefixes = 3

    private let options: [Option]

    /// For a field for devices. `text` is what was typed so far. Without `tags`, only devices are suggested.
    init(_ text: String, tags: Bool, overview: Overview, search: DeviceSearch) {
        let word = text.trimmed()
        let wanted = FoldedText(word)
        let groups = tags ? Self.tags(word, overview) + Self.everything(word, overview) : []
        let matches = search.matches(wanted, in: overview.index)
        options = groups + Self.devices(wanted, overview, limit: Self.limit - groups.count) { matches[$0] }
    }

    /// For the field for the allowed IPs of a device.
    private init(_ text: String, for device: Device, _ overview: Overview) {
        let (word, devices) = (text.trimmed(), overview.devices)
        let wanted = FoldedText(word)
        let written = IPPrefix(word).map { [Option($0, word, device, overview)] } ?? []
        let others = Self.devices(wanted, besides: device, overview, limit: Self.limit) { place in
            devices[place].addresses.contains { wanted.isStart(of: Array($0.description.utf8)) }
        }
        options = written + others + Self.tags(word, overview) + Self.prefixes(word, besides: device, overview)
    }

    private static func show(_ visit: Visit) throws -> Response {
        let query = visit.request.query
        let page = SuggestionsPage(
            query["q"] ?? "", tags: query["kinds"] != "devices", overview: try visit.overview(), search: visit.site.search)
        return try visit.page(template, page)
    }

    private static func showForAllowedIPs(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        return try visit.page(template, SuggestionsPage(visit.request.query["q"] ?? "", for: try visit.device(in: overview), overview))
    }

    private static func tags(_ word: String, _ overview: Overview) -> [Option] {
        let wanted = FoldedText(word.hasPrefix("tag:") ? String(word.dropFirst(4)) : word)
        return overview.index.tags.lazy.filter { wanted.isPart(of: $0.description) }.prefix(maximumTags).map { tag in
            Option("tag:\(tag)", count: overview.devices.count { $0.tags.contains(tag) })
        }
    }

    /// All devices together.
    private static func everything(_ word: String, _ overview: Overview) -> [Option] {
        "all".hasPrefix(word.lowercased()) ? [Option("all", count: overview.devices.count)] : []
    }

    /// Devices with names that begin with the text come first, then those with it inside the name, then the `others`.
    private static func devices(
        _ wanted: FoldedText, besides device: Device? = nil, _ overview: Overview, limit: Int, others isOther: (Int) -> Bool
    ) -> [Option] {
        var ranks: [[Device]] = [[], [], []]
        for (place, candidate) in overview.devices.enumerated() where candidate.id != device?.id {
            let name = FoldedText.fold(candidate.name)
            let rank = wanted.isStart(of: name) ? 0 : wanted.isPart(of: name) ? 1 : isOther(place) ? 2 : nil
            guard let rank, ranks[rank].count < limit else { continue }
            ranks[rank].append(candidate)
            if ranks[0].count == limit { break }
        }
        return ranks.joined().prefix(limit).map(Option.init)
    }

    /// The hub's networks, and routes of other devices.
    private static func prefixes(_ text: String, besides device: Device, _ overview: Overview) -> [Option] {
        let networks = overview.hub.networks.lazy.map { (prefix: $0, device: Device?.none) }
        let routes = overview.devices.lazy.filter { $0.id != device.id && !$0.routes.isEmpty }.flatMap { other in
            other.routes.lazy.map { (prefix: $0, device: Device?.some(other)) }
        }
        let matches = { (entry: (prefix: IPPrefix, device: Device?)) in entry.prefix.description.hasPrefix(text) && entry.prefix.description != text }
        let found = Array(networks.filter(matches)) + routes.filter(matches).prefix(maximumPrefixes)
        return found.prefix(maximumPrefixes).map { Option($0.prefix, behind: $0.device) }
    }

    /// One suggestion.
    private struct Option: TemplateModel {
        /// The text to put into the field.
        let value: String
        let detail: Phrase

        static var fields: [TemplateField<Option>] { [.text("value", \.value), .phrase("detail", \.detail)] }

        /// A device with its addresses.
        init(_ device: Device) {
            value = device.name
            detail = Phrase(verbatim: device.addresses.map(\.description).joined(separator: ", "))
        }

        /// A word that stands for this many devices.
        init(_ word: String, count: Int) {
            value = word
            detail = .counting(count, "\(Amount.count(count)) device | \(Amount.count(count)) devices")
        }

        /// A network of the hub, or one behind a device.
        init(_ prefix: IPPrefix, behind device: Device?) {
            value = prefix.description
            detail = device.map { "behind \($0.name)" } ?? "every device"
        }

        /// The prefix that the user typed.
        init(_ prefix: IPPrefix, _ text: String, _ device: Device, _ overview: Overview) {
            value = text
            let hints = ListHints(device, among: overview.devices, hub: overview.hub, gateway: overview.status.gateway, now: overview.now).allowedIPs(
                [text])
            detail = hints.first?.message ?? (prefix.isHost ? "address" : "network")
        }
    }
}
