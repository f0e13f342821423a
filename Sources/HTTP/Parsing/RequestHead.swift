// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// How the end of a body is determined (RFC 9112 6.3).
enum Framing: Hashable, Sendable {
    case none
    case length(Int)
    case chunked

    /// True when the body has, or may come to have, more bytes.
    func mayExceed(_ byteCount: Int) -> Bool {
        switch self {
        case .none: false
        case .length(let count): count > byteCount
        case .chunked: true
        }
    }
}

/// The request line and the fields, checked so that the length of the body is unambiguous.
struct RequestHead: Sendable {
    let method: Method
    var target: Target
    /// True for HTTP/1.0; the connection closes after the response.
    let isHTTP10: Bool
    let fields: Fields
    /// The requested host: from the absolute form, else from the Host field.
    let authority: Authority?
    let framing: Framing
    /// True when the client waits for `100 Continue` before it sends the body.
    var expectsContinue: Bool
    /// True when the client, or its HTTP version, wants the connection to close after the response.
    let endsConnection: Bool

    init(line: RequestLine, fields: Fields) throws(HTTPError) {
        method = line.method
        target = line.target
        isHTTP10 = line.isHTTP10
        self.fields = fields
        authority = try Self.authority(of: line, fields)
        framing = try Self.framing(of: line, fields)
        expectsContinue = try Self.expectsContinue(line, fields)
        endsConnection = line.isHTTP10 || fields.list("Connection", contains: "close")
    }

    /// HTTP/1.1 requires exactly one valid Host field, even with an absolute target, which overrides it (RFC 9112 3.2).
    private static func authority(of line: RequestLine, _ fields: Fields) throws(HTTPError) -> Authority? {
        let hosts = fields.all("Host")
        if hosts.isEmpty, line.isHTTP10 { return line.target.authority }
        guard hosts.count == 1, let host = Authority(hosts[0]) else {
            throw HTTPError(.badRequest, "The request needs exactly one valid Host field.")
        }
        return line.target.authority ?? host
    }

    /// RFC 9112 6.1 and 6.3, read strictly: refuses a message that two servers could delimit differently.
    private static func framing(of line: RequestLine, _ fields: Fields) throws(HTTPError) -> Framing {
        let lengths = fields.all("Content-Length")
        let codings = fields.all("Transfer-Encoding")
        if codings.isEmpty {
            if lengths.isEmpty { return .none }
            guard lengths.count == 1, let length = contentLength(lengths[0]) else {
                throw HTTPError(.badRequest, "Content-Length must be a single number.")
            }
            return .length(length)
        }
        guard lengths.isEmpty, codings.count == 1, !line.isHTTP10 else {
            throw HTTPError(.badRequest, "Transfer-Encoding must come once, with HTTP/1.1, and without Content-Length.")
        }
        if codings[0].equalsIgnoringCase("chunked") { return .chunked }
        throw FieldName(codings[0]) == nil
            ? HTTPError(.badRequest, "Transfer-Encoding is not valid.")
            : HTTPError(.notImplemented, "The only supported transfer coding is chunked.")
    }

    /// Parses digits without sign, space or leading zero, below 2^63.
    private static func contentLength(_ text: String) -> Int? {
        let digits = text.utf8
        guard !digits.isEmpty, digits.allSatisfy(\.isDigit), digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
        return Int(text)
    }

    /// RFC 9110 10.1.1. An expectation in an HTTP/1.0 request is ignored.
    private static func expectsContinue(_ line: RequestLine, _ fields: Fields) throws(HTTPError) -> Bool {
        let expectations = fields.all("Expect")
        if line.isHTTP10 || expectations.isEmpty { return false }
        guard expectations.count == 1, expectations[0].equalsIgnoringCase("100-continue") else {
            throw HTTPError(.expectationFailed, "The only supported expectation is 100-continue.")
        }
        return true
    }
}

/// `GET /path HTTP/1.1`: three parts separated by one space each (RFC 9112 3).
struct RequestLine: Sendable {
    let method: Method
    let target: Target
    let isHTTP10: Bool

    init(_ line: ArraySlice<UInt8>) throws(HTTPError) {
        let parts = line.split(separator: .space, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(\.isToken), !parts[1].isEmpty else {
            throw HTTPError(.badRequest, "The request line is not valid.")
        }
        isHTTP10 = try Self.isHTTP10(parts[2])
        guard let method = Method(rawValue: String(decoding: parts[0], as: UTF8.self)) else {
            throw HTTPError(.notImplemented, "This server does not support this method.")
        }
        self.method = method
        target = try Target(parts[1], method: method)
    }

    /// The path in an invalid request line, if it can be shown.
    static func path(in line: ArraySlice<UInt8>) -> String? {
        let parts = line.split(separator: .space, omittingEmptySubsequences: false)
        let path = parts.count < 2 ? [] : parts[1].prefix { $0 != UInt8(ascii: "?") }
        return path.allSatisfy { (0x21...0x7E).contains($0) } ? String(decoding: path, as: UTF8.self) : nil
    }

    /// True for `HTTP/1.0`; any `HTTP/1.x` counts as 1.1 (RFC 9110 2.5). Throws 505 for another major version and 400 for anything else.
    private static func isHTTP10(_ version: ArraySlice<UInt8>) throws(HTTPError) -> Bool {
        let prefix = Array("HTTP/".utf8)
        let digits = version.dropFirst(prefix.count)
        guard version.starts(with: prefix), digits.count == 3, let major = digits.first, let minor = digits.last,
            major.isDigit, minor.isDigit, digits.dropFirst().first == UInt8(ascii: ".")
        else { throw HTTPError(.badRequest, "The HTTP version in the request line is not valid.") }
        guard major == UInt8(ascii: "1") else {
            throw HTTPError(.versionNotSupported, "This server supports HTTP/1.1 only.")
        }
        return minor == UInt8(ascii: "0")
    }
}
