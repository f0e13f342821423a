// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// How the client finds the end of a response.
enum AnswerEnd {
    /// After this many bytes.
    case length(Int)
    /// The response has no body (204, 304).
    case head
    /// After the last chunk.
    case chunked
    /// When the connection closes.
    case close
}

/// Writes the head of a response (RFC 9112 4).
enum ResponseHead {
    /// The status line, Date, framing, and the response's fields except those that belong to the server.
    static func bytes(of response: Response, date: [UInt8], end: AnswerEnd, endsConnection: Bool) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(512)
        append("HTTP/1.1 ", to: &out)
        append(String(response.status.code), to: &out)
        out.append(.space)
        append(response.status.phrase, to: &out)
        append("\r\nDate: ", to: &out)
        out += date
        switch end {
        case .length(let count):
            append("\r\nContent-Length: ", to: &out)
            append(String(count), to: &out)
        case .chunked: append("\r\nTransfer-Encoding: chunked", to: &out)
        case .head, .close: break
        }
        if endsConnection { append("\r\nConnection: close", to: &out) }
        for line in response.fields.lines where !isOurs(line.name) {
            append("\r\n", to: &out)
            append(line.name.description, to: &out)
            append(": ", to: &out)
            append(line.value, to: &out)
        }
        append("\r\n\r\n", to: &out)
        return out
    }

    /// `HTTP/1.1 100 Continue` (RFC 9110 15.2.1).
    static let goOn = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    private static func append(_ text: String, to out: inout [UInt8]) { out.append(contentsOf: text.utf8) }

    private static func isOurs(_ name: FieldName) -> Bool {
        switch name.description.utf8.count {
        case 4: name == "Date"
        case 10: name == "Connection"
        case 14: name == "Content-Length"
        case 17: name == "Transfer-Encoding"
        default: false
        }
    }
}
