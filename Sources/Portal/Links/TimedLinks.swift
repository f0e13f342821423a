// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Templates
import Words

/// The links that end by themselves, and the requests for such links: all of them for admins, their own for others.
struct TimedLinksPage: TemplateModel {
    static let path = "/links/timed"
    static let template = Template<TimedLinksPage>("timed_links")

    static let routes: [Route<Handler>] = [
        Route(.get, path, Handler(.viewer) { try draw($0) }),
        Route(.post, "/links/timed/{id}/end", Handler(.admin, fields: ["next"], end)),
        Route(.post, "/links/timed/{id}/extend", Handler(.admin, fields: ["duration"], extend)),
        Route(.post, "/links/requests/{id}/refuse", Handler(.admin, fields: ["answer"], refuse)),
    ]

    static var fields: [TemplateField<TimedLinksPage>] {
        [
            .phrase("problem", \.problem), .flag("any_links") { !$0.links.isEmpty },
            .list("links") { page in page.links.map { LinkRow(link: $0, overview: page.overview) } },
            .flag("any_waiting") { !$0.waiting.isEmpty },
            .list("waiting") { page in page.waiting.map { RequestRow(request: $0, overview: page.overview) } },
            .flag("any_answered") { !$0.answered.isEmpty },
            .list("answered") { page in page.answered.map { RequestRow(request: $0, overview: page.overview) } },
            .flag("none") { $0.links.isEmpty && $0.requests.isEmpty },
        ]
    }

    private let overview: Overview
    private let links: [TimedLink]
    private let requests: [LinkRequest]
    private let problem: Phrase

    /// The answers to show.
    private static let maximumAnswered = 20

    private var waiting: [LinkRequest] { requests.filter { $0.state == .waiting } }
    private var answered: [LinkRequest] { Array(requests.filter { $0.state != .waiting }.prefix(Self.maximumAnswered)) }

    // MARK: Handlers

    private static func draw(_ visit: Visit, problem: Phrase = "") throws -> Response {
        let account = visit.mayChange ? nil : visit.session?.account.id
        let (links, requests) = try visit.read { (try $0.timedLinks(), try $0.linkRequests(ofAccount: account, at: visit.now)) }
        let page = TimedLinksPage(overview: try visit.overview(), links: links, requests: requests, problem: problem)
        return try visit.page(template, page, status: problem.isEmpty ? .ok : .unprocessableContent, notice: visit.notice)
    }

    private static func end(_ visit: Visit) throws -> Response {
        let generation = try visit.change { transaction in
            try transaction.endTimedLink(visit.parameters["id"])
            return transaction.generation
        }
        let next = visit.inputs.text("next")
        guard next.isEmpty else {
            return .redirect(to: PageAddress.reporting(.linkEnded, change: generation, on: SignInPage.localPath(visit.inputs.exact("next"))))
        }
        return visit.done(path, .linkEnded, change: generation)
    }

    /// Adds the chosen time to what is left.
    private static func extend(_ visit: Visit) throws -> Response {
        var inputs = visit.inputs
        guard let seconds = TimedForm.seconds(&inputs) else { return try draw(visit, problem: inputs.message("duration")) }
        do {
            try visit.write { transaction in
                let link = try transaction.timedLink(visit.parameters["id"])
                try transaction.setEnd(ofTimedLink: link.id, to: link.endsAt.adding(seconds: seconds), by: visit.author, at: visit.now)
            }
        } catch StoreError.invalid(let errors) {
            return try draw(visit, problem: errors.map(\.message).joined())
        }
        return visit.done(path, .linkExtended)
    }

    private static func refuse(_ visit: Visit) throws -> Response {
        do {
            try visit.write {
                try $0.refuseLinkRequest(visit.parameters["id"], answer: visit.inputs.text("answer"), by: visit.author, at: visit.now)
            }
        } catch StoreError.invalid(let errors) {
            return try draw(visit, problem: errors.map(\.message).joined())
        }
        return visit.done(path, .requestRefused)
    }

    // MARK: Rows

    /// One of the two devices. Without an address if it was removed.
    fileprivate struct End: TemplateModel {
        let device: Device?

        static var fields: [TemplateField<End>] {
            [
                .text("href") { $0.device.map { "/devices/\($0.id)" } ?? "" },
                .phrase("name") { $0.device.map { Phrase(verbatim: $0.name) } ?? "removed" },
            ]
        }
    }

    private struct LinkRow: TemplateModel {
        let link: TimedLink
        let overview: Overview

        static var fields: [TemplateField<LinkRow>] {
            [
                .text("id", \.link.id), .object("a") { End(device: $0.overview.index[$0.link.first]) },
                .object("b") { End(device: $0.overview.index[$0.link.second]) },
                .phrase("until") { "\($0.link.endsAt.minute) UTC" }, .phrase("left") { $0.link.left(now: $0.overview.now) },
                .phrase("by", \.by), .text("reason", \.link.reason), .list("durations") { _ in TimedForm.options(Inputs([:])) },
            ]
        }

        private var by: Phrase {
            let granted = Author(name: link.grantedBy).phrase
            return link.askedBy.map { "Granted by \(granted), asked for by \($0)" } ?? "Granted by \(granted)"
        }
    }

    private struct RequestRow: TemplateModel {
        let request: LinkRequest
        let overview: Overview

        static var fields: [TemplateField<RequestRow>] {
            [
                .text("id", \.request.id), .object("a") { End(device: $0.overview.index[$0.request.first]) },
                .object("b") { End(device: $0.overview.index[$0.request.second]) }, .text("who", \.request.askedBy),
                .phrase("long") { row in
                    TimedForm.choices.first { $0.seconds == row.request.seconds }?.label ?? Amount.age(row.request.seconds)
                },
                .text("reason", \.request.reason), .phrase("ago") { $0.request.askedAt.relative(to: $0.overview.now) },
                .text("grant") { PageAddress("/links").with("request", $0.request.id).text }, .phrase("state", \.state),
                .text("answer", \.request.answer),
            ]
        }

        private var state: Phrase {
            let who = request.answeredBy.map { Author(name: $0).phrase } ?? ""
            return switch request.state {
            case .waiting: "waits for an answer"
            case .granted: "granted by \(who)"
            case .refused: "refused by \(who)"
            }
        }
    }
}
