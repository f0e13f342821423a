// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Net
import Testing

@testable import Store

/// Problems outside the program that keep the database from working: reported in one line, and gone when the problem is gone.
struct `Trouble around the database` {
    let hub: TemporaryHub

    init() throws { hub = try TemporaryHub() }

    /// The error of a change, which must not leave anything behind.
    private func refused(_ name: String = "refused") -> StoreError? {
        let error = #expect(throws: StoreError.self) { try hub.add(.sample(name)) }
        #expect((try? hub.read { try $0.devices() }.contains { $0.name == name }) != true)
        return error
    }

    @Test func `a full disk is reported, and nothing is half done when there is room again`() throws {
        let pages = try #require(try hub.database.writer.first("PRAGMA page_count") { try $0.integer() })
        try hub.database.writer.script("PRAGMA max_page_count = \(pages)")
        // Pages may still have room for a few rows.
        for number in 0..<200 where (try? hub.add(.sample("device \(number)"))) == nil { break }
        let count = try hub.read { try $0.devices() }.count
        #expect(refused()?.trouble == .full)
        #expect(hub.database.trouble == .full)
        #expect("\(try #require(refused()))".hasPrefix("The disk of the data folder is full. Make room on it. (SQLite result 13: "))
        #expect(try hub.read { try $0.devices() }.count == count)
        try hub.database.writer.script("PRAGMA max_page_count = 1000000")
        try hub.add(.sample("fits"))
        #expect(hub.database.trouble == nil)
        #expect(try hub.read { try $0.firstBrokenAuditEntry() } == nil)
    }

    @Test func `a file size limit counts as a full disk`() async throws {
        let folder = hub.folder
        await #expect(processExitsWith: .exitCode(7)) { [folder = folder as String] in
            signal(SIGXFSZ, SIG_IGN)
            let database = try Database(folder: folder, migrations: .house(), now: 100)
            var limit = rlimit(rlim_cur: 1_500_000, rlim_max: 1_500_000)
            setrlimit(__rlimit_resource_t(1), &limit)  // RLIMIT_FSIZE
            do {
                for number in 0..<500 { try database.change(by: .ada, at: 200) { _ = try $0.add(.sample("device \(number)")) } }
            } catch let error as StoreError where error.trouble == .full {
                // Reading still works.
                exit(try database.read { try $0.devices() }.isEmpty ? 1 : 7)
            }
        }
        try hub.add(.sample("fits"))
        #expect(try hub.read { try $0.firstBrokenAuditEntry() } == nil)
    }

    @Test func `another process's lock is waited for once, then reported at once, and forgotten when it is released`() throws {
        let other = try Connection(path: hub.database.path, mode: .writer)
        try other.execute("BEGIN IMMEDIATE")
        let clock = ContinuousClock()
        let first = clock.measure { #expect(refused()?.trouble == .locked) }
        #expect(first >= .seconds(4))
        let second = clock.measure { #expect(refused()?.trouble == .locked) }
        #expect(second < .seconds(2), "threads would queue up behind the lock")
        #expect(hub.database.probe(at: 1_000) == .locked)
        #expect(try hub.read { try $0.devices() }.isEmpty)
        try other.execute("ROLLBACK")
        #expect(hub.database.probe(at: 1_005) == .locked, "a probe again within ten seconds")
        #expect(hub.database.probe(at: 1_010) == nil)
        try hub.add(.sample("free"))
    }

    @Test func `files that cannot be written are reported`() throws {
        try hub.database.writer.script("PRAGMA query_only = ON")
        #expect(refused()?.trouble == .readOnly)
        try hub.database.writer.script("PRAGMA query_only = OFF")
        try hub.add(.sample("free"))
        #expect(hub.database.trouble == nil)
    }

    @Test func `a damaged file is reported until it is replaced`() throws {
        for number in 0..<40 { try hub.add(.sample("device \(number)")) }
        try hub.database.checkpoint()
        let size = try #require(try FileManager.default.attributesOfItem(atPath: hub.database.path)[.size] as? Int)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: hub.database.path))
        try file.seek(toOffset: 4_096)
        try file.write(contentsOf: Data(repeating: 0xA5, count: size - 4_096))
        try file.close()
        let error = #expect(throws: StoreError.self) { _ = try hub.secondDatabase().read { try ($0.devices(), $0.auditEntries(limit: 100)) } }
        #expect(error?.trouble == .damaged)
        #expect(error.words.contains("restore a backup with `hairpin restore FILE`"))
        // Even if parts can still be written, the file stays damaged.
        hub.database.health.note(try #require(error))
        hub.database.health.noteCommit()
        #expect(hub.database.trouble == .damaged)
    }

    @Test(
        arguments: [
            (13, 0, .full), (4874, 0, .full), (778, ENOSPC, .full), (778, EFBIG, .full), (778, EDQUOT, .full), (14, ENOSPC, .full), (8, 0, .readOnly),
            (1032, 0, .readOnly), (778, EROFS, .readOnly), (1034, EROFS, .readOnly), (14, EROFS, .readOnly), (5, 0, .locked), (261, 0, .locked),
            (11, 0, .damaged), (26, 0, .damaged), (14, 0, .closed), (266, EIO, .device), (3850, ENOLCK, .unsuited), (3850, EIO, .device),
            (5386, EACCES, .unsuited), (4618, ENODEV, .unsuited), (15, 0, .unsuited), (7, 0, .memory), (2067, 0, nil), (1, 0, nil), (20, 0, nil),
        ] as [(Int32, Int32, DatabaseTrouble?)])
    func `follows from the result and the errno`(code: Int32, systemError: Int32, trouble: DatabaseTrouble?) {
        #expect(DatabaseTrouble(code: code, systemError: systemError) == trouble)
    }

    @Test func `says what to do in every case, and names no path`() {
        for trouble in DatabaseTrouble.allCases {
            #expect(trouble.description.hasSuffix("."))
            #expect(!trouble.description.contains("/"))
        }
    }

    @Test func `that recurs is reported once, and its end once`() {
        let failure = RecurringFailure()
        let full = { (sql: String) in StoreError.database(DatabaseError(code: 13, message: "full", operation: "step", sql: sql)) }
        #expect(!failure.isOver())
        #expect(failure.isNews(full("INSERT a")))
        #expect(!failure.isNews(full("INSERT b")))
        #expect(failure.isNews(StoreError.schema("other")))
        #expect(failure.isOver())
        #expect(!failure.isOver())
        #expect(failure.isNews(full("INSERT a")))
    }

    @Test func `a probe makes one commit in ten seconds, however often it is called`() throws {
        let version = { try hub.read { try $0.connection.first("PRAGMA user_version") { try $0.integer() } } }
        #expect(hub.database.probe(at: 1_000) == nil)
        #expect(try version() == 1_000)
        for second in 1_001..<1_010 { #expect(hub.database.probe(at: UnixTime(seconds: Int64(second))) == nil) }
        #expect(try version() == 1_000)
        #expect(hub.database.probe(at: 1_010) == nil)
        #expect(try version() == 1_010)
        // A clock that was set back does not end it.
        #expect(hub.database.probe(at: 500) == nil)
        #expect(try version() == 500)
    }
}
