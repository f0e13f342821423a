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
        Route(.post, "/devices/{id}/links", Handler(.admin, confirmed: true, fields: ["hours"], make)),
        Route(.post, "/devices/{id}/links/{link}/revoke", Handler(.admin, revoke)),
        Route(.get, "/hand-over", Handler(.entry, show)),
        Route(.post, "/hand-over", Handler(.entry, fields: ["token"], reveal)),
    ]

    /// The lifetimes to choose from, in hours. The last one is the longest that any link may have.
    static let choices: [(hours: Int64, label: Phrase)] = [(1, "1 hour"), (24, "1 day"), (168, "7 days")]

    private static func make(_ visit: Visit) throws -> Response {
        guard let session = visit.session else { throw SignInNeeded(path: nil) }
        let id = visit.parameters["id"]
        guard let hours = Entry.number(visit.inputs.text("hours")).map(Int64.init), choices.contains(where: { $0.hours == hours }) else {
            throw HTTPError(.badRequest, "A link is valid for 1 hour, 1 day or 7 days.")
        }
        let device = try visit.storedDevice()
        let token = try visit.write { transaction in
            try transaction.makeLink(
                toDevice: id, privateKey: device.hasPrivateKey ? nil : visit.files.remembered(of: device), validFor: hours * 3600, by: visit.author,
                at: visit.now
            ).token
        }
        let url = visit.linkOrigin + PageAddress("/hand-over").with("token", token.reveal()).text
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
        let system = ClientSystem(userAgent: visit.request.fields["User-Agent"] ?? "")
        return try visit.page(HandedOverPage.template, HandedOverPage(file: ShownFile(file, of: device), system: system))
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

/// The file and the QR code, shown once, with the steps for each system.
struct HandedOverPage: TemplateModel {
    static let template = Template<HandedOverPage>("handed_over")

    static var fields: [TemplateField<HandedOverPage>] {
        [.object("file", \.file)]
            + ClientSystem.allCases.map { system in .flag(system.rawValue) { $0.system == system } } + [.flag("phone", \.isPhone)]
    }

    let file: ShownFile
    /// The system of the browser; nil if it is unknown.
    let system: ClientSystem?

    private var isPhone: Bool { system == .ios || system == .android }
}

/// A system with its own WireGuard app. The steps for it are open on the page if the guest's browser runs on it.
enum ClientSystem: String, CaseIterable {
    case ios, android, macos, windows, linux

    /// Reads the field User-Agent. Nil if it names none of them.
    init?(userAgent text: String) {
        // Android names Linux too, and iOS names Mac OS X.
        let names: [(String, ClientSystem)] = [
            ("iPhone", .ios), ("iPad", .ios), ("Android", .android), ("Windows", .windows), ("Macintosh", .macos), ("Linux", .linux),
        ]
        guard let system = names.first(where: { text.contains($0.0) })?.1 else { return nil }
        self = system
    }
}

extension Visit {
    /// Where links to this portal begin: its own address, otherwise the one in this browser.
    var linkOrigin: String { site.url?.description ?? site.origin(of: request) }
}

/// The section of a device's page about links that hand out its file.
struct HandOverSection: TemplateModel {
    /// Links that still work.
    let links: [HandOverTicket]
    /// The link that this session made last, ready to copy; nil if there is none.
    let url: String?
    /// False if the link is shown only after a confirmation.
    let isShown: Bool
    /// Where new links begin.
    let origin: String
    let now: UnixTime

    static var fields: [TemplateField<HandOverSection>] {
        [
            .text("url") { $0.isShown ? $0.url ?? "" : "" }, .flag("url_waits") { !$0.isShown && $0.url != nil },
            .text("origin") { WebOrigin($0.origin)?.authority.description ?? $0.origin }, .phrase("origin_problem", \.originProblem),
            .list("lifetimes") { _ in HandOver.choices.map(Lifetime.init) },
            .list("open") { section in section.links.map { Row(link: $0, now: section.now) } },
        ]
    }

    /// Why the owner may not be able to open a link, or not safely; empty if nothing is wrong.
    private var originProblem: Phrase {
        guard let origin = WebOrigin(origin) else { return "" }
        let host = origin.authority.host
        let address = IPAddress(host)
        if host == "localhost" || address?.isLoopback == true { return "Only this machine can open it." }
        if let address, address.isPrivate { return "Only devices in the same private network can open it." }
        return origin.isTLS ? "" : "It is not encrypted: everyone on the way can read the file."
    }

    private struct Lifetime: TemplateModel {
        let hours: Int64
        let label: Phrase

        static var fields: [TemplateField<Lifetime>] { [.number("hours", \.hours), .phrase("label", \.label)] }
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
