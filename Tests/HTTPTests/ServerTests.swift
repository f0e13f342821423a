// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import HTTP
import Linux
import Net
import Synchronization
import Testing

private let echo = Application { request in
    .text(.ok, "\(request.method.rawValue) \(request.rawPath) \(String(decoding: request.body, as: UTF8.self));")
}

private func get(_ path: String, _ fields: String = "") -> String { "GET \(path) HTTP/1.1\r\nHost: h\r\n\(fields)\r\n" }

@Suite(.timeLimit(.minutes(1)))
struct `A server` {
    @Test func `answers pipelined requests in their order and ends when asked`() throws {
        let server = try LoopbackServer(application: echo)
        let client = try LoopbackClient(server.server)
        client.send(get("/1") + get("/2") + get("/3") + get("/4", "Connection: close\r\n") + get("/5"))
        let text = try #require(client.readToEnd())
        #expect(text.bodies == ["GET /1 ;", "GET /2 ;", "GET /3 ;", "GET /4 ;"])
        #expect(text.components(separatedBy: "Connection: close").count == 2)
    }

    @Test func `answers requests that arrive byte by byte`() throws {
        let server = try LoopbackServer(application: echo)
        let client = try LoopbackClient(server.server)
        for character in "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: Close\r\n\r\n".unicodeScalars {
            client.send(String(character))
        }
        client.send("a")
        client.send("b")
        #expect(client.readToEnd()?.bodies == ["POST /p ab;"])
    }

    @Test func `answers a client that has closed its sending side`() throws {
        let server = try LoopbackServer(application: echo)
        let client = try LoopbackClient(server.server)
        client.send(get("/1") + get("/2"))
        client.endWriting()
        #expect(client.readToEnd()?.bodies == ["GET /1 ;", "GET /2 ;"])
    }

    @Test func `does not answer a body that was cut short`() throws {
        let server = try LoopbackServer(application: echo)
        let client = try LoopbackClient(server.server)
        client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab")
        client.endWriting()
        #expect(client.readToEnd() == "")
    }

    @Test func `answers a slow head with 408`() throws {
        let server = try LoopbackServer({ $0.timeouts.head = .milliseconds(50) }, application: echo)
        let client = try LoopbackClient(server.server)
        client.send("GET / HT")
        #expect(client.readToEnd()?.hasPrefix("HTTP/1.1 408 ") == true)
    }

    @Test func `closes a silent connection without a response`() throws {
        let server = try LoopbackServer({ $0.timeouts.head = .milliseconds(50) }, application: echo)
        #expect(try LoopbackClient(server.server).readToEnd() == "")
    }

    @Test func `refuses a large body and still lets the client read the answer`() throws {
        let server = try LoopbackServer(application: echo)
        let client = try LoopbackClient(server.server)
        client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n" + String(repeating: "x", count: 500_000))
        #expect(client.readToEnd()?.hasPrefix("HTTP/1.1 413 ") == true)
    }

    @Test func `writes a large answer to a slow reader and then the next one`() throws {
        let large = String(repeating: "x", count: 8 << 20)
        let server = try LoopbackServer(application: Application { request in .text(.ok, request.path == [] ? large : "small") })
        let client = try LoopbackClient(server.server)
        client.send(get("/") + get("/small", "Connection: close\r\n"))
        Linux::Thread.sleep(.milliseconds(100))
        let text = try #require(client.readToEnd())
        #expect(text.utf8.count > 8 << 20)
        #expect(text.hasSuffix("\r\n\r\nsmall"))
    }

    @Test func `turns a thrown error into 500 with the id of the request, and finishes every answer`() throws {
        struct Broken: Error {}
        var application = Application { _ in throw Broken() }
        application.finish = { _, response in response.fields.set("X-Frame-Options", "DENY") }
        let server = try LoopbackServer(application: application)
        let client = try LoopbackClient(server.server)
        client.send(get("/") + "bad\r\n\r\n")
        let text = try #require(client.readToEnd())
        #expect(text.hasPrefix("HTTP/1.1 500 Internal Server Error\r\nDate: "))
        #expect(text.contains("HTTP/1.1 400 "))
        #expect(text.components(separatedBy: "X-Frame-Options: DENY\r\n").count == 3)
    }

    @Test func `answers 503 if all workers are busy and the queue is full`() throws {
        let gate = Gate()
        let server = try LoopbackServer(
            {
                $0.workerCount = 1
                $0.capacity.queuedRequests = 1
            },
            application: Application { _ in
                gate.wait()
                return .text(.ok, "done")
            })
        let clients = try (0..<4).map { _ in try LoopbackClient(server.server) }
        clients[0].send(get("/", "Connection: close\r\n"))
        gate.waitUntilSomebodyWaits()
        // One is in progress, and any one of the others waits.
        for client in clients.dropFirst() { client.send(get("/", "Connection: close\r\n")) }
        Linux::Thread.sleep(.milliseconds(300))
        gate.open()
        let answers = clients.compactMap { $0.readToEnd() }
        #expect(answers.count { $0.hasPrefix("HTTP/1.1 200 ") } == 2)
        #expect(answers.count { $0.hasPrefix("HTTP/1.1 503 ") && $0.contains("Retry-After: 1\r\n") } == 2)
    }

