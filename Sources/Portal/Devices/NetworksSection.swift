// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Templates
import Words

/// The part of a device's page about the networks behind it: the commands that its system needs, and the linked devices that do not list them.
struct NetworksSection: TemplateModel {
    /// The most devices to name. The others follow once these list the networks.
    private static let maximumOffers = 8

    let device: Device
    private let behind: NetworksBehind
    private let offers: [NetworksBehind.Offer]

    /// Nil for a device without networks behind it.
    init?(_ device: Device, in overview: Overview) {
        guard let behind = NetworksBehind(device, hub: overview.hub) else { return nil }
        self.device = device
        self.behind = behind
        offers = behind.offers(in: overview)
    }

    static var fields: [TemplateField<NetworksSection>] {
        [
            .phrase("intro") { section in
                let networks = Phrase.first(4, of: section.behind.networks.map(\.description))
                return "The hub sends packets for \(networks) to \(section.device.name). A Linux system passes them on after these commands:"
            },
            .phrase("back") { section in
                "The machines there must answer through \(section.device.name). If it is not their router, give their router a route to \(Phrase.all(of: section.behind.returning.map(\.description))), and to the networks of other sites, through it. Or let it send under its own address there:"
            },
            .text("forwarding") { $0.behind.forwarding.joined(separator: "\n") },
            .text("masquerade") { $0.behind.masquerade.joined(separator: "\n") },
            .text("test") { PageAddress("/reachability").with("to", $0.device.id).text },
            .list("offers") { section in section.offers.prefix(maximumOffers).map { Row(offer: $0, device: section.device) } },
            .phrase("more_offers") { section in
                let hidden = section.offers.count - maximumOffers
                return hidden > 0 ? .counting(hidden, "\(hidden) more device. | \(hidden) more devices.") : ""
            },
        ]
    }

    private struct Row: TemplateModel {
        let offer: NetworksBehind.Offer
        let device: Device

        static var fields: [TemplateField<Row>] {
            [
                .phrase("sentence") { row in
                    "\(row.offer.device.name) does not list \(Phrase.first(4, of: row.offer.missing.map(\.description)))."
                },
                .text("fix") { PageAddress.links($0.offer.device.name, $0.device.name).with("routes", "on").text },
                .phrase("fix_label") { "Add it to \($0.offer.device.name)" },
            ]
        }
    }
}
