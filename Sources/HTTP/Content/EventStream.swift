// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Server-sent events for one client (HTML, 9.2): a source that is asked, never one that pushes.
///
/// `next` is called on a worker thread, once at the begin and then about every `interval`, but only while everything
/// before it has left for the client: a slow client gets the newest state later, not every state in between.
/// It remembers itself what the client has seen, and it is the place to look again whether the client may still listen.
public struct EventStream: Sendable {
    /// What the source says when it is asked.
    public enum Step: Sendable {
        case event(Event)
        /// Nothing new.
        case idle
        /// Enough: the client may not listen any longer.
        case end
    }

    /// One message to the page.
    public struct Event: Hashable, Sendable {
        /// Comes back as Last-Event-ID when the browser connects again.
        public var id: String?
        /// The type of the event; nil is `message`.
        public var name: String?
        /// The text, of any number of lines.
        public var data: String

        public init(id: String? = nil, name: String? = nil, data: String) {
            self.id = id
            self.name = name
            self.data = data
        }

        /// The lines of the event and the empty one that ends it. A line break in `id` or `name` would begin a new field
        /// and becomes a space.
        var bytes: [UInt8] {
            var text = ""
            if let id { text += "id: \(Self.oneLine(id))\n" }
            if let name { text += "event: \(Self.oneLine(name))\n" }
            for line in data.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) { text += "data: \(line)\n" }
            return Array((text + "\n").utf8)
        }

        private static func oneLine(_ text: String) -> String {
            String(decoding: text.utf8.map { $0 == .lineFeed || $0 == .carriageReturn || $0 == 0 ? .space : $0 }, as: UTF8.self)
        }
    }

    /// Whose stream it is, a session for example: the number of streams for each key is bounded, and all of a key can be
    /// ended with `Server.endEvents(key:)`.
    public let key: String
    /// Who has the key, an account for example: the number of streams for each owner is bounded as well.
    public let owner: String
    /// The time between two questions.
    public let interval: Duration
    /// Asked on a worker thread; must not wait for long.
    public let next: @Sendable () -> Step

    /// A stream of `key` that asks `next` every `interval`. Without an `owner` each key is its own.
    public init(key: String, owner: String? = nil, interval: Duration = .seconds(1), next: @escaping @Sendable () -> Step) {
        self.key = key
        self.owner = owner ?? key
        self.interval = interval
        self.next = next
    }

    /// The first bytes of a stream, and the last when the server ends it: come back after three seconds.
    static let retry = Array("retry: 3000\n\n".utf8)
    /// A comment that tells proxies and clients that the stream lives.
    static let beat = Array(": beat\n\n".utf8)
    static let beatInterval = Duration.seconds(15)
    /// An event larger than this ends the stream: the client would fall behind for ever.
    static let maximumQueuedBytes = 65_536
}
