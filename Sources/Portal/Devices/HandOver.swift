// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Drawing
import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// Links that let a device's owner fetch its file once, without an account.
enum HandOver {
    static let routes: [Route<Handler>] = [
        Route(.post, "/devices/{id}/links", Handler(.admin, confirmed: true, fields: ["minutes"], make)),
        Route(.post, "/devices/{id}/links/{link}/revoke", Handler(.admin, revoke)),
        Route(.get, "/hand-over", Handler(.entry, show)),
        Route(.post, "/hand-over", Handler(.entry, fields: ["token"], reveal)),
    ]

    /// The lifetimes to choose from, in minutes. The last one is the longest that any link may have.
    static let choices: [Int64] = [5, 10, 15]

    private static func make(_ visit: Visit) throws -> Response {
        guard let session = visit.session else { throw SignInNeeded(path: nil) }
        let id = visit.parameters["id"]
        guard let minutes = Entry.number(visit.inputs.text("minutes")).map(Int64.init), choices.contains(minutes) else {
            throw HTTPError(.badRequest, "A link is valid for 5, 10 or 15 minutes.")
        }
        let device = try visit.storedDevice()
        let (token, portalURL) = try visit.write { transaction in
            let made = try transaction.makeLink(
                toDevice: id, privateKey: device.hasPrivateKey ? nil : visit.files.remembered(of: device), validFor: minutes * 60, by: visit.author,
                at: visit.now)
            return (made.token, try transaction.hub().portalURL)
        }
        let url = (portalURL ?? visit.request.ownOrigin) + PageAddress("/hand-over").with("token", token.reveal()).text
        visit.site.secrets.put(url, for: "link/\(id)", session: session.id, now: visit.now)
        return .redirect(to: "/devices/\(id)#hand-over")
    }

    private static func revoke(_ visit: Visit) throws -> Response {
        let id = visit.parameters["id"]
        try visit.write { try $0.revokeLink(visit.parameters["link"], toDevice: id, by: visit.author, at: visit.now) }
        if let session = visit.session { visit.site.secrets.remove(for: "link/\(id)", session: session.id) }
        return visit.done("/devices/\(id)", .revoked)
    }

    /// Says what the button will do. Shows no secret and does not use up the link, because mail scanners open links in mails.
    private static func show(_ visit: Visit) throws -> Response {
        let text = visit.request.query["token"] ?? ""
        guard let token = SecretToken(text, kind: .link),
            let (device, link) = try visit.read({ try $0.device(ofLink: token, at: visit.now) })
        else { throw refused(visit) }
        return try visit.page(HandOverPage.template, HandOverPage(device: device, link: link, token: text))
    }

    /// Uses up the link and shows the file and the QR code once.
    private static func reveal(_ visit: Visit) throws -> Response {
        guard let token = SecretToken(visit.inputs.text("token"), kind: .link) else { throw refused(visit) }
        let hubPort = try visit.overview().hubPort
        let (device, file): (Device, ClientConfig)
        do {
            (device, file) = try visit.write { transaction in
                let used = try transaction.useLink(token, from: visit.request.client.description, at: visit.now)
                var file = try ClientConfig(of: used.device, in: transaction, hubPort: hubPort)
                if file.privateKey == nil { file.privateKey = used.privateKey }
                try transaction.noteConfigFetched(ofDevice: used.device.id, at: visit.now)
                return (used.device, file)
            }
        } catch StoreError.tokenRefused {
            throw refused(visit)
        }
        return try visit.page(HandedOverPage.template, HandedOverPage(device: device, file: file))
    }

    private static func refused(_ visit: Visit) -> HTTPError {
        visit.noteRefusal(.links)
        return HTTPError(.notFound, closed)
    }

    private static let closed: Phrase = "It was used or revoked, has expired, or never existed. Ask the sender for a new one."
}

/// The page that the link opens first. It says what its button will do.
struct HandOverPage: TemplateModel {
    static let template = Template<HandOverPage>("hand_over")

    static var fields: [TemplateField<HandOverPage>] {
        [.text("name", \.device.name), .phrase("until") { "\($0.link.expiresAt.phrase) UTC" }, .text("token", \.token)]
    }

    let device: Device
    let link: HandOverTicket
    let token: String
}

/// The file and the QR code, shown once.
struct HandedOverPage: TemplateModel {
    static let template = Template<HandedOverPage>("handed_over")

    static var fields: [TemplateField<HandedOverPage>] {
        [
            .text("name", \.device.name), .text("file_name") { ClientConfig.fileName(for: $0.device.name) },
            .text("address") { $0.device.addresses.map(\.description).joined(separator: ", ") },
            .text("qr") { $0.code?.dataURL ?? "" }, .text("config", \.file.text),
            .text("download") { "data:text/plain;charset=utf-8;base64," + Base64.encode(Array($0.file.text.utf8)) },
            .flag("has_key") { $0.file.privateKey != nil },
        ]
    }

    let device: Device
    let file: ClientConfig

    /// A QR code without the private key would be useless.
    private var code: QRCode? { file.privateKey == nil ? nil : QRCode(file.text) }
}

/// The section of a device's page about links that hand out its file.
struct HandOverSection: TemplateModel {
    /// Links that still work.
    let links: [HandOverTicket]
    /// The link that this session made last, ready to copy; nil if there is none.
    let url: String?
    /// False if the link is shown only after a confirmation.
    let isShown: Bool
    let now: UnixTime

    static var fields: [TemplateField<HandOverSection>] {
        [
            .text("url") { $0.isShown ? $0.url ?? "" : "" }, .flag("url_waits") { !$0.isShown && $0.url != nil },
            .list("minutes", { _ in HandOver.choices.reversed() }, [.number("value") { $0 }]),
            .list("open") { section in section.links.map { Row(link: $0, now: section.now) } },
        ]
    }

    private struct Row: TemplateModel {
        let link: HandOverTicket
        let now: UnixTime

        static var fields: [TemplateField<Row>] {
            [
                .text("link", \.link.id), .phrase("by") { Author(name: $0.link.createdBy).phrase },
                .phrase("ago") { $0.link.createdAt.relative(to: $0.now) }, .phrase("until") { $0.link.expiresAt.relative(to: $0.now) },
            ]
        }
    }
}
