// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// One complete, validated request.
public struct Request: Sendable {
    /// Identifies this request in logs and on error pages.
    public let id: String
    /// The request method.
    public private(set) var method: Method
    /// The path that the site is below, such as `/vpn`; empty for a site with the host to itself. Addresses for browsers begin with it.
    public let base: String
    /// The path as received, without the base and the query.
    public private(set) var rawPath: String
    /// The query as received, without its `?`; nil when there is none.
    public private(set) var rawQuery: String?
    /// The decoded segments of the path: `/devices/7` is `["devices", "7"]`, `/` is `[]`.
    public private(set) var path: [String]
    /// The decoded pairs after `?`.
    public private(set) var query: Query
    /// The host from the target or the Host field; nil only with HTTP/1.0.
    public let authority: Authority?
    /// The fields as received, including Host.
    public let fields: Fields
    /// The complete body, within the limit of its path; empty when there is none.
    public private(set) var body: [UInt8]
    /// The other end of the connection, which may be a proxy.
    public let peer: Endpoint
    /// The client: the peer, or the address that trusted proxies report.
    public let client: IPAddress
    /// True when the client's connection is encrypted, here or at a trusted proxy.
    public let isTLS: Bool
    /// The port that the client connected to, if a trusted proxy reports it. The authority is what counts; some proxies drop its port.
    public let forwardedPort: UInt16?

    init(id: String, head: RequestHead, body: [UInt8], peer: Endpoint, origin: ClientOrigin) {
        self.id = id
        method = head.method
        base = head.target.base
        rawPath = head.target.rawPath
        rawQuery = head.target.rawQuery
        path = head.target.path
        query = head.target.query
        authority = head.authority
        fields = head.fields
        self.body = body
        self.peer = peer
        client = origin.address
        isTLS = origin.isTLS
        forwardedPort = origin.port
    }

    /// The same client asking for another path, without a query and a body. Nil if the text is not a valid path.
    public func asking(_ method: Method, _ rawPath: String) -> Request? {
        guard let target = try? Target(Array(rawPath.utf8)[...], method: method), target.rawQuery == nil, target.authority == nil else { return nil }
        var request = self
        (request.method, request.rawPath, request.rawQuery, request.path, request.query) =
            (method, target.rawPath, nil, target.path, target.query)
        request.body = []
        return request
    }

    /// The media type of the body in lower case, without parameters. Nil when there is none or more than one, or when the charset is not
    /// UTF-8.
    public var mediaType: String? {
        guard let value = fields["Content-Type"] else { return nil }
        let parts = value.utf8.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map { trimmed(Substring($0)) }
        for parameter in parts.dropFirst() where parameter.utf8.count >= 8 && parameter.prefix(8).equalsIgnoringCase("charset=") {
            let charset = parameter.dropFirst(8)
            guard charset.equalsIgnoringCase("utf-8") || charset.equalsIgnoringCase("\"utf-8\"") else { return nil }
        }
        return parts[0].isEmpty ? nil : parts[0].lowercased()
    }
}

extension Request {
    /// Parses a request from literal text, to test handlers without a socket. Throws the error that the server would answer with.
    public init(
        text: String, body: [UInt8] = [], peer: Endpoint = Endpoint(address: .v4(.loopback), port: 50_000), isTLS: Bool = false,
        forwardedPort: UInt16? = nil, base: String = ""
    ) throws(HTTPError) {
        var parser = RequestParser()
        let bytes = Array(text.utf8)
        var position = 0
        guard let event = parser.parse(bytes.span, from: &position) else {
            throw HTTPError(.badRequest, "The request head is incomplete.")
        }
        switch event {
        case .head(var head):
            head.target.enter(base: base)
            self.init(
                id: "test", head: head, body: body, peer: peer,
                origin: ClientOrigin(address: peer.address, isTLS: isTLS, port: forwardedPort))
        case .refused(let error): throw error
        case .end: throw HTTPError(.badRequest, "The request has no head.")
        }
    }
}
