// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// Devices, tags and prefixes that match what a user types into the field for allowed IPs. The script shows them below the field. The answer has a
/// few entries only, however many devices there are.
struct SuggestionsPage: TemplateModel {
    static let template = Template<SuggestionsPage>("suggestions")

    static let routes: [Route<Handler>] = [Route(.get, "/settings/{id}/suggestions", Handler(.admin, show))]

    static var fields: [TemplateField<SuggestionsPage>] { [.list("options", \.options)] }

    private static let maximumDevices = 8
    private static let maximumTags = 3
    private static let maximumPrefixes = 3

    private let options: [Option]

    private init(_ text: String, for device: Device, _ overview: Overview) {
        let wanted = FoldedText(text)
        let written = IPPrefix(text).map { [Option($0, text, device, overview)] } ?? []
        let tagText = FoldedText(text.hasPrefix("tag:") ? String(text.dropFirst(4)) : text)
        let tags = overview.index.tags.lazy.filter { tagText.isPart(of: $0.description) }.prefix(Self.maximumTags).map { Option($0, overview) }
        options =
            written + Self.devices(wanted, besides: device, overview).map { Option($0, for: device) } + tags
            + Self.prefixes(text, besides: device, overview).map { Option($0.prefix, behind: $0.device) }
    }

    private static func show(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let text = (visit.request.query["q"] ?? "").trimmed()
        return try visit.page(template, SuggestionsPage(text, for: try visit.device(in: overview), overview))
    }

    /// Names that begin with the text come first.
    private static func devices(_ wanted: FoldedText, besides device: Device, _ overview: Overview) -> [Device] {
        var (first, other): ([Device], [Device]) = ([], [])
        for candidate in overview.devices where candidate.id != device.id {
            let name = FoldedText.fold(candidate.name)
            if wanted.isStart(of: name) {
                first.append(candidate)
                if first.count == maximumDevices { break }
            } else if other.count < maximumDevices,
                wanted.isPart(of: name) || candidate.addresses.contains(where: { wanted.isStart(of: Array($0.description.utf8)) })
            {
                other.append(candidate)
            }
        }
        return Array((first + other).prefix(maximumDevices))
    }

    /// The hub's networks, and routes of other devices.
    private static func prefixes(_ text: String, besides device: Device, _ overview: Overview) -> [(prefix: IPPrefix, device: Device?)] {
        let networks = overview.hub.networks.lazy.map { (prefix: $0, device: Device?.none) }
        let routes = overview.devices.lazy.filter { $0.id != device.id && !$0.routes.isEmpty }.flatMap { other in
            other.routes.lazy.map { (prefix: $0, device: Device?.some(other)) }
        }
        let matches = { (entry: (prefix: IPPrefix, device: Device?)) in entry.prefix.description.hasPrefix(text) && entry.prefix.description != text }
        return Array((Array(networks.filter(matches)) + routes.filter(matches).prefix(maximumPrefixes)).prefix(maximumPrefixes))
    }

    /// One suggestion.
    private struct Option: TemplateModel {
        /// What goes into the field.
        let value: String
        let detail: Phrase

        static var fields: [TemplateField<Option>] { [.text("value", \.value), .phrase("detail", \.detail)] }

        /// A device with its addresses.
        init(_ other: Device, for device: Device) {
            value = other.name
            detail = Phrase(verbatim: other.addresses.map(\.description).joined(separator: ", "))
        }

        /// A tag with the number of its devices.
        init(_ tag: Tag, _ overview: Overview) {
            value = "tag:\(tag)"
            let count = overview.devices.count { $0.tags.contains(tag) }
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
            let hints = ListHints(device, among: overview.devices, hub: overview.hub, now: overview.now).allowedIPs([text])
            detail = hints.first?.message ?? (prefix.isHost ? "address" : "network")
        }
    }
}
