// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Synchronization
import Templates
import Words

/// Server-sent events of one page: the applied mark and changes to the devices on the page. The first event has the full state, because the page
/// may be older than the stream. Later events have only the parts that changed.
/// Thread rule: the server calls `next` from one worker at a time, but not always the same one; the lock makes that safe.
final class LiveEvents: Sendable {
    static let routes: [Route<Handler>] = [Route(.get, "/events", Handler(.viewer, passive: true, open))]

    /// A page with more devices gets updates for the first ones only.
    static let maximumDevices = MapPage.maximumNodes
    /// The most devices in one event, which keeps it well below what the server queues for a client. The others follow a beat later.
    static let maximumNews = 100

    private struct Seen {
        var mark: Phrase?
        var lines: [LiveFeed.Line?]
        var version: String?
        /// The first device to check for the next event, so that every device gets its turn.
        var start = 0
    }

    private let site: PortalSite
    private let token: SecretToken
    private let language: Language
    private let ids: [String]
    /// The device that the page shows, or `LiveFeed.status` for the status page; nil for other pages.
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

    /// In the query, `devices` lists the ids on the page, separated by commas. `page` is the device that the whole page is about, or `status`.
    private static func open(_ visit: Visit) throws -> Response {
        guard let session = visit.session, let token = visit.request.sessionToken else { throw SignInNeeded(path: nil) }
        let ids = (visit.request.query["devices"] ?? "").split(separator: ",").prefix(maximumDevices).map(String.init)
        let events = LiveEvents(site: visit.site, token: token, language: visit.language, ids: ids, page: visit.request.query["page"])
        return .events(EventStream(key: session.id, owner: session.account.id, interval: .seconds(LiveFeed.beatSeconds)) { events.next() })
    }

    /// Ends with the session: at logout, at expiry and after a password change (ASVS 7.4.1), and when its account must add a second factor.
    private func next() -> EventStream.Step {
        let now = site.now()
        guard let session = try? site.database.read({ try $0.session(token, at: now, limits: site.sessionLimits) }), !session.owesSecondFactor,
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

/// What browsers learn about devices between two page loads. Each line is made once per beat, no matter how many browsers ask, and only for devices
/// that some browser shows.
/// Thread rule: any thread; one lock, held while lines are made.
final class LiveFeed: Sendable {
    /// How long a line stays valid, in seconds. Browsers get events at the same interval.
    static let beatSeconds: Int64 = 2

    /// The live parts of a page, under the names that the script uses.
    struct Line: Sendable {
        private struct Part {
            let name: String
            let text: Phrase
            /// Only a change of this key makes news. An age that counts seconds is not news.
            let key: Phrase

            init(_ name: String, _ text: Phrase, key: Phrase? = nil) {
                (self.name, self.text, self.key) = (name, text, key ?? text)
            }
        }

        private let parts: [Part]

        init(_ sight: DeviceSight) {
            parts = [
                Part("state", Phrase(verbatim: sight.state.rawValue)), Part("word", sight.state.word), Part("rule", sight.state.rule),
                Part("age", sight.age, key: sight.silence.map { $0 < 60 ? Phrase(verbatim: "\($0 / 10)") : sight.age } ?? ""),
                Part("down", sight.down),
                Part("up", sight.up), Part("endpoint", sight.endpoint.map { Phrase(verbatim: $0.description) } ?? "unknown"),
                Part("flow", Phrase(verbatim: sight.flow?.rawValue ?? "none")),
            ]
        }

        /// The device's id and the parts that differ from `earlier`, in the language of `say`; nil if nothing differs.
        func news(since earlier: Line?, id: String, say: (Phrase) -> String) -> JSON? {
            let isNews = { (index: Int) in earlier.map { $0.parts[index].key != self.parts[index].key } ?? true }
            let changed = parts.indices.filter(isNews).map { (parts[$0].name, JSON.string(say(parts[$0].text))) }
            return changed.isEmpty ? nil : .object([("id", .string(id))] + changed)
        }
    }

    /// The state at one beat.
    struct Picture {
        let mark: Phrase
        let isWaiting: Bool
        let lines: [Line?]
        /// The version of the page about one device, or of the status page; nil for other pages.
        let version: String?
    }

    private struct Beat {
        let number: Int64
        let overview: Overview
        var lines: [String: Line] = [:]
    }

    private let latest = Mutex<Beat?>(nil)

    /// Changes when the parts of a device's page that have no line must be drawn again: after any change, because one to another device may
    /// change the links; when the hub has applied it; after the file was fetched; when the device's state changes; and once a minute while it
    /// is online, because traffic is kept by the minute.
    static func version(of device: Device, _ overview: Overview) -> String {
        let state = overview.state(of: device)
        let minute = state == .online ? (overview.now.seconds - delay) / 60 : 0
        let (desired, applied) = (overview.generation.desired, overview.generation.applied)
        return "\(desired)-\(applied)-\(device.fetchedConfigRevision ?? 0)-\(state.rawValue)-\(minute)"
    }

    /// What the status page calls itself.
    static let status = "status"

    /// Changes when the status page must be drawn again: after any change, when the hub has applied it, and every ten seconds, for rates and drops.
    static func version(_ overview: Overview) -> String {
        "\(overview.generation.desired)-\(overview.generation.applied)-\(overview.now.seconds / 10)"
    }

    /// Seconds until the traffic of a minute has been written.
    private static let delay: Int64 = 5

    /// The lines of these devices, nil for a removed device, and the version of the device that `page` names. The first call in each beat calls
    /// `look`.
    func picture(of ids: [String], page: String? = nil, at now: UnixTime, look: () throws -> Overview) rethrows -> Picture {
        try latest.withLock { latest in
            let number = now.seconds / Self.beatSeconds
            var beat = try latest.flatMap { $0.number == number ? $0 : nil } ?? Beat(number: number, overview: look())
            latest = nil
            defer { latest = beat }
            let lines = ids.map { id -> Line? in
                if let line = beat.lines[id] { return line }
                guard let device = beat.overview.index[id] else { return nil }
                let line = Line(beat.overview.sight(of: device))
                beat.lines[id] = line
                return line
            }
            let generation = beat.overview.generation
            return Picture(
                mark: Frame.mark(generation), isWaiting: generation.desired > generation.applied, lines: lines,
                version: page == Self.status
                    ? Self.version(beat.overview) : page.flatMap { beat.overview.index[$0] }.map { Self.version(of: $0, beat.overview) })
        }
    }
}
