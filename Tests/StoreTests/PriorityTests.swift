// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Linux
import Net
import Support
import Synchronization
import Testing

@testable import Store

/// The portal's threads have a low priority. On a busy core they wait long for their next turn, and whoever waits for the only writer would too.
struct `A thread of low priority` {
    private let hub: TemporaryHub

    init() throws { hub = try TemporaryHub() }

    /// Runs `body` on a thread of low priority. It passes the nice values that it saw to `note`.
    private func nices(_ body: @escaping @Sendable (Database, _ note: () -> Void) throws -> Void) throws -> Set<Int32> {
        let seen = Mutex<Set<Int32>>([])
        let failure = Mutex<String?>(nil)
        let database = hub.database
        try Linux.Thread(name: "low", nice: 15) {
            do { try body(database) { _ = seen.withLock { $0.insert(Linux.Thread.nice) } } } catch { failure.withLock { $0 = "\(error)" } }
        }.join()
        #expect(failure.withLock { $0 } == nil)
        return seen.withLock { $0 }
    }

    @Test func `is never the only writer`() throws {
        let seen = try nices { database, note in
            try database.write { _ in note() }
            try database.change(by: .ada, at: 200) { db in
                note()
                try db.add(.sample("a"))
            }
            _ = try database.draft(by: .ada, at: 200) { _ in note() }
            _ = try database.exclusivelyIfFree { _ in note() }
        }
        #expect(seen == [Linux.Thread.nice])
        #expect(try hub.read { try $0.devices().count } == 1)
    }

    @Test func `announces no change itself, because it could lose its core between the commit and that`() throws {
        let handled = Atomic<Int32>(-1)
        hub.database.onChange { _ in handled.store(Linux.Thread.nice, ordering: .relaxed) }
        _ = try nices { database, _ in _ = try database.change(by: .ada, at: 200) { try $0.add(.sample("a")) } }
        #expect(handled.load(ordering: .relaxed) == Linux.Thread.nice)
    }

    @Test func `reads by itself, and gets the errors of its changes`() throws {
        let seen = try nices { database, note in
            try database.read { _ in note() }
            #expect(throws: StoreError.self) { try database.change(by: .ada, at: 200) { _ = try $0.device("none") } }
        }
        #expect(seen == [15])
    }
}
