// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

@testable import HTTP

/// Every limit of a request, tried with exactly as much as it allows and with one more.
struct `A limit of a request` {
    /// A request made for a given number of units, and what the server says to one unit too many.
    struct Limit: Sendable, CustomTestStringConvertible {
        let name: String
        let allowed: Int
        let refusal: Int
        let request: @Sendable (_ count: Int) -> String
        var testDescription: String { name }
    }

    private static let limits = Limits()

    private static func x(_ count: Int) -> String { String(repeating: "x", count: count) }

    /// Field lines with `count` bytes together, including CRLF and the line `Host: h`.
    private static func fields(_ count: Int) -> String {
        var (lines, left) = ("Host: h\r\n", count - 9)
        while left > 0 {
            // No line may be longer than its own limit, or so short that it is no field.
            let length = left > 8_192 + 10 ? 8_000 : min(left, 8_100)
            lines += "A: \(x(length - 5))\r\n"
            left -= length
        }
        return lines
    }

    private static func chunked(_ chunks: [Int]) -> String {
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
            + chunks.map { "\(String($0, radix: 16))\r\n\(x($0))\r\n" }.joined() + "0\r\n\r\n"
    }

    private static func extensions(_ counts: [Int]) -> String {
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + counts.map { "1;\(x($0 - 1))\r\nx\r\n" }.joined() + "0\r\n\r\n"
    }

    private static func trailers(_ lines: String) -> String {
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\(lines)\r\n"
    }

    static let all: [Limit] = [
        Limit(name: "bytes of the request line", allowed: limits.lineBytes, refusal: 414) { "GET /\(x($0 - 14)) HTTP/1.1\r\nHost: h\r\n\r\n" },
        Limit(name: "bytes of a field line", allowed: limits.lineBytes, refusal: 431) { "GET / HTTP/1.1\r\nHost: h\r\nA: \(x($0 - 3))\r\n\r\n" },
        Limit(name: "bytes of all field lines", allowed: limits.headBytes, refusal: 431) { "GET / HTTP/1.1\r\n\(fields($0))\r\n" },
        Limit(name: "field lines", allowed: limits.fieldCount, refusal: 431) { count in
            "GET / HTTP/1.1\r\nHost: h\r\n\(String(repeating: "A: b\r\n", count: count - 1))\r\n"
        },
        Limit(name: "bytes of a body", allowed: limits.bodyBytes, refusal: 413) { count in
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \(count)\r\n\r\n\(x(count))"
        },
        Limit(name: "bytes of one chunk", allowed: limits.bodyBytes, refusal: 413) { chunked([$0]) },
        Limit(name: "bytes of several chunks", allowed: limits.bodyBytes, refusal: 413) { chunked([30_000, 30_000, $0 - 60_000]) },
        Limit(name: "bytes of an extension of a chunk", allowed: limits.chunkExtensionBytes, refusal: 400) { extensions([$0]) },
        Limit(name: "bytes of the extensions of several chunks", allowed: limits.chunkExtensionBytes, refusal: 400) {
            extensions([2_000, 2_000, $0 - 4_000])
        },
        Limit(name: "digits of the size of a chunk", allowed: 16, refusal: 400) { count in
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\(String(repeating: "0", count: count - 1))1\r\nx\r\n0\r\n\r\n"
        },
        Limit(name: "bytes of a trailer line", allowed: limits.lineBytes, refusal: 431) { trailers("A: \(x($0 - 3))\r\n") },
        Limit(name: "bytes of all trailer lines", allowed: limits.headBytes, refusal: 431) { trailers(fields($0)) },
        Limit(name: "trailer lines", allowed: limits.fieldCount, refusal: 431) { trailers(String(repeating: "A: b\r\n", count: $0)) },
    ]

