// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Store
import Templates
import Words

/// A link for each of several devices that opens its file once, ready to be sent to the owners. The links are shown on this page only.
struct SharedFilesPage: TemplateModel {
    static let template = Template<SharedFilesPage>("shared_files")

    /// The most links to make at once.
    private static let maximum = 200

    static var fields: [TemplateField<SharedFilesPage>] {
        [
            .list("rows", \.rows), .text("back", \.back), .phrase("until", \.validity),
        ]
    }

    private let rows: [Row]
    private let back: String
    /// How long the links are valid.
    private let validity: Phrase

    private struct Row: TemplateModel {
        let number: Int
        let device: Device
        let url: String

        static var fields: [TemplateField<Row>] {
            [.number("number", \.number), .text("name", \.device.name), .text("href") { "/devices/\($0.device.id)" }, .text("url", \.url)]
        }
    }

    /// Makes the links. The session must be confirmed.
    static func share(_ devices: [Device], from origin: PageAddress, _ visit: Visit) throws -> Response {
        guard devices.count <= maximum else {
            throw StoreError.invalid([FieldError("device", "Make at most \(maximum) links at once. Select fewer devices.")])
        }
        let (hours, validity) = HandOver.choices[HandOver.choices.count - 1]
        let portal = visit.linkOrigin
        let rows = try visit.write { transaction in
            try zip(1..., devices).map { number, device in
                let token = try transaction.makeLink(
                    toDevice: device.id, privateKey: device.hasPrivateKey ? nil : visit.files.remembered(of: device), validFor: hours * 3600,
                    by: visit.author, at: visit.now
                ).token
                return Row(number: number, device: device, url: portal + PageAddress("/hand-over").with("token", token.reveal()).text)
            }
        }
        return try visit.page(template, SharedFilesPage(rows: rows, back: origin.text, validity: validity))
    }
}
