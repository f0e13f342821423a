// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc
import Linux
import Synchronization
import Testing

@testable import HTTP

@Suite(.timeLimit(.minutes(1)))
struct `The event loop` {
    /// Which answers were given by the thread that owns the sockets.
    private final class Answers: Sendable {
        private let found = Mutex<(loop: pthread_t?, byLoop: [Bool])>((nil, []))

        func noteLoop() { found.withLock { $0.loop = pthread_self() } }
        func note() { found.withLock { $0.byLoop.append($0.loop == pthread_self()) } }
        var byLoop: [Bool] { found.withLock { $0.byLoop } }
    }

    private let answers = Answers()

    /// Answers to GET may be given by the loop; one to /long takes two milliseconds.
    private var application: Application {
        Application(
            respond: { [answers] request in
                answers.note()
                let start = ProcessorTime.ofThread()
                while request.path == ["long"], ProcessorTime.ofThread() - start < QuickRoutes.limit * 2 {}
                return .text(.ok, "done;")
            },
            quickRoute: { [answers] request in
                answers.noteLoop()
                return request.method == .get ? 3 : nil
            })
    }

    private func send(_ requests: [String]) throws -> [Bool] {
        let server = try LoopbackServer(application: application)
        let client = try LoopbackClient(server.server)
        for request in requests {
            client.send("\(request) HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = try #require(client.read(until: "done;"))
        }
        return answers.byLoop
    }

    @Test func `answers a route itself after a row of short answers by workers`() throws {
        let trials = QuickRoutes.trials.lowerBound
        let short = [String](repeating: "GET /", count: trials)
        #expect(try send(short + ["POST /", "GET /", "GET /"]) == short.map { _ in false } + [false, true, true])
    }

    @Test func `leaves a route to the workers after one long answer, for twice as long each time`() throws {
        let trials = QuickRoutes.trials.lowerBound
        let row = [String](repeating: "GET /", count: trials)
        let byLoop = try send(row + ["GET /long"] + row + row + ["GET /"])
        #expect(byLoop == row.map { _ in false } + [true] + (row + row).map { _ in false } + [true])
    }
}

struct `A quick route` {
    @Test func `needs an uninterrupted row of short answers`() {
        var routes = QuickRoutes()
        for _ in 1..<QuickRoutes.trials.lowerBound { routes.note(7, took: QuickRoutes.limit) }
        routes.note(7, took: QuickRoutes.limit + .nanoseconds(1))
        for _ in 1..<QuickRoutes.trials.lowerBound { routes.note(7, took: .zero) }
        #expect(!routes.contains(7))
        routes.note(7, took: .zero)
        #expect(routes.contains(7) && !routes.contains(6) && !routes.contains(8))
    }

    @Test func `needs a longer row each time, up to a limit`() {
        var routes = QuickRoutes()
        for row in [8, 16, 32, 64, 128, 256, 256] {
            for _ in 1..<row { routes.note(0, took: .zero) }
            #expect(!routes.contains(0), "\(row)")
            routes.note(0, took: .zero)
            #expect(routes.contains(0), "\(row)")
            routes.note(0, took: .milliseconds(5))
            #expect(!routes.contains(0), "\(row)")
        }
    }
}
