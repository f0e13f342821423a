// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

// How a handler answers: with a page, or with a redirect to a page that reports what was done.

extension Visit {
    /// A whole page. `notice` is a sentence about the action that just finished.
    func page<Model: TemplateModel>(
        _ template: Template<Model>, _ model: Model, status: Status = .ok, notice: Phrase = ""
    ) throws -> Response {
        try page(status, notice) { try site.templates.render(template, model, frame: $0, in: language, base: request.base) }
    }

    private func page(_ status: Status, _ notice: Phrase, _ render: (Frame) throws -> [UInt8]) throws -> Response {
        let ((hubName, generation), awaited, requests) = try read {
            (
                try $0.hubNameAndGeneration(), session == nil ? nil : try $0.awaitedConfirmations().first,
                mayChange ? try $0.waitingLinkRequestCount(at: now) : 0
            )
        }
        var response = Response.page(status, [], in: language)
        var csrf = session?.csrfToken ?? ""
        if let preSession {
            if isPreSessionNew { PortalCookie.preSession.set(preSession, on: &response, for: request) }
            csrf = site.signer.sign(preSession, for: .preSession)
        }
        let frame = Frame(
            language: language, theme: request.theme, assets: site.assetAddresses, hubName: hubName ?? "Hairpin", version: site.version,
            email: session?.account.email, mayChange: mayChange, csrf: csrf, generation: session == nil ? nil : generation, path: request.rawPath,
            returnPath: request.method.isSafe ? request.rawPath : "/devices",
            notice: notice, held: held, change: notice.isEmpty ? nil : request.query["change"].flatMap(Entry.number),
            awaited: awaited.map { ($0, $0.deadline.seconds(since: now)) }, requests: requests)
        response.body = .bytes(try render(frame))
        return response
    }

    /// Redirects with 303 to a page that reports the action and links to the change, if there is one.
    func done(_ path: String, _ notice: Notice? = nil, change: Int64? = nil) -> Response {
        done(PageAddress(path).with("change", change.map { String($0) }), notice)
    }

    /// Redirects with 303 to a page with a query.
    func done(_ link: PageAddress, _ notice: Notice?) -> Response { .redirect(to: link.with("done", notice?.rawValue).text) }

    /// The notice that a redirect to this page carries.
    var notice: Phrase { request.query["done"].flatMap(Notice.init(rawValue:))?.text ?? "" }
}

extension Response {
    /// HTML in one language, which depends on the Accept-Language field and on the cookie with the user's choice.
    static func page(_ status: Status, _ body: [UInt8], in language: Language) -> Response {
        var response = Response(status, contentType: "text/html; charset=utf-8", body: body)
        response.fields.set("Content-Language", language.rawValue)
        response.fields.set("Vary", "Accept-Language, Cookie")
        return response
    }
}

/// The action that just finished, as a word in the URL of the page that reports it.
enum Notice: String {
    case saved, reverted, kept, added, removed, rotated, timeForgotten = "time_forgotten", enabled, disabled, nothingSelected = "nothing_selected",
        password, sessions, admin, revoked, factors, endpointConfirmed = "endpoint_confirmed", installed, merged, imported, restored,
        asked, linkEnded = "link_ended", linkExtended = "link_extended", requestRefused = "request_refused"

    var text: Phrase {
        switch self {
        case .saved: "Saved."
        case .merged: "Saved. What somebody else changed in the meantime is kept too."
        case .asked: "Asked. An admin decides, and the answer appears here."
        case .linkEnded: "The link has ended."
        case .linkExtended: "The end of the link is changed."
        case .requestRefused: "The request is refused."
        case .reverted: "Undone."
        case .kept: "The change is kept."
        case .added: "Added. Give the device its file, and it connects."
        case .removed: "Removed."
        case .enabled: "Enabled."
        case .disabled: "Disabled. The hub no longer answers."
        case .nothingSelected: "Nothing was selected, so nothing was changed."
        case .timeForgotten: "The time is forgotten. The device connects with its next handshake."
        case .rotated: "The device has a new key. Its old file no longer works."
        case .password: "The password is changed. Your other sessions have ended."
        case .sessions: "Ended."
        case .factors: "Your second factors are changed. Your other sessions have ended."
        case .endpointConfirmed: "The endpoint is confirmed."
        case .revoked: "This link is no longer valid."
        case .admin: "The account is changed."
        case .imported: "Imported."
        case .restored: "The backup is restored, and everybody is signed out. Sign in with an account of the backup."
        case .installed: "Marked as installed: the hub assumes that the device has its newest file."
        }
    }
}
