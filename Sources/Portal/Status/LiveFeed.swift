// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Synchronization
import Words

/// What browsers are told of devices between two loads of a page. Each line is made once a beat, whoever asks for it and however many do,
/// and only for devices that somebody has on the screen.
/// Thread rule: any thread; one lock, held while lines are made.
final class LiveFeed: Sendable {
    /// Seconds that a line stands; browsers ask as often.
    static let beatSeconds: Int64 = 2

    /// The parts of a page that change by themselves, by the names that the script looks for.
    struct Line: Sendable {
        private struct Part {
            let name: String
            let text: Phrase
            /// What must differ for news: an age that counts seconds is none.
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

        /// The parts that differ from those of `earlier`, with the device's id, as `say` says them; nil when nothing does.
        func news(since earlier: Line?, id: String, say: (Phrase) -> String) -> JSON? {
            let isNews = { (index: Int) in earlier.map { $0.parts[index].key != self.parts[index].key } ?? true }
            let changed = parts.indices.filter(isNews).map { (parts[$0].name, JSON.string(say(parts[$0].text))) }
            return changed.isEmpty ? nil : .object([("id", .string(id))] + changed)
        }
    }

    /// One beat.
    struct Picture {
        let mark: Phrase
        let isWaiting: Bool
        let lines: [Line?]
        /// What the page about one device was made of; nil where nobody shows one.
        let version: String?
    }

    private struct Beat {
        let number: Int64
        let overview: Overview
        var lines: [String: Line] = [:]
    }

    private let latest = Mutex<Beat?>(nil)

    /// Differs when the parts of a device's page that no line has are to be made anew: after a change of it, when its file was fetched, and
    /// once a minute while it is online, since traffic is kept by minutes.
    static func version(of device: Device, _ overview: Overview) -> String {
        let changed = max(device.revision, overview.defaults.revision)
        let minute = overview.state(of: device) == .online ? (overview.now.seconds - delay) / 60 : 0
        return "\(changed)-\(min(changed, overview.generation.applied))-\(device.fetchedConfigRevision ?? 0)-\(minute)"
    }

    /// Seconds after which the traffic of a minute has been written.
    private static let delay: Int64 = 5

    /// The lines of these devices, nil for one that is gone, and the version of the one whose page it is. `look` is called when the beat is
    /// over.
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
                version: page.flatMap { beat.overview.index[$0] }.map { Self.version(of: $0, beat.overview) })
        }
    }
}
