// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// The first two devices, with buttons for their files and codes, and the link between them, which turns green once both are connected.
struct WelcomeFilesPage: TemplateModel {
    static let template = Template<WelcomeFilesPage>("welcome_files")
    static let routes: [Route<Handler>] = [Route(.get, "\(WelcomePage.path)/files", Handler(.admin, show))]

    static var fields: [TemplateField<WelcomeFilesPage>] {
        [
            .list("devices") { [$0.first, $0.second] }, .text("first", \.a.name), .text("second", \.b.name),
            .text("target") { $0.b.addresses.first?.description ?? "" },
            .flag("linked") { $0.overview.reachability.relation($0.a, $0.b) == .both },
            .text("link_href") { PageAddress.links($0.a.name, $0.b.name).text },
            .text("doctor_href") { PageAddress.reachability(from: $0.a, to: $0.b).text },
            .text("here") { link($0.a, $0.b).text }, .optional("endpoint_notice") { EndpointNotice($0.overview) },
        ]
    }

    private let overview: Overview
    private let first: Side
    private let second: Side

    private var a: Device { first.device }
    private var b: Device { second.device }

    private struct Side: TemplateModel {
        let device: Device
        let state: DeviceState

        static var fields: [TemplateField<Side>] {
            [
                .text("id", \.device.id), .text("name", \.device.name), .object("state", \.state),
                .text("addresses") { $0.device.addresses.map(\.description).joined(separator: ", ") },
                .text("file_name") { ClientConfig.fileName(for: $0.device.name) },
            ]
        }
    }

    static func link(_ first: Device, _ second: Device) -> PageAddress {
        PageAddress("\(WelcomePage.path)/files").with("first", first.id).with("second", second.id)
    }

    static func show(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let side = { (name: String) throws -> Side in
            let id = visit.request.query[name] ?? ""
            guard let device = overview.index[id] else { throw StoreError.notFound(kind: "device", id: id) }
            return Side(device: device, state: overview.state(of: device))
        }
        return try visit.page(template, WelcomeFilesPage(overview: overview, first: side("first"), second: side("second")))
    }
}
