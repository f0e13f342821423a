// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Net
import Store
import Synchronization

/// Server-sent events: the applied mark and the devices whose live parts changed. Deltas only; the page itself is the first picture.
/// Thread rule: the server calls `next` from one worker at a time; the lock makes that safe whichever it is.
final class LiveEvents: Sendable {
    /// An event stays well below what the server queues for a client; the rest follows with the next step.
    static let maximumDevicesPerEvent = 100

    private struct Seen {
        var mark: String?
        var devices: [String: String] = [:]
        var isFirst = true
    }

    private let site: PortalSite
    private let token: SecretToken
    private let seen = Mutex(Seen())

    private init(site: PortalSite, token: SecretToken) {
        self.site = site
        self.token = token
    }

    static func open(_ visit: Visit) throws -> Response {
        guard let session = visit.session, let token = PortalCookie.session.value(in: visit.request).flatMap({ SecretToken($0, kind: .session) })
        else { throw SignInNeeded(path: nil) }
        let events = LiveEvents(site: visit.site, token: token)
        return .events(EventStream(key: session.id, interval: .seconds(2)) { events.next() })
    }

    /// Ends with the session: at logout, expiry and a change of password (ASVS 7.4.1).
    private func next() -> EventStream.Step {
        let now = site.now()
        let engine = site.status()
        let overview = try? site.database.read { transaction -> Overview? in
            guard try transaction.session(token, at: now, limits: site.sessionLimits) != nil else { return nil }
            return try Overview(transaction, engine: engine, rates: site.rates, now: now)
        }
        guard let overview = overview.flatMap({ $0 }) else { return .end }
        return seen.withLock { Self.step(&$0, overview) }
    }

    private static func step(_ seen: inout Seen, _ overview: Overview) -> EventStream.Step {
        let mark = Frame.mark(overview.generation)
        let sights = overview.devices.map(overview.sight)
        guard !seen.isFirst else {
            seen = Seen(mark: mark, devices: Dictionary(uniqueKeysWithValues: sights.map { ($0.device.id, key($0)) }), isFirst: false)
            return .idle
        }
        if mark != seen.mark {
            seen.mark = mark
            let isWaiting = overview.generation.desired > overview.generation.applied
            return .event(EventStream.Event(name: "applied", data: text(["waiting": .bool(isWaiting), "text": .string(mark)])))
        }
        let changed = sights.filter { seen.devices[$0.device.id] != key($0) }.prefix(maximumDevicesPerEvent)
        guard !changed.isEmpty else { return .idle }
        for sight in changed { seen.devices[sight.device.id] = key(sight) }
        let devices = changed.map { JSON.object($0.live.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }) }
        return .event(EventStream.Event(name: "devices", data: text(.array(devices))))
    }

    /// What must differ for an event: an age that counts seconds is no news.
    private static func key(_ sight: DeviceSight) -> String {
        let minutes = sight.age.hasSuffix(" s ago") || sight.age == "just now" ? "" : sight.age
        return "\(sight.state) \(sight.endpoint?.description ?? "") \(sight.down) \(sight.up) \(minutes)"
    }

    private static func text(_ json: JSON) -> String { String(decoding: json.bytes, as: UTF8.self) }
}
