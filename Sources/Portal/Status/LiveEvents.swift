// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Net
import Store
import Synchronization
import Words

/// Server-sent events of one page: the applied mark, and what changed of the devices that the page shows. The first event tells them
/// whole, since the page may be older than the stream; after that only parts that differ.
/// Thread rule: the server calls `next` from one worker at a time; the lock makes that safe whichever it is.
final class LiveEvents: Sendable {
    /// A page that shows more devices hears of the first ones only.
    static let maximumDevices = MapPage.maximumNodes
    /// One event tells of so many at most, which stays well below what the server queues for a client; the others follow a beat later.
    static let maximumNews = 100

    private struct Seen {
        var mark: Phrase?
        var lines: [LiveFeed.Line?]
        var version: String?
        /// Where the next event begins, so that each gets its turn.
        var start = 0
    }

    private let site: PortalSite
    private let token: SecretToken
    private let language: Language
    private let ids: [String]
    /// The device that the page is about; nil for other pages.
    private let page: String?
    private let seen: Mutex<Seen>

    private init(site: PortalSite, token: SecretToken, language: Language, ids: [String], page: String?) {
        self.site = site
        self.token = token
        self.language = language
        self.ids = ids
        self.page = page
        seen = Mutex(Seen(lines: ids.map { _ in nil }))
    }

    /// `devices` in the query are the ids on the page, with commas between, `page` the device that all of it is about.
    static func open(_ visit: Visit) throws -> Response {
        guard let session = visit.session, let token = PortalCookie.session.value(in: visit.request).flatMap({ SecretToken($0, kind: .session) })
        else { throw SignInNeeded(path: nil) }
        let ids = (visit.request.query["devices"] ?? "").split(separator: ",").prefix(maximumDevices).map(String.init)
        let events = LiveEvents(site: visit.site, token: token, language: visit.language, ids: ids, page: visit.request.query["page"])
        return .events(EventStream(key: session.id, owner: session.account.id, interval: .seconds(LiveFeed.beatSeconds)) { events.next() })
    }

    /// Ends with the session: at logout, expiry and a change of password (ASVS 7.4.1).
    private func next() -> EventStream.Step {
        let now = site.now()
        guard (try? site.database.read({ try $0.session(token, at: now, limits: site.sessionLimits) })) != nil,
            let picture = try? site.live.picture(of: ids, page: page, at: now, look: { try site.overview(at: now) })
        else { return .end }
        return seen.withLock { step(&$0, picture) }
    }

    private func step(_ seen: inout Seen, _ picture: LiveFeed.Picture) -> EventStream.Step {
        if seen.mark != picture.mark {
            seen.mark = picture.mark
            return event("applied", ["waiting": .bool(picture.isWaiting), "text": .string(say(picture.mark))])
        }
        var news: [JSON] = []
        for place in picture.lines.indices {
            let index = (seen.start + place) % picture.lines.count
            guard news.count < Self.maximumNews else {
                seen.start = index
                break
            }
            guard let line = picture.lines[index], let change = line.news(since: seen.lines[index], id: ids[index], say: say) else { continue }
            news.append(change)
            seen.lines[index] = line
        }
        if !news.isEmpty { return event("devices", .array(news)) }
        guard let version = picture.version, version != seen.version else { return .idle }
        seen.version = version
        return event("version", .string(version))
    }

    private func say(_ phrase: Phrase) -> String { site.templates.say(phrase, in: language) }

    private func event(_ name: String, _ data: JSON) -> EventStream.Step {
        .event(EventStream.Event(name: name, data: String(decoding: data.bytes, as: UTF8.self)))
    }
}
