// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The parts of a form that can upload files (`multipart/form-data`, RFC 7578; RFC 2046 5.1.1). Contents are slices of the body, so a file is not
/// copied.
///
///     --boundary CRLF
///     Content-Disposition: form-data; name="backup"; filename="hub.backup" CRLF
///     CRLF
///     content CRLF
///     --boundary--
struct MultipartForm {
    /// One field.
    struct Part {
        let name: String
        let content: ArraySlice<UInt8>
    }

    static let mediaType = "multipart/form-data"
    /// More than any form has.
    static let maximumParts = 32
    /// For the fields before a content. Browsers send two or three short ones.
    private static let maximumHeadBytes = 2048

    /// In the order of the body.
    private(set) var parts: [Part] = []

    /// Throws 400 for a body that is not such a form.
    init(_ request: Request) throws(HTTPError) {
        guard let boundary = Self.boundary(in: request.fields["Content-Type"] ?? "") else { throw Self.invalid }
        let body = request.body
        let delimiter = [.carriageReturn, .lineFeed] + Array("--".utf8) + boundary
        // The first delimiter has no line end before it.
        guard body.starts(with: delimiter.dropFirst(2)) else { throw Self.invalid }
        var position = delimiter.count - 2
        while !body[position...].starts(with: "--".utf8) {
            guard parts.count < Self.maximumParts, body[position...].starts(with: [.carriageReturn, .lineFeed]),
                let name = Self.takeHead(body, &position), let end = Self.find(delimiter, in: body, from: position)
            else { throw Self.invalid }
            parts.append(Part(name: name, content: body[position..<end]))
            position = end + delimiter.count
        }
    }

    private static let invalid = HTTPError(.badRequest, "The form is not valid.")

    /// The boundary, without the two dashes before it: 1 to 70 bytes (RFC 2046 5.1.1). Nil if there is none.
    private static func boundary(in contentType: String) -> [UInt8]? {
        for parameter in contentType.utf8.split(separator: UInt8(ascii: ";")).dropFirst() {
            let parts = parameter.split(separator: UInt8(ascii: "="), maxSplits: 1).map { $0.filter { $0 != .space && $0 != UInt8(ascii: "\"") } }
            guard parts.count == 2, parts[0].map(\.lowercased).elementsEqual("boundary".utf8) else { continue }
            return (1...70).contains(parts[1].count) ? parts[1] : nil
        }
        return nil
    }

    /// Reads the fields before a content, from the line end before them, and returns the name of the part. Moves `position` to the content.
    private static func takeHead(_ body: [UInt8], _ position: inout Int) -> String? {
        let end = [UInt8.carriageReturn, .lineFeed, .carriageReturn, .lineFeed]
        let limit = min(body.count, position + maximumHeadBytes)
        guard let blank = find(end, in: body, from: position, until: limit) else { return nil }
        let lines = body[position..<blank].split(separator: .lineFeed)
        position = blank + end.count
        let field = "content-disposition:"
        let found = lines.first { $0.prefix(field.utf8.count).map(\.lowercased).elementsEqual(field.utf8) }
        return found.flatMap { name(in: $0.dropFirst(field.utf8.count)) }
    }

    /// The value of `name=` in a Content-Disposition field. Semicolons in quotation marks separate nothing.
    private static func name(in field: ArraySlice<UInt8>) -> String? {
        var isQuoted = false
        let parameters = field.split { byte in
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            return byte == UInt8(ascii: ";") && !isQuoted
        }
        for parameter in parameters.dropFirst() {
            let text = parameter.drop { $0 == .space }
            guard text.prefix(5).map(\.lowercased).elementsEqual("name=".utf8) else { continue }
            let name = text.dropFirst(5).filter { $0 != UInt8(ascii: "\"") && $0 != .carriageReturn }
            return name.count <= Query.maximumNameBytes ? String(validating: name, as: UTF8.self) : nil
        }
        return nil
    }

    /// Where `pattern` begins in `body[start..<end]`; nil if it does not occur.
    private static func find(_ pattern: [UInt8], in body: [UInt8], from start: Int, until end: Int? = nil) -> Int? {
        let last = (end ?? body.count) - pattern.count
        var position = start
        while position <= last {
            if body[position] == pattern[0], body[position..<position + pattern.count].elementsEqual(pattern) { return position }
            position += 1
        }
        return nil
    }
}
