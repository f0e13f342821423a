// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store

/// The first two devices with their files and codes, and the link between them, which turns green when both are connected.
struct WelcomePage {
    static let page = Page(
        "welcome_files",
        """
        devices[id name state{key word rule} addresses file_name file{qr no_qr config}]
        first second target linked link_href doctor_href here endpoint_notice
        """)

    struct Side {
        let device: Device
        let file: ClientConfig
    }

    let overview: Overview
    let first: Side
    let second: Side

    var values: [String: TemplateValue] {
        let (a, b) = (first.device, second.device)
        let pair = { (path: String, names: (String, String), values: (String, String)) in
            Link(path).with(names.0, values.0).with(names.1, values.1).text
        }
        return [
            "devices": .list([first, second].map(value)), "first": .text(a.name), "second": .text(b.name),
            "target": .text((b.ipv4 ?? b.ipv6)?.description ?? ""), "linked": .flag(overview.reachability.relation(a, b) == .both),
            "link_href": .text(pair("/links", ("a", "b"), (a.name, b.name))),
            "doctor_href": .text(pair("/reachability", ("from", "to"), (a.id, b.id))),
            "here": .text(pair("\(WelcomeHandlers.path)/files", ("first", "second"), (a.id, b.id))),
            "endpoint_notice": .phrase(overview.endpointNotice),
        ]
    }

    private func value(_ side: Side) -> TemplateValue {
        let device = side.device
        return [
            "id": .text(device.id), "name": .text(device.name), "state": overview.state(of: device).value,
            "addresses": .text([device.ipv4, device.ipv6].compactMap { $0?.description }.joined(separator: ", ")),
            "file_name": .text(ClientConfig.fileName(for: device.name)), "file": ShownFile(side.file).value,
        ]
    }
}