    @Test func `closes the oldest idle connection at its limit, and refuses new ones if all have a request in progress`() throws {
        let gate = Gate()
        let server = try LoopbackServer(
            { $0.capacity.connections = 2 },
            application: Application { request in
                if request.path == ["slow"] { gate.wait() }
                return .text(.ok, "done;")
            })
        let idle = try LoopbackClient(server.server)
        idle.send(get("/"))
        #expect(idle.read(until: ";") != nil)
        let busy = try (0..<2).map { _ in try LoopbackClient(server.server) }
        for client in busy { client.send(get("/slow", "Connection: close\r\n")) }
        #expect(idle.readToEnd() == "")
        Linux::Thread.sleep(.milliseconds(100))
        #expect(try LoopbackClient(server.server).readToEnd()?.hasPrefix("HTTP/1.1 503 ") == true)
        gate.open()
        for client in busy { #expect(client.readToEnd()?.hasSuffix("done;") == true) }
    }

    @Test func `allows loopback more connections than another address`() throws {
        let server = try LoopbackServer({ $0.capacity.connectionsPerAddress = 2 }, application: echo)
        let clients = try (0..<5).map { _ in try LoopbackClient(server.server) }
        for client in clients { client.send(get("/", "Connection: close\r\n")) }
        #expect(clients.compactMap { $0.readToEnd()?.bodies.first } == Array(repeating: "GET / ;", count: 5))
    }

    @Test func `drops a body that no handler wants and continues`() throws {
        let server = try LoopbackServer(
            application: Application { request in
                if request.method == .post { throw HTTPError.methodNotAllowed(allow: [.get]) }
                return .text(.ok, "\(request.method.rawValue) \(request.rawPath) ;")
            })
        let hidden = "GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n"
        for method in ["GET", "POST", "OPTIONS"] {
            let client = try LoopbackClient(server.server)
            client.send("\(method) /1 HTTP/1.1\r\nHost: h\r\nContent-Length: \(hidden.utf8.count)\r\n\r\n\(hidden)")
            client.send(get("/2", "Connection: close\r\n"))
            let text = try #require(client.readToEnd())
            #expect(!text.contains("/hidden"), "\(method)")
            #expect(text.hasSuffix("GET /2 ;"), "\(method)")
        }
    }

    @Test func `refuses a port that is taken`() throws {
        let server = try LoopbackServer(application: echo)
        let address = server.server.address
        let error = #expect(throws: ServerError.self) {
            _ = try LoopbackServer({ $0.address = address }, application: echo)
        }
        #expect(error?.description == "HTTP port \(address.port ?? 0) is in use. Choose another with --http.")
    }
}

@Suite(.timeLimit(.minutes(1)))
struct `A server that stops` {
    @Test func `ends idle connections and finishes the request in progress`() throws {
        let gate = Gate()
        let server = try LoopbackServer(
            application: Application { request in
                if request.path == ["slow"] { gate.wait() }
                return .text(.ok, "done;")
            })
        let idle = try LoopbackClient(server.server), busy = try LoopbackClient(server.server)
        idle.send(get("/"))
        #expect(idle.read(until: ";") != nil)
        busy.send(get("/slow"))
        gate.waitUntilSomebodyWaits()
        let running = server.server
        let stopper = try Linux::Thread(name: "stopper") { running.stop() }
        #expect(idle.readToEnd() == "")
        gate.open()
        let answer = try #require(busy.readToEnd())
        #expect(answer.contains("Connection: close\r\n"))
        #expect(answer.hasSuffix("done;"))
        stopper.join()
        #expect(throws: (any Error).self) { try LoopbackClient(running) }
    }

    @Test func `waits for a stuck handler no longer than its limit`() throws {
        let gate = Gate()
        let server = try LoopbackServer(
            { $0.timeouts.stop = .milliseconds(50) },
            application: Application { _ in
                gate.wait()
                return .text(.ok, "late")
            })
        let client = try LoopbackClient(server.server)
        client.send(get("/"))
        gate.waitUntilSomebodyWaits()
        server.server.stop()
        #expect(client.readToEnd() == "")
        gate.open()
    }
}

/// Holds handlers back until it is opened.
final class Gate: Sendable {
    private let isOpen = Atomic(false)
    private let isAwaited = Atomic(false)

    func open() { isOpen.store(true, ordering: .releasing) }
    func waitUntilSomebodyWaits() { while !isAwaited.load(ordering: .acquiring) { Linux::Thread.sleep(.milliseconds(1)) } }

    func wait() {
        isAwaited.store(true, ordering: .releasing)
        while !isOpen.load(ordering: .acquiring) { Linux::Thread.sleep(.milliseconds(1)) }
    }
}

extension String {
    /// The bodies of responses whose text ends with a semicolon.
    fileprivate var bodies: [String] {
        components(separatedBy: "\r\n\r\n").dropFirst().map { part in
            part.firstIndex(of: ";").map { String(part[...$0]) } ?? part
        }
    }
}
