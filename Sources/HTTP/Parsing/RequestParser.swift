// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// Splits a stream of bytes into requests: RFC 9112 as a pure state machine without sockets and clock. The events do not depend on how the
/// bytes are split. It never holds more than `Limits` allow and accepts nothing after a refusal.
struct RequestParser {
    enum Event {
        /// The head is complete. To allow a larger body for this route, set `bodyLimit` now.
        case head(RequestHead)
        /// The body is complete, and with it the request; the next byte begins a new one.
        case end(body: [UInt8])
        /// The request is invalid and its end is unknown, so the connection must be closed.
        case refused(HTTPError)
    }

    /// Reset after each head. A longer body is refused with 413 as soon as its length is known.
    var bodyLimit: Int

    private enum Phase {
        case start(seenEmptyLine: Bool)
        case fields(RequestLine)
        case bodyBegin(Framing)
        case length(remaining: Int)
        case chunkSize
        case chunkData(remaining: Int)
        case chunkEnd
        case trailers
        case dead
    }

    private let limits: Limits
    private var phase = Phase.start(seenEmptyLine: false)
    private var line = LineBuffer()
    private var fields = Fields()
    private var fieldBytes = 0
    private var fieldCount = 0
    private var extensionBytes = 0
    private var body: [UInt8] = []

    init(limits: Limits = Limits()) {
        self.limits = limits
        bodyLimit = limits.bodyBytes
    }

    /// False between requests, when the peer may close the connection without cutting a request short.
    var isInsideRequest: Bool {
        if case .start(let seenEmptyLine) = phase { return seenEmptyLine || !line.isEmpty }
        return true
    }

    /// True from the end of a head to the end of its body.
    var isInsideBody: Bool {
        switch phase {
        case .bodyBegin, .length, .chunkSize, .chunkData, .chunkEnd, .trailers: true
        case .start, .fields, .dead: false
        }
    }

    /// The number of body bytes so far.
    var bodyCount: Int { body.count }

    /// Consumes bytes from `position` on until there is an event. Nil when all bytes are consumed without one.
    mutating func parse(_ bytes: Span<UInt8>, from position: inout Int) -> Event? {
        do {
            while true {
                switch phase {
                case .start, .fields, .chunkSize, .trailers:
                    guard try takeLine(bytes, &position) else { return nil }
                    defer { line.clear() }
                    if let event = try finishLine() { return event }
                case .bodyBegin(let framing):
                    if let event = try beginBody(framing) { return event }
                case .length(let remaining):
                    let taken = takeBody(bytes, &position, atMost: remaining)
                    if taken == remaining { return end() }
                    phase = .length(remaining: remaining - taken)
                    return nil
                case .chunkData(let remaining):
                    let taken = takeBody(bytes, &position, atMost: remaining)
                    phase = taken == remaining ? .chunkEnd : .chunkData(remaining: remaining - taken)
                    if taken < remaining { return nil }
                case .chunkEnd:
                    guard try takeLine(bytes, &position) else { return nil }
                    line.clear()
                    phase = .chunkSize
                case .dead:
                    return nil
                }
            }
        } catch {
            var error = error
            if case .fields(let requestLine) = phase { error.path = requestLine.target.rawPath }
            phase = .dead
            (line, fields, body) = (LineBuffer(), Fields(), [])
            return .refused(error)
        }
    }

    // MARK: Lines

    /// True when a complete line is in the buffer. A line that is too long is refused before it ends.
    private mutating func takeLine(_ bytes: Span<UInt8>, _ position: inout Int) throws(HTTPError) -> Bool {
        let (limit, status): (Int, Status) =
            switch phase {
            case .start: (limits.lineBytes, .uriTooLong)
            // CRLF must directly follow the data of a chunk.
            case .chunkEnd: (0, .badRequest)
            case .chunkSize: (16 + limits.chunkExtensionBytes, .badRequest)
            default: (limits.lineBytes, .headerFieldsTooLarge)
            }
        switch line.take(bytes, from: &position, limit: limit) {
        case .more: return false
        case .whole: return true
        case .tooLong: throw HTTPError(status, "A line of the request is too long.")
        case .malformed: throw HTTPError(.badRequest, "The request has a control character or a line that does not end in CRLF.")
        }
    }

