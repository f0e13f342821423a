// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// What one request may be. Each bound is checked while the bytes come in, so that no more than this is ever held.
public struct Limits: Hashable, Sendable {
    /// The request line, and each field line, without CRLF. RFC 9112 3 asks for at least 8000 (414, 431).
    public var lineBytes = 8192
    /// All field lines of a head together (431).
    public var headBytes = 32_768
    /// Field lines in a head, and in a trailer section (431).
    public var fieldCount = 100
    /// A body, unless the route allows more (413). Forms stay below it.
    public var bodyBytes = 65_536
    /// All chunk extensions of one body together: nobody uses them, so more is an attack (400).
    public var chunkExtensionBytes = 4096

    /// The limits above.
    public init() {}
}

/// How long things may take. The reasons stand with each; the values are what production servers do at their strictest.
public struct Timeouts: Hashable, Sendable {
    /// A whole head, from its first byte or from the begin of the connection, however slowly bytes trickle (408).
    public var head = Duration.seconds(10)
    /// A body of no length; each 10 KB add a second, up to `bodyMaximum` (408).
    public var body = Duration.seconds(10)
    /// The longest that a body of any length may take (408).
    public var bodyMaximum = Duration.seconds(60)
    /// A connection without a request.
    public var idle = Duration.seconds(60)
    /// The same when more than three quarters of all connections are taken.
    public var idleWhenCrowded = Duration.seconds(15)
    /// A peer that takes nothing of what we send; then the connection is reset.
    public var writeStall = Duration.seconds(20)
    /// Reading on after our last byte, so that a peer still sending gets to read the answer instead of a reset.
    public var linger = Duration.milliseconds(1500)
    /// Requests in flight when the server is told to stop.
    public var stop = Duration.seconds(10)

    /// The times above.
    public init() {}
}
