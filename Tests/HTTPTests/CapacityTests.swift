// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

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
}