    private mutating func finishLine() throws(HTTPError) -> Event? {
        switch phase {
        case .start(let seenEmptyLine):
            if line.isEmpty {
                // RFC 9112 2.2: old clients send one empty line before the request by mistake.
                guard !seenEmptyLine else { throw HTTPError(.badRequest, "The request begins with empty lines.") }
                phase = .start(seenEmptyLine: true)
            } else {
                do throws(HTTPError) {
                    phase = .fields(try RequestLine(line.bytes[...]))
                } catch {
                    var error = error
                    error.path = RequestLine.path(in: line.bytes[...])
                    throw error
                }
            }
        case .fields(let requestLine):
            if !line.isEmpty {
                try takeField(keep: true)
                return nil
            }
            let head = try RequestHead(line: requestLine, fields: fields)
            resetFields()
            phase = .bodyBegin(head.framing)
            bodyLimit = limits.bodyBytes
            return .head(head)
        case .chunkSize:
            try takeChunkSize()
        case .trailers:
            if line.isEmpty { return end() }
            // Trailer fields are checked like any field and then dropped, so that nothing after the body can change its meaning.
            try takeField(keep: false)
        default: break
        }
        return nil
    }

    /// RFC 9112 5: a token, directly followed by a colon, and a value without control characters. A line that begins with a space, such as
    /// obsolete folding, is not a token.
    private mutating func takeField(keep: Bool) throws(HTTPError) {
        fieldBytes += line.bytes.count + 2
        fieldCount += 1
        guard fieldBytes <= limits.headBytes, fieldCount <= limits.fieldCount else {
            throw HTTPError(.headerFieldsTooLarge, "The request has too many fields.")
        }
        let name = line.bytes.prefix { $0 != UInt8(ascii: ":") }
        guard !name.isEmpty, name.count < line.bytes.count, name.allSatisfy(\.isToken) else {
            throw HTTPError(.badRequest, "A field of the request is not valid.")
        }
        guard keep else { return }
        var value = line.bytes[(name.count + 1)...]
        while let first = value.first, first == .space || first == .tab { value.removeFirst() }
        while let last = value.last, last == .space || last == .tab { value.removeLast() }
        fields.append(checkedName: String(decoding: name, as: UTF8.self), value: String(decoding: value, as: UTF8.self))
    }

    private mutating func resetFields() {
        (fields, fieldBytes, fieldCount) = (Fields(), 0, 0)
    }

    // MARK: Bodies

    private mutating func beginBody(_ framing: Framing) throws(HTTPError) -> Event? {
        switch framing {
        case .none, .length(0):
            return end()
        case .length(let length):
            guard length <= bodyLimit else { throw Self.tooLarge }
            phase = .length(remaining: length)
        case .chunked:
            phase = .chunkSize
        }
        return nil
    }

    /// RFC 9112 7.1: one to sixteen hexadecimal digits and optional extensions, which are checked and ignored.
    private mutating func takeChunkSize() throws(HTTPError) {
        let digits = line.bytes.prefix { $0.hexValue != nil }
        guard (1...16).contains(digits.count), ChunkExtension.isValid(line.bytes[digits.endIndex...]) else {
            throw HTTPError(.badRequest, "The size of a chunk is not valid.")
        }
        extensionBytes += line.bytes.count - digits.count
        guard extensionBytes <= limits.chunkExtensionBytes else {
            throw HTTPError(.badRequest, "The chunks have too many extensions.")
        }
        let size = digits.reduce(into: UInt64(0)) { $0 = $0 << 4 | UInt64($1.hexValue ?? 0) }
        guard size <= UInt64(bodyLimit - body.count) else { throw Self.tooLarge }
        phase = size == 0 ? .trailers : .chunkData(remaining: Int(size))
    }

    private mutating func takeBody(_ bytes: Span<UInt8>, _ position: inout Int, atMost limit: Int) -> Int {
        let count = min(limit, bytes.count - position)
        if count > 0 {
            for index in position..<position + count { body.append(bytes[index]) }
            position += count
        }
        return count
    }

    private mutating func end() -> Event {
        let whole = body
        body = []
        extensionBytes = 0
        resetFields()
        phase = .start(seenEmptyLine: false)
        return .end(body: whole)
    }

    private static let tooLarge = HTTPError(.contentTooLarge, "The body is too large for this address.")
}
