// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Server-sent events for one client (HTML, 9.2). The server pulls events from it.
///
/// `next` is called on a worker thread, first at once and then about every `interval`, but only after all earlier events were sent: a slow
/// client gets the newest state later, not every state in between. `next` must remember what the client has seen, and must check each time
/// that the client may still receive events.
public struct EventStream: Sendable {
    /// The result of one call of `next`.
    public enum Step: Sendable {
        case event(Event)
        /// Nothing new.
        case idle
        /// Ends the stream: the client may not receive more events.
        case end
    }

    /// One message to the page.
    public struct Event: Hashable, Sendable {
        /// The browser sends it back as Last-Event-ID when it reconnects.
        public var id: String?
        /// The type of the event; nil means `message`.
        public var name: String?
        /// The text, which may have several lines.
        public var data: String

        public init(id: String? = nil, name: String? = nil, data: String) {
            self.id = id
            self.name = name
            self.data = data
        }

        /// The lines of the event and a final empty line. A line break in `id` or `name` would start a new field, so it becomes a space.
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

    /// Identifies what the stream belongs to, such as a session. The number of streams per key is limited, and `Server.endEvents(key:)`
    /// ends all of a key.
    public let key: String
    /// The owner of the key, such as an account. The number of streams per owner is limited as well.
    public let owner: String
    /// The time between two calls of `next`.
    public let interval: Duration
    /// Called on a worker thread; must not block for long.
    public let next: @Sendable () -> Step

    /// A stream of `key` that calls `next` every `interval`. Without `owner`, each key is its own owner.
    public init(key: String, owner: String? = nil, interval: Duration = .seconds(1), next: @escaping @Sendable () -> Step) {
        self.key = key
        self.owner = owner ?? key
        self.interval = interval
        self.next = next
    }

    /// The first bytes of a stream, also sent when the server ends it: tells the browser to reconnect after three seconds.
    static let retry = Array("retry: 3000\n\n".utf8)
    /// An event without text, which shows proxies and the page that the stream is alive.
    static let beat = Array("event: beat\ndata:\n\n".utf8)
    static let beatInterval = Duration.seconds(15)
    /// A larger event ends the stream, because the client could never catch up.
    static let maximumQueuedBytes = 65_536
}
