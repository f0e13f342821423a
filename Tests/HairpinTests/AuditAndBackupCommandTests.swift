// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Net
import Testing

@testable import Store
@testable import hairpin

struct `The audit log on the command line` {
    private let program: Program

    init() throws { program = try Program() }

    private func database() throws -> Database { try DataOptions.parse(["--data", program.data, "--root", Program.root]).open() }

    @Test func `is listed without anything that a terminal obeys, and passes the check`() throws {
        let evil = "eve\u{1B}[31m\r\nfake  entry\u{202E}@example.org"
        try database().write { try $0.record("login.refused", target: "admin/\(evil)", by: Author(name: evil), at: UnixTime(seconds: 1_000)) }
        for words in [["audit", "list"], ["audit", "list", "--json"]] {
            let result = try program.runAlone(words + ["--data", program.data, "--root", Program.root])
            #expect(result.status == 0, "\(result.error)")
            #expect(result.output.filter { $0 == "\n" }.count == 1)
            #expect(!result.output.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\r" || $0 == "\u{202E}" }, "\(words)")
        }
        let checked = try program.run("audit", "verify")
        #expect(checked.status == 0)
        #expect(checked.output.hasPrefix("1  "))
    }

    @Test func `is filtered and limited`() throws {
        try database().write { db in
            for number in 1...5 { try db.record("device.update", target: "device/\(number)", by: Author(name: "ada"), at: UnixTime(seconds: 1_000)) }
            try db.record("login", target: "admin/bob", by: Author(name: "bob"), at: UnixTime(seconds: 1_000))
        }
        let lines = { (words: String...) in
            try self.program.runAlone(["audit", "list"] + words + ["--data", self.program.data, "--root", Program.root]).output.split(separator: "\n")
        }
        #expect(try lines().count == 6)
        #expect(try lines("--limit", "2").count == 2)
        #expect(try lines("--who", "AD").count == 5)
        #expect(try lines("--what", "device").count == 5)
        #expect(try lines("--what", "login").count == 1)
        #expect(try lines("--target", "device/3").count == 1)
        #expect(try lines("--limit", "1").first?.hasPrefix("6  ") == true)
    }

    @Test func `that was changed does not pass the check`() throws {
        try database().write { db in
            for _ in 1...3 { try db.record("login", target: "admin/ada", by: Author(name: "ada"), at: UnixTime(seconds: 1_000)) }
        }
        let file = try Connection(path: program.data + "/hairpin.db", mode: .writer)
        let triggers = try file.all("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'") { (name: try $0.text(), sql: try $0.text()) }
        for trigger in triggers { try file.execute("DROP TRIGGER \(trigger.name)") }
        try file.execute("UPDATE audit_log SET author = 'eve' WHERE number = 2")
        for trigger in triggers { try file.script("\(trigger.sql);") }
        let result = try program.run("audit", "verify")
        #expect(result.status == 1)
        #expect(result.error == "hairpin: Entry 2 of the audit log was changed, or one before it is missing. Compare it with a backup.\n")
        #expect(result.output == "")
    }
}

struct `A backup on the command line` {
    private let program: Program

    init() throws { program = try Program() }

    private func importHub() throws {
        let file = try program.write(
            """
            [Interface]
            PrivateKey = WL/DA7dgzoKqJ1O+Y6K+zZrA8lXjNAS+gU9tZC1lrkg=
            Address = 10.8.0.1/24

            """, to: "wg0.conf")
        #expect(try program.run("import", file).status == 0)
    }

    @Test func `is restored, and both are in the log`() throws {
        try importHub()
        let file = "\(program.folder)/backup"
        let made = try program.run("backup", file)
        #expect(made.status == 0, "\(made.error)")
        #expect(made.error.hasPrefix("\(file) holds the database and the key that opens its secrets"))
        _ = try program.run("device", "add", "later")
        #expect(try program.run("device", "list").output.contains("later"))
        let restored = try program.run("restore", file)
        #expect(restored.status == 0, "\(restored.error)")
        #expect(restored.error.hasPrefix("Restored, and everybody is signed out. The previous database is in "))
        #expect(try program.run("device", "list").output == "")
        let again = try program.run("backup", "\(program.folder)/second")
        #expect(again.status == 0)
        let log = try program.run("audit", "list").output
        #expect(log.contains("database.backup"))
        #expect(log.contains("database.restore"))
    }

    @Test func `is sealed with a good passphrase only, and opens with that one`() throws {
        try importHub()
        let file = "\(program.folder)/sealed"
        let weak = try program.run("backup", file, "--passphrase-stdin", input: "secret\n")
        #expect(weak.status == 1)
        #expect(weak.error.hasPrefix("hairpin: The passphrase has 6 characters."))
        #expect(!FileManager.default.fileExists(atPath: file))
        #expect(
            try program.run("backup", file, "--passphrase-stdin").error == "hairpin: There is no passphrase. Send it to standard input as one line.\n"
        )
        let made = try program.run("backup", file, "--passphrase-stdin", input: "a kettle of fresh snow\n")
        #expect(made.status == 0, "\(made.error)")
        #expect(try program.run("restore", file).error.contains("is sealed. Give its passphrase"))
        #expect(try program.run("restore", file, "--passphrase-stdin", input: "another one entirely\n").status == 1)
        #expect(try program.run("restore", file, "--passphrase-stdin", input: "a kettle of fresh snow\n").status == 0)
    }

    @Test func `does not overwrite a file, nor replace a hub by something else`() throws {
        try importHub()
        let file = try program.write("x", to: "file")
        #expect(try program.run("backup", file).error == "hairpin: \(file) exists already. Choose another name, or remove it first.\n")
        #expect(try program.run("restore", file).status == 1)
        #expect(try program.run("restore", "\(program.folder)/missing").error == "hairpin: \(program.folder)/missing does not exist.\n")
    }

    @Test func `of before a rotation opens with the key inside`() throws {
        try importHub()
        let file = "\(program.folder)/backup"
        _ = try program.run("backup", file)
        let rotated = try program.run("key", "rotate")
        #expect(rotated.status == 0)
        #expect(rotated.error.contains("is gone."))
        #expect(try program.run("restore", file).status == 0)
        #expect(try program.run("device", "add", "nas").status == 0)
        #expect(try program.run("device", "config", "nas").output.contains("PrivateKey = "))
    }
}
