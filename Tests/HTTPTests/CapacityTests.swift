// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

@testable import HTTP

struct `The capacity of a server` {
    private let capacity = Capacity()

    @Test func `is 512 connections, then the oldest idle one goes`() {
        #expect(capacity.room(connections: 511, ofAddress: 0) == .free)
        #expect(capacity.room(connections: 512, ofAddress: 0) == .afterOldestIdle)
    }

    @Test func `is 64 for an address, then one of its own goes`() {
        #expect(capacity.room(connections: 100, ofAddress: 63) == .free)
        #expect(capacity.room(connections: 100, ofAddress: 64) == .afterOldestIdleOfAddress)
        #expect(capacity.room(connections: 512, ofAddress: 64) == .afterOldestIdleOfAddress)
    }

    @Test func `counts a /64 of IPv6 as one address, since one host may have all of it`() throws {
        let source = { (text: String) in try Capacity.source(#require(IPAddress(text))) }
        #expect(try source("2001:db8:1:2::1") == source("2001:db8:1:2:ffff:ffff:ffff:ffff"))
        #expect(try source("2001:db8:1:2::1") != source("2001:db8:1:3::1"))
        #expect(try source("192.0.2.1") != source("192.0.2.2"))
    }
}