    @Test(arguments: all)
    func `allows what it says, and not one more`(limit: Limit) {
        var wire = Wire()
        wire.receive(limit.request(limit.allowed))
        #expect(String(wire.take().prefix(13)) == "HTTP/1.1 200 ")
        // The connection is not worn out by it: the same again is taken, and then one more is refused.
        wire.receive(limit.request(limit.allowed))
        #expect(String(wire.take().prefix(13)) == "HTTP/1.1 200 ")
        wire.receive(limit.request(limit.allowed + 1))
        #expect(String(wire.take().prefix(13)) == "HTTP/1.1 \(limit.refusal) ")
    }

    @Test func `of requests on one connection is told with the last one`() {
        var wire = Wire()
        for _ in 1..<Connection.maximumRequests { wire.receive("GET / HTTP/1.1\r\nHost: h\r\n\r\n") }
        #expect(!wire.take().contains("Connection: close"))
        wire.receive("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        let last = wire.take()
        #expect(last.contains("Connection: close"))
        #expect(last.hasSuffix("<end>"))
    }

    @Test func `of large bodies at once is as large as it says`() {
        let bodies = largeBodies(3)
        var rooms = (0..<3).map { _ in take(bodies, 100) }
        #expect(rooms.allSatisfy { $0 != nil })
        #expect(take(bodies, 100) == nil)
        rooms.removeLast()
        #expect(take(bodies, 1) != nil)
    }

    @Test func `of large bodies counts a very large one as several, but lets it in alone`() {
        let bodies = largeBodies(4)
        var rooms = [take(bodies, 101), take(bodies, 200)]
        #expect(rooms.allSatisfy { $0 != nil })
        #expect(take(bodies, 1) == nil)
        rooms.removeAll()
        let largest = take(bodies, 100_000)
        #expect(largest != nil && take(bodies, 1) == nil)
    }

    @Test func `of large bodies holds two forms with the largest file, or many with a small one`() {
        let bodies = LargeBodies(Capacity())
        var rooms = (0..<2).map { _ in take(bodies, 64 << 20 + 16 << 10) }
        #expect(rooms.allSatisfy { $0 != nil })
        #expect(take(bodies, 64 << 20 + 16 << 10) == nil)
        #expect(take(bodies, 1 << 20) != nil)
        rooms = (0..<32).map { _ in take(bodies, 1 << 20) }
        #expect(rooms.count { $0 != nil } < 32)
        rooms.removeAll()
        rooms = (0..<32).map { _ in take(bodies, 4 << 20 + 16 << 10) }
        #expect(rooms.allSatisfy { $0 != nil })
    }

    @Test func `of large bodies leaves room for others beside one sender`() {
        let bodies = largeBodies(32)
        var rooms = (0..<4).map { _ in bodies.take(limit: 100, of: "one") }
        #expect(rooms.allSatisfy { $0 != nil })
        #expect(bodies.take(limit: 100, of: "one") == nil)
        #expect(bodies.take(limit: 100, of: "other") != nil)
        rooms.removeLast()
        #expect(bodies.take(limit: 100, of: "one") != nil)
    }

    /// Room for a body of a sender who has no other.
    private func take(_ bodies: LargeBodies, _ limit: Int) -> LargeBodies.Room? {
        bodies.take(limit: limit, of: String(UInt64.random(in: 0 ... .max)))
    }

    private func largeBodies(_ count: Int) -> LargeBodies {
        var capacity = Capacity()
        (capacity.largeBodies, capacity.largeBodyBytes) = (count, 100)
        return LargeBodies(capacity)
    }

    @Test func `of connections from one source is as large as it says`() {
        var capacity = Capacity()
        (capacity.connections, capacity.connectionsPerAddress) = (100, 3)
        let isFree = { (all: Int, own: Int) in if case .free = capacity.room(connections: all, known: 0, ofSource: own) { true } else { false } }
        #expect(isFree(10, 2))
        #expect(!isFree(10, 3))
        #expect(isFree(99, 0))
        #expect(!isFree(100, 0))
    }
}
