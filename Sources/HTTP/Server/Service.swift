// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization
import Words

/// What all connections of a server share. It never changes.
final class Service: Sendable {
    let application: Application
    let limits: Limits
    let timeouts: Timeouts
    let proxies: TrustedProxies
    /// Whether connections of the proxies begin with a PROXY header.
    let expectsProxyHeader: Bool
    let largeBodies: LargeBodies
    let queued: QueuedBytes
    private let requestCount = Atomic<UInt64>(0)
    private let firstID = UInt64.random(in: 0...UInt64.max)

    init(
        application: Application, limits: Limits = Limits(), timeouts: Timeouts = Timeouts(), proxies: [IPPrefix] = [],
        expectsProxyHeader: Bool = false, capacity: Capacity = Capacity()
    ) {
        largeBodies = LargeBodies(capacity)
        queued = QueuedBytes(maximum: capacity.queuedBytes)
        self.application = application
        self.limits = limits
        self.timeouts = timeouts
        self.proxies = TrustedProxies(prefixes: proxies)
        self.expectsProxyHeader = expectsProxyHeader
    }

    /// The whole answer to a client that speaks plain HTTP to a port with TLS. Its request is not read.
    func answerToPlainHTTP(_ tick: Tick) -> [UInt8] {
        let error = HTTPError(.badRequest, "This port speaks HTTPS. Begin the address with https://")
        let response = application.answer(to: error, id: nextRequestID())
        guard case .bytes(let body) = response.body else { return [] }
        return ResponseHead.bytes(of: response, date: tick.date, end: .length(body.count), endsConnection: true) + body
    }

    /// An id for a request: unique in this run, and different from those of the last run.
    func nextRequestID() -> String {
        let count = requestCount.wrappingAdd(1, ordering: .relaxed).newValue
        // An odd factor makes consecutive ids look different and keeps them unique.
        var number = (firstID &+ count) &* 0x9E37_79B9_7F4A_7C15
        var digits: [UInt8] = []
        digits.reserveCapacity(13)
        repeat {
            digits.append(Self.digits[Int(number % 36)])
            number /= 36
        } while number > 0
        return String(decoding: digits, as: UTF8.self)
    }

    private static let digits = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)
}

/// One turn of the event loop: its monotonic time and the text of the Date field.
struct Tick: Sendable {
    let now: Instant
    let date: [UInt8]
}

/// Limits how many bodies above the default limit are held at once, in all and for each sender. May be used from any thread.
final class LargeBodies: Sendable {
    /// Room for one body; freed when it is released.
    final class Room: Sendable {
        private let owner: LargeBodies
        private let places: Int
        private let sender: String

        fileprivate init(_ owner: LargeBodies, _ places: Int, _ sender: String) {
            (self.owner, self.places, self.sender) = (owner, places, sender)
        }

        deinit { owner.free(places, sender) }
    }

    private struct Taken {
        var places = 0
        /// Bodies of each sender who has some.
        var bodies: [String: Int] = [:]
    }

    private let maximum: Int
    private let maximumPerSender: Int
    private let bytesOfPlace: Int
    private let taken = Mutex(Taken())

    init(_ capacity: Capacity) {
        (maximum, maximumPerSender) = (capacity.largeBodies, capacity.largeBodiesPerSender)
        bytesOfPlace = capacity.largeBodyBytes
    }

    /// Room for a body of at most `limit` bytes. Nil when there is none, or when its sender has had their share.
    func take(limit: Int, of sender: String) -> Room? {
        let places = max(1, min(maximum, (limit + bytesOfPlace - 1) / bytesOfPlace))
        return taken.withLock { taken in
            guard taken.places + places <= maximum, taken.bodies[sender, default: 0] < maximumPerSender else { return nil }
            taken.places += places
            taken.bodies[sender, default: 0] += 1
            return Room(self, places, sender)
        }
    }

    private func free(_ places: Int, _ sender: String) {
        taken.withLock { taken in
            taken.places -= places
            let left = taken.bodies[sender, default: 1] - 1
            taken.bodies[sender] = left == 0 ? nil : left
        }
    }
}
