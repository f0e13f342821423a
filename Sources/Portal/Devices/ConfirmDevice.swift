// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Store
import Templates
import Words

/// Asks for confirmation before a device is deleted or gets a new key, or before the hub forgets its newest handshake, and then does it.
struct ConfirmDevicePage: TemplateModel {
    static let template = Template<ConfirmDevicePage>("device_confirm")

    static let routes: [Route<Handler>] = [
        Route(.get, "/devices/{id}/delete", Handler(.admin, confirmed: true) { try show(.delete, $0) }),
        Route(.post, "/devices/{id}/delete", Handler(.admin, confirmed: true, delete)),
        Route(.get, "/devices/{id}/rotate-key", Handler(.admin) { try show(.rotateKey, $0) }),
        Route(.post, "/devices/{id}/rotate-key", Handler(.admin, fields: ["keep_private_key"], rotateKey)),
        Route(.get, "/devices/{id}/forget-time", Handler(.admin) { try show(.forgetTime, $0) }),
        Route(.post, "/devices/{id}/forget-time", Handler(.admin, forgetTime)),
    ]

    static var fields: [TemplateField<ConfirmDevicePage>] {
        [
            .text("id", \.device.id), .text("name", \.device.name), .phrase("heading", \.heading), .phrase("consequence", \.consequence),
            .text("action") { "/devices/\($0.device.id)/\($0.question.rawValue)" }, .phrase("button", \.button),
            .flag("danger") { $0.question == .delete }, .flag("offer_keep") { $0.question == .rotateKey },
            .flag("keep_private_key", \.device.hasPrivateKey), .list("cut", \.cut), .flag("any_cut") { !$0.cut.isEmpty },
        ]
    }

    /// The action to confirm. The raw value is the last part of its path.
    enum Question: String {
        case delete
        case rotateKey = "rotate-key"
        case forgetTime = "forget-time"
    }

    let device: Device
    let question: Question
    /// The devices that spoke with it lately, if it is to be deleted.
    var cut: [Effect.SectionLine] = []

    private var heading: Phrase {
        switch question {
        case .delete: "Delete \(device.name)?"
        case .rotateKey: "Rotate the key of \(device.name)?"
        case .forgetTime: "Forget the time of the last handshake of \(device.name)?"
        }
    }

    private var consequence: Phrase {
        switch question {
        case .delete:
            "Its key, addresses and settings are removed, and its session ends at once. This cannot be undone; a backup may have it."
        case .rotateKey:
            "The hub makes a new pair of keys. The session ends, and the device cannot connect until it has its new file."
        case .forgetTime:
            "The hub then accepts handshakes with an earlier time, for a device whose clock was once ahead. Its session starts over. Until its next handshake, someone who recorded an old one can send it again and cut the device off for a while. Rotate the key instead if you cannot rule that out."
        }
    }

    private var button: Phrase {
        switch question {
        case .delete: "Delete device"
        case .rotateKey: "Rotate key"
        case .forgetTime: "Forget the time"
        }
    }

    private static func show(_ question: Question, _ visit: Visit) throws -> Response {
        var page = ConfirmDevicePage(device: try visit.storedDevice(), question: question)
        if question == .delete {
            page.cut = try visit.pairsCut(byRemoving: [page.device], from: visit.overview()).lines.map(Effect.SectionLine.init)
        }
        return try visit.page(template, page)
    }

    private static func delete(_ visit: Visit) throws -> Response {
        try visit.change { try $0.removeDevice(visit.parameters["id"]) }
        return visit.done("/devices", .removed)
    }

    private static func forgetTime(_ visit: Visit) throws -> Response {
        let device = try visit.change { try $0.forgetTime(ofDevice: visit.parameters["id"]) }
        return visit.done("/devices/\(device.id)", .timeForgotten)
    }

    private static func rotateKey(_ visit: Visit) throws -> Response {
        let keeps = visit.inputs.isOn("keep_private_key")
        let (device, key) = try visit.change { try $0.rotateKey(ofDevice: visit.parameters["id"], keepsPrivateKey: keeps) }
        if !keeps { visit.remember(key, of: device) }
        return visit.done("/devices/\(device.id)", .rotated)
    }
}
