// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Testing

@testable import Store

struct `Migration files` {
    let temporary: TemporaryFolder

    init() throws { temporary = try TemporaryFolder() }

    @Test func `are applied once, in order, and recorded`() throws {
        try write("0001_initial.sql", try house())
        try write("0002_more.sql", "CREATE TABLE more (a INTEGER) STRICT; INSERT INTO more VALUES (1);")
        for _ in 0..<2 {
            let database = try open()
            #expect(try database.read { try $0.connection.first("SELECT count(*) FROM more") { try $0.integer() } } == 1)
            #expect(
                try database.read { try $0.connection.all("SELECT name FROM migrations ORDER BY number") { try $0.text() } } == [
                    "0001_initial.sql", "0002_more.sql",
                ])
        }
    }

    @Test func `that are added later are applied at the next start`() throws {
        try write("0001_initial.sql", try house())
        _ = try open()
        try write("0002_more.sql", "CREATE TABLE more (a INTEGER) STRICT;")
        #expect(try open().read { try $0.connection.exists("SELECT 1 FROM sqlite_master WHERE name = 'more'") })
    }

    @Test func `that fail in the middle leave nothing behind`() throws {
        try write("0001_initial.sql", try house())
        try write("0002_broken.sql", "CREATE TABLE half (a INTEGER) STRICT; CREATE TABLE devices (a INTEGER);")
        #expect(throws: StoreError.self) { _ = try open() }
        try FileManager.default.removeItem(atPath: folder + "/0002_broken.sql")
        #expect(try open().read { try !$0.connection.exists("SELECT 1 FROM sqlite_master WHERE name = 'half'") })
    }

    @Test func `older than the database are refused`() throws {
        try write("0001_initial.sql", try house())
        try write("0002_more.sql", "CREATE TABLE more (a INTEGER) STRICT;")
        _ = try open()
        try FileManager.default.removeItem(atPath: folder + "/0002_more.sql")
        #expect(
            throws: StoreError.schema(
                "The database has structure 2 (0002_more.sql), but this program knows only 1. Install the newer program.")
        ) { _ = try open() }
    }

    @Test func `changed after they were applied are refused`() throws {
        try write("0001_initial.sql", try house())
        _ = try open()
        try write("0001_initial.sql", try house() + "-- more")
        #expect(
            throws: StoreError.schema("Migration 0001_initial.sql differs from the one that made this database. Put the original file back.")
        ) { _ = try open() }
    }

    @Test(arguments: ["0003_gap.sql", "more.sql", "0001_again.sql"])
    func `with a gap or without a number are refused`(name: String) throws {
        try write("0001_initial.sql", "")
        try write(name, "")
        #expect(throws: StoreError.self) { _ = try Migrations(folder: folder) }
    }

    @Test func `from a folder that is empty or missing are refused`() throws {
        #expect(throws: StoreError.self) { _ = try Migrations(folder: temporary.path) }
        #expect(throws: StoreError.self) { _ = try Migrations(folder: temporary.path + "/nowhere") }
    }

    private var folder: String { temporary.path + "/migrations" }

    /// The whole structure as one file, which the tests then change or extend.
    private func house() throws -> String {
        try FileManager.default.contentsOfDirectory(atPath: Migrations.houseFolder).sorted()
            .map { try String(contentsOfFile: "\(Migrations.houseFolder)/\($0)", encoding: .utf8) }.joined(separator: "\n")
    }

    private func write(_ name: String, _ sql: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try sql.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
    }

    private func open() throws -> Database {
        try Database(folder: temporary.path + "/data", migrations: Migrations(folder: folder), now: 100)
    }
}
