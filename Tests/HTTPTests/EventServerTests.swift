// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Linux
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct `Event streams of a server` {
    /// Counts the calls, for the key in the path.
    private let application: Application = {
        let count = Mutex(0)
        return Application { request in
            .events(
                EventStream(key: request.path.first ?? "", owner: request.query["owner"], interval: .milliseconds(10)) {
                    let number = count.withLock { value in
                        value += 1
                        return value
                    }
                    return .event(.init(id: "\(number)", data: "state"))
                })
        }
    }()

    private func open(_ server: LoopbackServer, _ key: String) throws -> LoopbackClient {
        let client = try LoopbackClient(server.server)
        client.send("GET /\(key) HTTP/1.1\r\nHost: h\r\n\r\n")
        return client
    }

    @Test func `arrive when their source has news`() throws {
        let server = try LoopbackServer(application: application)
        let text = try #require(try open(server, "a").read(until: "id: 3\n"))
        #expect(text.contains("retry: 3000\n\nid: 1\ndata: state\n\nid: 2\ndata: state\n\n"))
    }

    @Test func `are limited for each key and in total`() throws {
        let server = try LoopbackServer(
            {
                $0.capacity.eventStreamsPerKey = 1
                $0.capacity.eventStreams = 2
            }, application: application)
        let first = try open(server, "a")
        #expect(first.read(until: "id: ") != nil)
        #expect(try open(server, "a").read(until: "\r\n")?.hasPrefix("HTTP/1.1 503 ") == true)
        let second = try open(server, "b")
        #expect(second.read(until: "id: ") != nil)
        #expect(try open(server, "c").read(until: "\r\n")?.hasPrefix("HTTP/1.1 503 ") == true)
    }

    @Test func `are limited for the owner of several keys, so that others have room`() throws {
        let server = try LoopbackServer({ $0.capacity.eventStreamsPerOwner = 2 }, application: application)
        let streams = try ["a?owner=eve", "b?owner=eve"].map { try open(server, $0) }
        for stream in streams { #expect(stream.read(until: "id: ") != nil) }
        #expect(try open(server, "c?owner=eve").read(until: "\r\n")?.hasPrefix("HTTP/1.1 503 ") == true)
        let other = try open(server, "d?owner=ada")
        #expect(other.read(until: "id: ") != nil)
    }

    @Test func `can be ended by their key`() throws {
        let server = try LoopbackServer(application: application)
        let first = try open(server, "a"), second = try open(server, "b")
        #expect(first.read(until: "id: ") != nil)
        #expect(second.read(until: "id: ") != nil)
        server.server.endEvents(key: "a")
        #expect(first.readToEnd()?.hasSuffix("retry: 3000\n\n") == true)
        #expect(second.read(until: "id: ") != nil)
    }
}
