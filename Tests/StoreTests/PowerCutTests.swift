// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Testing

@testable import Store

/// Processes write as fast as they can and are killed at a random moment, again and again with the same files.
struct `A process killed at any moment` {
    /// Rounds per folder. Then a new folder is used, because each check reads the whole audit log.
    private static let roundsPerFolder = 50

    @Test(arguments: 0..<6)
    func `leaves every acknowledged change and nothing half done`(folder: Int) throws {
        let hub = try TemporaryHub()
        var known: [String: String] = [:]
        var generation = try hub.read { try $0.generation().desired }
        var acknowledged = 0
        var limit: UInt32 = 240
        for round in 0..<Self.roundsPerFolder {
            // On a busy machine it takes longer until a process writes.
            if acknowledged < round { limit = min(limit * 5 / 4, 2_000) }
            // Every fifth time two of them share the folder.
            let count = round % 5 == 4 ? 2 : 1
            let lines = try WriteLoad.killed(count, upTo: limit, "edits", hub.folder, Migrations.houseFolder)
            let edits = try lines.map { try Edit($0) }.sorted { $0.generation < $1.generation }
            for edit in edits { known[edit.id] = edit.content }
            acknowledged += edits.count

            let database = try hub.secondDatabase()
            let (devices, reached) = try database.read { try ($0.devices(), $0.generation().desired) }
            let found = Dictionary(uniqueKeysWithValues: devices.map { ($0.id, $0.description) })
            // What was committed just before the end may lack its acknowledgement, one change for each process.
            let silent = Int(reached - generation) - edits.count
            let differing = Set(found.keys).union(known.keys).count { found[$0] != known[$0] }
            #expect((0...count).contains(silent), "round \(round): \(silent)")
            #expect(differing <= silent, "round \(round)")
            #expect(Set(edits.map(\.generation)).count == edits.count)
            #expect(try database.soundness == "ok", "round \(round)")
            if round % 10 == 9 { #expect(try database.read { try $0.firstBrokenAuditEntry() } == nil) }
            for device in devices { _ = try database.read { try ($0.privateKey(ofDevice: device.id), $0.presharedKey(ofDevice: device.id)) } }
            (known, generation) = (found, reached)
        }
        #expect(acknowledged > Self.roundsPerFolder, "the processes were killed before they wrote")
        print("folder \(folder): \(Self.roundsPerFolder) rounds, \(acknowledged) acknowledged changes, 0 lost")
    }

    @Test func `in a restore leaves either the old or the new database, and no copy with keys`() throws {
        let hub = try TemporaryHub()
        let backups = ["a", "b"].map { hub.temporary.path + "/" + $0 }
        for backup in backups {
            for number in 0..<20 { try hub.add(.sample("\(backup.suffix(1)) \(number)")) }
            try hub.database.backUp(to: backup)
            try hub.change { db in for device in try db.devices() { try db.removeDevice(device.id) } }
        }
        var last: String?
        var limit: UInt32 = 200
        for round in 0..<40 {
            if last == nil, round >= 5 { limit = min(limit * 5 / 4, 2_000) }
            let lines = try WriteLoad.killed(1, upTo: limit, "restores", hub.folder, Migrations.houseFolder, backups[0], backups[1])
            last = lines.last ?? last
            let database = try hub.secondDatabase()
            let names = Set(try database.read { try $0.devices() }.map { String($0.name.prefix(1)) })
            #expect(names.count == (last == nil ? names.count : 1), "round \(round): \(names)")
            #expect(try database.soundness == "ok", "round \(round)")
            #expect(try database.read { try $0.firstBrokenAuditEntry() } == nil, "round \(round)")
        }
        #expect(last != nil)
        _ = try hub.database.restore(from: backups[0], by: .ada, at: 900)
        let left = try FileManager.default.contentsOfDirectory(atPath: hub.folder)
        #expect(left.filter { $0.hasPrefix("hairpin.db.") || $0.contains(".db.") } == [])
    }
}

/// A line that WriteLoad prints after a commit.
private struct Edit {
    let generation: Int64
    let id: String
    /// Nil for a device that was removed.
    let content: String?

    init(_ line: String) throws {
        let words = line.split(separator: " ").map(String.init)
        generation = try #require(words.count == 4 ? Int64(words[0]) : nil, "\(line)")
        id = words[2]
        content = words[1] == "remove" ? nil : words[3]
    }
}

private enum WriteLoad {
    private static let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("WriteLoad")

    /// Starts the program, `count` times, kills it within `milliseconds` of its start, and returns the complete lines that it printed.
    static func killed(_ count: Int, upTo milliseconds: UInt32, _ words: String...) throws -> [String] {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("hairpin-acknowledged-\(UUID().uuidString)")
        FileManager.default.createFile(atPath: file.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: file) }
        let processes = try (0..<count).map { _ in
            let process = Process()
            process.executableURL = program
            process.arguments = words
            process.standardOutput = try Self.appending(to: file)
            try process.run()
            return process
        }
        usleep(1_000 * .random(in: 1...milliseconds))
        for process in processes { kill(process.processIdentifier, SIGKILL) }
        for process in processes {
            process.waitUntilExit()
            #expect(process.terminationReason == .uncaughtSignal, "it was not killed")
            #expect(process.terminationStatus == SIGKILL, "it was not killed")
        }
        let text = try String(contentsOf: file, encoding: .utf8)
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    /// Appends each line, because two processes write to one file.
    private static func appending(to file: URL) throws -> FileHandle {
        let descriptor = open(file.path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else { throw CocoaError(.fileNoSuchFile) }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}

extension Database {
    /// "ok", or what SQLite finds wrong with the file.
    fileprivate var soundness: String {
        get throws { try read { try $0.connection.first("PRAGMA integrity_check") { try $0.text() } } ?? "nothing" }
    }
}
