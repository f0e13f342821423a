// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Net
import Store
import Words

/// Links by which a device's owner fetches its file once, without an account.
enum HandOverHandlers {
    static let page = Page("hand_over", "name until token")
    static let filePage = Page("handed_over", "name file_name address qr config download has_key")

    /// Minutes that may be chosen; the last is the most that any link lives.
    static let choices: [Int64] = [5, 10, 15]

    static func make(_ visit: Visit) throws -> Response {
        guard let session = visit.session else { throw SignInNeeded(path: nil) }
        let id = visit.parameters["id"]
        guard let minutes = Entry.number(visit.inputs.text("minutes")).map(Int64.init), choices.contains(minutes) else {
            throw HTTPError(.badRequest, "A link lives for 5, 10 or 15 minutes.")
        }
        let device = try visit.storedDevice()
        let (token, portalURL) = try visit.site.database.write { transaction in
            let made = try transaction.makeLink(
                toDevice: id, privateKey: device.hasPrivateKey ? nil : visit.files.remembered(of: device), validFor: minutes * 60, by: visit.author,
                at: visit.now)
            return (made.token, try transaction.hub().portalURL)
        }
        let url = (portalURL ?? visit.request.ownOrigin) + Link("/hand-over").with("token", token.reveal()).text
        visit.site.secrets.put(url, for: "link/\(id)", session: session.id, now: visit.now)
        return .redirect(to: "/devices/\(id)#hand-over")
    }

    static func revoke(_ visit: Visit) throws -> Response {
        let id = visit.parameters["id"]
        try visit.site.database.write { try $0.revokeLink(visit.parameters["link"], toDevice: id, by: visit.author, at: visit.now) }
        if let session = visit.session { visit.site.secrets.remove(for: "link/\(id)", session: session.id) }
        return visit.done("/devices/\(id)", .revoked)
    }

    /// Says what the button will do. Shows nothing secret and uses nothing up: mail scanners fetch what stands in mails.
    static func show(_ visit: Visit) throws -> Response {
        let text = visit.request.query["token"] ?? ""
        guard let token = SecretToken(text, kind: .link),
            let (device, link) = try visit.read({ try $0.device(ofLink: token, at: visit.now) })
        else { throw HTTPError(.notFound, closed) }
        return try visit.page(
            page,
            ["name": .text(device.name), "until": .phrase("\(link.expiresAt.phrase) UTC"), "token": .text(text)])
    }

    /// Uses the link up and shows file and code, this once.
    static func reveal(_ visit: Visit) throws -> Response {
        guard let token = SecretToken(visit.inputs.text("token"), kind: .link) else { throw HTTPError(.notFound, closed) }
        let hubPort = try visit.overview().hubPort
        let (device, file): (Device, ClientConfig)
        do {
            (device, file) = try visit.site.database.write { transaction in
                let used = try transaction.useLink(token, from: visit.request.client.description, at: visit.now)
                var file = try ClientConfig(of: used.device, in: transaction, hubPort: hubPort)
                if file.privateKey == nil { file.privateKey = used.privateKey }
                try transaction.noteConfigFetched(ofDevice: used.device.id, at: visit.now)
                return (used.device, file)
            }
        } catch StoreError.tokenRefused {
            throw HTTPError(.notFound, closed)
        }
        let code = file.privateKey == nil ? nil : QRCode(file.text)
        return try visit.page(
            filePage,
            [
                "name": .text(device.name), "file_name": .text(ClientConfig.fileName(for: device.name)),
                "address": .text([device.ipv4, device.ipv6].compactMap { $0?.description }.joined(separator: ", ")),
                "qr": .text(code?.dataURL ?? ""), "config": .text(file.text),
                "download": .text("data:text/plain;charset=utf-8;base64," + Base64.encode(Array(file.text.utf8))),
                "has_key": .flag(file.privateKey != nil),
            ])
    }

    private static let closed: Phrase = "This link was used, was revoked, has expired, or never was one. Ask whoever sent it for a new one."
}
