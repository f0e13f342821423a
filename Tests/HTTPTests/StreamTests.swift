// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Linux
import Net
import Synchronization
import Testing

@testable import HTTP

private let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

/// Returns these pieces, then fails or ends.
private func application(_ pieces: [String], fails: Bool = false) -> Application {
    struct Broken: Error {}
    return Application { request in
        if request.path == ["next"] { return .text(.ok, "next") }
        let rest = Mutex(pieces[...])
        return Response(
            .ok,
            body: .stream(
                ByteStream {
                    let piece = rest.withLock { $0.popFirst() }
                    if piece == nil, fails { throw Broken() }
                    return piece.map { Array($0.utf8) }
                }))
    }
}

struct `A body that is made while it is sent` {
    @Test func `is sent in chunks, and the connection stays open`() {
        var wire = Wire(application(["hello ", "", "a longer piece"]))
        wire.receive("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n")
        let text = wire.take()
        #expect(
            text.hasPrefix("HTTP/1.1 200 OK\r\n\(date)Transfer-Encoding: chunked\r\n\r\n6\r\nhello \r\ne\r\na longer piece\r\n0\r\n\r\nHTTP/1.1 200 ")
        )
        #expect(text.hasSuffix("\r\n\r\nnext"))
        #expect(wire.last == "read")
    }

    @Test func `ends with the connection for HTTP 1.0, or if the client says close`() {
        var wire = Wire(application(["hello ", "you"]))
        wire.receive("GET / HTTP/1.0\r\n\r\n")
        #expect(wire.take() == "HTTP/1.1 200 OK\r\n\(date)Connection: close\r\n\r\nhello you<end>")
        wire = Wire(application(["hello"]))
        wire.receive("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        #expect(wire.take().hasSuffix("Connection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n<end>"))
    }

    @Test func `is not produced for HEAD`() {
        var wire = Wire(application(["hello"], fails: true))
        wire.receive("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(wire.take() == "HTTP/1.1 200 OK\r\n\(date)Transfer-Encoding: chunked\r\n\r\n")
        #expect(wire.last == "read")
    }

    @Test(arguments: ["1.0", "1.1"])
    func `breaks the connection if its source fails, so that the client notices`(version: String) {
        var wire = Wire(application(["hello"], fails: true))
        wire.receive("GET / HTTP/\(version)\r\nHost: h\r\n\r\n")
        #expect(!wire.take().contains("0\r\n\r\n"))
        #expect(wire.last == "reset")
    }

    @Test func `is produced only as fast as the client reads, and ends if the client reads nothing for long`() {
        let count = Mutex(0)
        var wire = Wire(
            Application { _ in
                Response(
                    .ok,
                    body: .stream(
                        ByteStream {
                            count.withLock { $0 += 1 }
                            return Array("piece".utf8)
                        }))
            })
        wire.takesOutput = false
        wire.receive("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(count.withLock { $0 } == 0)
        wire.pass(.seconds(21))
        #expect(wire.last == "reset")
    }
}

@Suite(.timeLimit(.minutes(1)))
struct `A server with slow readers` {
    private static let piece = [UInt8](repeating: 0x78, count: 50_000)

    /// Endless pieces at /endless, 8 MB at /large, and a small body elsewhere.
    private static let application = Application { request in
        switch request.path {
        case ["endless"]: Response(.ok, body: .stream(ByteStream { piece }))
        case ["large"]: Response(.ok, body: .bytes([UInt8](repeating: 0x78, count: 8 << 20)))
        default: .text(.ok, "small;")
        }
    }

    private func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n" }

    @Test func `holds one piece for each of them`() throws {
        let server = try LoopbackServer(application: Self.application)
        let readers = try (0..<20).map { _ in try LoopbackClient(server.server) }
        for reader in readers { reader.send(get("/endless")) }
        for _ in 0..<50 {
            Linux::Thread.sleep(.milliseconds(10))
            #expect(server.server.queuedByteCount <= 20 * (Self.piece.count + 1024))
        }
        #expect(server.server.queuedByteCount > 0)
        withExtendedLifetime(readers) {}
    }

    @Test func `frees the waiting output of clients that are gone`() throws {
        let server = try LoopbackServer(application: Self.application)
        do {
            let readers = try (0..<5).map { _ in try LoopbackClient(server.server) }
            for reader in readers { reader.send(get("/large")) }
            while server.server.queuedByteCount < 5 << 20 { Linux::Thread.sleep(.milliseconds(1)) }
            withExtendedLifetime(readers) {}
        }
        while server.server.queuedByteCount > 0 { Linux::Thread.sleep(.milliseconds(1)) }
    }

    @Test func `makes nothing more for a source that reads nothing, serves others, and continues once it reads`() throws {
        let server = try LoopbackServer({ $0.capacity.queuedBytes = 12 << 20 }, application: Self.application)
        let readers = try (0..<12).map { _ in try LoopbackClient(server.server, from: 0x0101) }
        for reader in readers { reader.send(get("/large")) }
        Linux::Thread.sleep(.milliseconds(500))
        // Responses in progress are finished when the limit is reached.
        #expect(server.server.queuedByteCount < (12 << 20) + 4 * (8 << 20))
        let other = try LoopbackClient(server.server, from: 0x0202)
        other.send(get("/"))
        #expect(other.read(until: "small;") != nil)
        // Requests that waited are answered, not refused.
        let whole = Mutex(0)
        let threads = try readers.map { reader in
            try Linux::Thread(name: "reader") {
                reader.endWriting()
                guard let text = reader.readToEnd(), text.hasPrefix("HTTP/1.1 200 "), text.utf8.count > 8 << 20 else { return }
                whole.withLock { $0 += 1 }
            }
        }
        for thread in threads { thread.join() }
        #expect(whole.withLock { $0 } == readers.count)
    }
}
