// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

@testable import HTTP
import Net

/// A connection without a socket: text in, text out, and a clock that a test moves by hand.
struct Wire {
    private(set) var connection: Connection
    private(set) var sent = ""
    /// The requests that were passed on and are not answered yet.
    private(set) var running: [Request] = []
    private(set) var asked: [EventStream] = []
    /// The last action of the connection.
    private(set) var last = ""
    /// False while the client reads nothing.
    var takesOutput = true
    private let application: Application
    private var now = Instant(nanoseconds: 1_000_000_000_000)

    /// `answers` says whether requests are answered at once or wait in `running`.
    private let answers: Bool

    /// `service` is what this connection shares with others; by default it has its own.
    init(answers: Bool = true, peer: String = "192.0.2.7", _ application: Application = .counting, service: Service? = nil) {
        self.application = application
        self.answers = answers
        let endpoint = Endpoint(address: IPAddress(peer) ?? .v4(.loopback), port: 40_000)
        connection = Connection(service: service ?? Service(application: application), peer: endpoint, isTLS: false, now: now)
        drive()
    }

    mutating func receive(_ text: String) {
        let bytes = Array(text.utf8)
        connection.receive(bytes.span, tick)
        drive()
    }

    mutating func peerEnds() {
        connection.peerEnded()
        drive()
    }

    /// Advances the clock as the event loop does: to each deadline in turn.
    mutating func pass(_ duration: Duration, isCrowded: Bool = false) {
        let target = now + duration
        while let deadline = connection.deadline(isCrowded: isCrowded), deadline <= target, last != "close", last != "reset" {
            now = max(now, deadline)
            connection.expire(tick)
            drive()
        }
        now = target
    }

    mutating func answerFirst() {
        connection.answer(application.answer(to: running.removeFirst()), tick)
        drive()
    }

    mutating func step(_ step: EventStream.Step) {
        asked.removeFirst()
        connection.advance(step, tick)
        drive()
    }

    mutating func stop() {
        connection.stop(tick)
        drive()
    }

    mutating func write() {
        drive()
    }

    /// The output since the last call.
    mutating func take() -> String {
        defer { sent = "" }
        return sent
    }

    private var tick: Tick { Tick(now: now, date: Array("Sun, 06 Nov 1994 08:49:37 GMT".utf8)) }

    private mutating func drive() {
        while true {
            switch connection.next(tick) {
            case .read: return last = "read"
            case .wait: return last = "wait"
            case .close: return last = "close"
            case .reset: return last = "reset"
            case .shutdownWriting: sent += "<end>"
            case .ask(let source): asked.append(source)
            case .admit(let request): connection.admitBody(application.admission(ofBodyOf: request), tick)
            case .pull(let source): connection.deliver(source.step(), tick)
            case .run(let request):
                running.append(request)
                if answers { connection.answer(application.answer(to: running.removeFirst()), tick) }
            case .write:
                var taken = ""
                let isOpen = takesOutput
                let wrote = connection.write(now: tick.now) { (first: Span<UInt8>, second: Span<UInt8>) -> Int? in
                    guard isOpen else { return nil }
                    taken += text(first) + text(second)
                    return first.count + second.count
                }
                sent += taken
                if !wrote { return last = "write" }
            }
        }
    }
}

private func text(_ span: Span<UInt8>) -> String {
    var bytes: [UInt8] = []
    for index in span.indices { bytes.append(span[index]) }
    return String(decoding: bytes, as: UTF8.self)
}

extension Application {
    /// Answers with method, path and the length of the body.
    static let counting = Application { request in
        Response(.ok, body: .bytes(Array("\(request.method.rawValue) \(request.rawPath) \(request.body.count)".utf8)))
    }
}
