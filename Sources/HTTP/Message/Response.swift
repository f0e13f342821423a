// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

/// One response. The server adds Date, Content-Length and Connection itself when it writes the response.
public struct Response: Sendable {
    /// The content after the head.
    public enum Body: Sendable {
        case bytes([UInt8])
        /// A body that is produced while it is sent.
        case stream(ByteStream)
        /// Server-sent events, until the server or the client ends them.
        case events(EventStream)
    }

    /// The status of the response.
    public var status: Status
    /// The other fields. Date, Content-Length, Transfer-Encoding and Connection are left out when the response is written.
    public var fields: Fields
    /// The body. Not sent for HEAD, 204 and 304.
    public var body: Body
    /// True when the request proved its sender, for example by a session. Not sent: the server keeps room for connections of known clients.
    public var knowsClient = false

    /// A response with exactly these parts.
    public init(_ status: Status, fields: Fields = [:], body: Body = .bytes([])) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}

extension Response {
    /// The length of a body that is already in memory.
    var bodyByteCount: Int { if case .bytes(let body) = body { body.count } else { 0 } }

    /// A response of one content type. Caches must not store it (ASVS 14.3.2), unless `Cache-Control` is set to something else.
    public init(_ status: Status = .ok, contentType: String, body: [UInt8]) {
        self.init(status, fields: ["Content-Type": contentType, "Cache-Control": "no-store"], body: .bytes(body))
    }

    /// An HTML page.
    public static func html(_ status: Status = .ok, _ text: String) -> Response {
        Response(status, contentType: "text/html; charset=utf-8", body: Array(text.utf8))
    }

    /// Plain text in UTF-8.
    public static func text(_ status: Status = .ok, _ text: String) -> Response {
        Response(status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    /// A JSON document.
    public static func json(_ status: Status = .ok, _ value: JSON) -> Response {
        Response(status, contentType: "application/json", body: value.bytes)
    }

    /// A problem document (RFC 9457). `title` is the phrase of the status; `members` are added to the object.
    public static func problem(_ status: Status, _ detail: String, members: [(String, JSON)] = []) -> Response {
        let object: [(String, JSON)] = [
            ("type", "about:blank"), ("title", .string(status.phrase)), ("status", .integer(Int64(status.code))),
            ("detail", .string(detail)),
        ]
        return Response(status, contentType: "application/problem+json", body: JSON.object(object + members).bytes)
    }

    /// 303: the client continues with a GET of `location`, which must be a path of our own or a checked URL.
    public static func redirect(to location: String) -> Response {
        Response(.seeOther, fields: ["Location": location, "Cache-Control": "no-store"])
    }

    /// 304: the client already has the current version.
    public static func notModified(entityTag: String) -> Response {
        Response(.notModified, fields: ["ETag": entityTag])
    }

    /// Server-sent events that proxies do not buffer.
    public static func events(_ stream: EventStream) -> Response {
        // nginx buffers responses unless X-Accel-Buffering says no.
        let fields: Fields = [
            "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
        ]
        return Response(.ok, fields: fields, body: .events(stream))
    }
}
