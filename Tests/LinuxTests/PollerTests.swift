// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Testing

struct `A poller` {
    @Test func `returns nothing when the time is up`() throws {
        var poller = try Poller()
        let count = try poller.wait(timeout: .milliseconds(1))
        #expect(count == 0)
    }

    @Test func `returns the token of a descriptor that became readable`() throws {
        var poller = try Poller()
        let wake = try EventDescriptor()
        try poller.add(wake.descriptor, token: 42, for: .readable)
        wake.signal()
        let count = try poller.wait(timeout: .seconds(5))
        let event = poller[0]
        #expect(count == 1)
        #expect(event.token == 42)
        #expect(event.isReadable)
    }

    @Test func `reports a level until it is drained, and an edge once`() throws {
        var poller = try Poller()
        let wake = try EventDescriptor()
        try poller.add(wake.descriptor, token: 1, for: .readable)
        wake.signal()
        let byLevel = [try poller.wait(timeout: .zero), try poller.wait(timeout: .zero)]
        try poller.modify(wake.descriptor, token: 1, for: [.readable, .edge])
        let byEdge = [try poller.wait(timeout: .zero), try poller.wait(timeout: .zero)]
        #expect(byLevel == [1, 1])
        #expect(byEdge == [1, 0])
    }

    @Test func `forgets removed descriptors`() throws {
        var poller = try Poller()
        let wake = try EventDescriptor()
        try poller.add(wake.descriptor, token: 1, for: .readable)
        try poller.remove(wake.descriptor)
        wake.signal()
        let count = try poller.wait(timeout: .zero)
        #expect(count == 0)
    }

    @Test func `refuses the same descriptor twice`() throws {
        let poller = try Poller()
        let wake = try EventDescriptor()
        try poller.add(wake.descriptor, token: 1, for: .readable)
        var refusal: Errno?
        do { try poller.add(wake.descriptor, token: 2, for: .readable) } catch { refusal = error }
        #expect(refusal == .fileExists)
    }

    @Test func `is woken from another thread`() throws {
        final class Shared: Sendable { let wake: EventDescriptor; init() throws { wake = try EventDescriptor() } }
        let shared = try Shared()
        var poller = try Poller()
        try poller.add(shared.wake.descriptor, token: 1, for: .readable)
        let thread = try Thread(name: "waker") { shared.wake.signal() }
        let count = try poller.wait(timeout: .seconds(5))
        thread.join()
        #expect(count == 1)
        let drained = [shared.wake.drain(), shared.wake.drain()]
        #expect(drained == [true, false])
    }
}
