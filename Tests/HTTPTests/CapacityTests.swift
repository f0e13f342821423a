// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

@testable import HTTP

struct `The capacity of a server` {
    private let capacity = Capacity()

    @Test func `is 512 connections, then the slowest one is closed`() {
        #expect(capacity.room(connections: 511, known: 0, ofSource: 0) == .free)
        #expect(capacity.room(connections: 512, known: 0, ofSource: 0) == .afterSlowest)
    }

    @Test func `is 128 more for known clients`() {
        #expect(capacity.room(connections: 600, known: 89, ofSource: 0) == .free)
        #expect(capacity.room(connections: 600, known: 88, ofSource: 0) == .afterSlowest)
        #expect(capacity.room(connections: 639, known: 128, ofSource: 0) == .free)
        #expect(capacity.room(connections: 640, known: 640, ofSource: 0) == .afterSlowest)
    }

    @Test func `is 64 for a source, then one of its own is closed`() {
        #expect(capacity.room(connections: 100, known: 0, ofSource: 63) == .free)
        #expect(capacity.room(connections: 100, known: 0, ofSource: 64) == .afterSlowestOfSource)
        #expect(capacity.room(connections: 512, known: 0, ofSource: 64) == .afterSlowestOfSource)
    }

    @Test func `counts an IPv6 /64 as one source, because one host may have all of it`() throws {
        let source = { (text: String) in try Capacity.source(#require(IPAddress(text))) }
        #expect(try source("2001:db8:1:2::1") == source("2001:db8:1:2:ffff:ffff:ffff:ffff"))
        #expect(try source("2001:db8:1:2::1") != source("2001:db8:1:3::1"))
        #expect(try source("192.0.2.1") != source("192.0.2.2"))
    }
}

struct `The connection that is closed to make room` {
    private func place(
        _ token: UInt64, _ source: String, since: UInt64 = 0, idle: Bool = false, inHand: Bool = false, known: Bool = false
    ) throws -> Capacity.Place {
        let begin = Instant(nanoseconds: since)
        return Capacity.Place(
            token: token, source: try #require(IPAddress(source)), isKnown: known,
            standing: inHand ? .inHand : idle ? .idle(since: begin) : .unfinished(since: begin))
    }

    @Test func `is the slowest of the source with the most connections`() throws {
        let places = [
            try place(1, "192.0.2.1", since: 1), try place(2, "192.0.2.2", since: 3), try place(3, "192.0.2.2", since: 2),
            try place(4, "192.0.2.2", since: 4),
        ]
        #expect(Capacity().leaver(among: places) == 3)
        #expect(Capacity().leaver(among: [places[0], places[1]]) == 1)
        #expect(Capacity().leaver(among: places, of: places[0].source) == 1)
    }

    @Test func `is an idle one before a busy one of the same source, and never one that waits for a response`() throws {
        let places = [
            try place(1, "192.0.2.1", since: 1, inHand: true), try place(2, "192.0.2.1", since: 2), try place(3, "192.0.2.1", since: 9, idle: true),
        ]
        #expect(Capacity().leaver(among: places) == 3)
        #expect(Capacity().leaver(among: [places[0], places[1]]) == 2)
        #expect(Capacity().leaver(among: [places[0]]) == nil)
    }

    @Test func `is of a known client only if there are more of those than reserved places`() throws {
        var capacity = Capacity()
        capacity.knownConnections = 2
        let known = try (1...3).map { try place($0, "192.0.2.1", since: $0, known: true) }
        let stranger = try place(9, "198.51.100.1", since: 9)
        #expect(capacity.leaver(among: known.prefix(2) + [stranger]) == 9)
        #expect(capacity.leaver(among: Array(known.prefix(2))) == nil)
        #expect(capacity.leaver(among: known + [stranger]) == 1)
        #expect(capacity.leaver(among: known + [try place(9, "192.0.2.1", since: 9)], of: stranger.source) == nil)
        #expect(capacity.leaver(among: known + [try place(9, "192.0.2.1", since: 9)], of: known[0].source) == 9)
    }
}
