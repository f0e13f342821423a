// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

/// One answer. Date, Content-Length and Connection are the server's own and are put on while it is written.
public struct Response: Sendable {
    /// What follows the head.
    public enum Body: Sendable {
        case bytes([UInt8])
        /// What is made while it is sent.
        case stream(ByteStream)
        /// Server-sent events, for as long as both sides want.
        case events(EventStream)
    }

    /// How it went.
    public var status: Status
    /// Without Date, Content-Length, Transfer-Encoding and Connection, which are left away when written.
    public var fields: Fields
    /// Not sent to HEAD, with 204 and with 304.
    public var body: Body
    /// True when the request proved who sent it, such as by a session. Not sent: the server keeps room for connections of known clients.
    public var knowsClient = false

    /// An answer as it stands.
    public init(_ status: Status, fields: Fields = [:], body: Body = .bytes([])) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}

extension Response {
    /// Bytes of a body that is made already.
    var bodyByteCount: Int { if case .bytes(let body) = body { body.count } else { 0 } }

    /// A whole answer of one content type. Nobody may keep it (ASVS 14.3.2), unless `Cache-Control` is set to something else.
    public init(_ status: Status = .ok, contentType: String, body: [UInt8]) {
        self.init(status, fields: ["Content-Type": contentType, "Cache-Control": "no-store"], body: .bytes(body))
    }

    /// A page.
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

    /// RFC 9457: `title` is the phrase of the status; `members` are added to the object.
    public static func problem(_ status: Status, _ detail: String, members: [(String, JSON)] = []) -> Response {
        let object: [(String, JSON)] = [
            ("type", "about:blank"), ("title", .string(status.phrase)), ("status", .integer(Int64(status.code))),
            ("detail", .string(detail)),
        ]
        return Response(status, contentType: "application/problem+json", body: JSON.object(object + members).bytes)
    }

    /// 303: go on with a GET of `location`, which must be a path of our own or a checked URL.
    public static func redirect(to location: String) -> Response {
        Response(.seeOther, fields: ["Location": location, "Cache-Control": "no-store"])
    }

    /// 304 for what the client has already.
    public static func notModified(entityTag: String) -> Response {
        Response(.notModified, fields: ["ETag": entityTag])
    }

    /// Server-sent events that no proxy holds back.
    public static func events(_ stream: EventStream) -> Response {
        // nginx holds answers back unless X-Accel-Buffering tells it not to.
        let fields: Fields = [
            "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
        ]
        return Response(.ok, fields: fields, body: .events(stream))
    }
}
