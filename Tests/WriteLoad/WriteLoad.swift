// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Linux
import Net
import Store

/// Writes to a database until it is killed, and prints each commit on standard output as one line after it.
/// StoreTests starts it and kills it: `WriteLoad edits|restores FOLDER MIGRATIONS [BACKUP BACKUP]`.
@main
enum WriteLoad {
    private static let now = UnixTime(seconds: 1_000)

    static func main() throws {
        let words = CommandLine.arguments
        let database = try Database(folder: words[2], migrations: Migrations(folder: words[3]), now: now)
        if words[1] == "restores" { try restores(database, Array(words[4...])) } else { try edits(database) }
    }

    /// Lines of `generation add|update|remove id content`. Meanwhile, other threads write observations and checkpoint the write-ahead log.
    private static func edits(_ database: Database) throws -> Never {
        let threads = [
            try Thread(name: "observations") { while true { observe(database) } },
            try Thread(name: "checkpoints") {
                while true {
                    try? database.checkpoint()
                    Thread.sleep(.milliseconds(3))
                }
            },
        ]
        while true {
            StandardStreams.output(try database.change(by: .system, at: now) { try edit($0) })
            _ = threads
        }
    }

    private static func edit(_ db: ChangeTransaction) throws -> String {
        let devices = try db.devices()
        let content = "c\(UInt64.random(in: 0 ... .max))"
        let kind = Int.random(in: 0..<3)
        if devices.count < 6 || kind == 0 && devices.count < 24 {
            let key = PrivateKey.generate()
            let new = try db.add(
                NewDevice(name: content, description: content, publicKey: key.publicKey, privateKey: key, presharedKey: .generate()))
            return "\(db.generation) add \(new.id) \(content)"
        }
        var device = devices.randomElement()!
        if kind == 1 {
            try db.removeDevice(device.id)
            return "\(db.generation) remove \(device.id) -"
        }
        device.description = content
        try db.update(device)
        return "\(db.generation) update \(device.id) \(content)"
    }

    private static func observe(_ database: Database) {
        try? database.write { db in
            let seen = try db.devices().map {
                PeerSight(publicKey: $0.publicKey, lastHandshakeAt: now, receivedBytes: .random(in: 0...1_000), sentBytes: 0)
            }
            try db.recordObservations(seen)
            try db.record("login", target: "admin/ada@example.org", by: .system, at: now)
        }
    }

    /// Restores one backup after the other, and prints their paths.
    private static func restores(_ database: Database, _ backups: [String]) throws -> Never {
        while true {
            for backup in backups {
                _ = try database.restore(from: backup, by: .system, at: now)
                StandardStreams.output(backup)
            }
        }
    }
}
