// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Limits on the size of one request. Each is checked while bytes arrive, so that the server never holds more than this.
public struct Limits: Hashable, Sendable {
    /// The maximum length of the request line and of each field line, without CRLF. RFC 9112 3 recommends at least 8000 (414, 431).
    public var lineBytes = 8192
    /// The maximum length of all field lines in a head together (431).
    public var headBytes = 32_768
    /// The maximum number of field lines in a head, and in a trailer section (431).
    public var fieldCount = 100
    /// The maximum length of a body, unless the route allows more (413). Forms are shorter.
    public var bodyBytes = 65_536
    /// The maximum length of all chunk extensions in one body. Clients do not use them, so more is an attack (400).
    public var chunkExtensionBytes = 4096

    /// The default limits.
    public init() {}
}

/// Time limits, with the reason for each. The defaults are the strictest values used by production servers.
public struct Timeouts: Hashable, Sendable {
    /// The maximum time for a whole head, from its first byte or the start of the connection (408). A slow trickle of bytes does not extend
    /// it.
    public var head = Duration.seconds(10)
    /// The time for an empty body; each 10 KB adds a second, up to `bodyMaximum` (408).
    public var body = Duration.seconds(10)
    /// The maximum time for a body of any length (408).
    public var bodyMaximum = Duration.seconds(60)
    /// The maximum idle time between requests.
    public var idle = Duration.seconds(60)
    /// The maximum idle time when more than three quarters of all connections are in use.
    public var idleWhenCrowded = Duration.seconds(15)
    /// How long a client may accept no bytes; then the connection is reset.
    public var writeStall = Duration.seconds(20)
    /// How long to keep reading after our last byte, so that a client that is still sending can read the response instead of a reset.
    public var linger = Duration.milliseconds(1500)
    /// How long requests in progress may take after the server is told to stop.
    public var stop = Duration.seconds(10)

    /// The default times.
    public init() {}
}
