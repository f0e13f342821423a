// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Store
import Testing

@testable import hairpin

/// Where the program keeps its data, and how it ends.
struct `The data folder` {
    private let program: Program

    init() throws { program = try Program() }

    /// The folders that exist in the test's folder after a command.
    private func made(_ arguments: [String] = [], _ environment: [String: String]) throws -> [String] {
        let result = try program.runAlone(["admin", "list", "--root", Program.root] + arguments, environment: environment)
        #expect(result.status == 0, "\(result.error)")
        let all = try FileManager.default.subpathsOfDirectory(atPath: program.folder)
        let folders = all.filter { $0.hasSuffix("hairpin.db") }.map { String($0.dropLast("/hairpin.db".count)) }
        for name in try FileManager.default.contentsOfDirectory(atPath: program.folder) {
            try FileManager.default.removeItem(atPath: "\(program.folder)/\(name)")
        }
        return folders
    }

    /// From the strongest to the weakest.
    @Test func `is the first of option, variable, systemd's, the user's state and the user's home`() throws {
        let folder = program.folder
        var environment = [
            "HAIRPIN_DATA": "\(folder)/variable", "STATE_DIRECTORY": "\(folder)/systemd:\(folder)/second", "XDG_STATE_HOME": "\(folder)/state",
            "HOME": "\(folder)/home",
        ]
        #expect(try made(["--data", "\(folder)/option"], environment) == ["option"])
        #expect(try made([], environment) == ["variable"])
        environment["HAIRPIN_DATA"] = nil
        #expect(try made([], environment) == ["systemd"])
        environment["STATE_DIRECTORY"] = nil
        #expect(try made([], environment) == ["state/hairpin"])
        environment["XDG_STATE_HOME"] = nil
        #expect(try made([], environment) == ["home/.local/state/hairpin"])
    }

    @Test func `must be named where there is no home`() throws {
        let result = try program.runAlone(["admin", "list", "--root", Program.root])
        #expect(result.status == 64)
        #expect(result.error == "hairpin: There is no home folder to keep data in. Name a folder with --data.\n")
    }

    @Test func `that cannot be made is named in one line`() throws {
        let file = try program.write("x", to: "file")
        let result = try program.runAlone(["admin", "list", "--root", Program.root, "--data", "\(file)/data"])
        #expect(result.status == 1)
        #expect(result.error.hasPrefix("hairpin: "))
        #expect(result.error.contains("\(file)/data"))
        #expect(result.error.filter { $0 == "\n" }.count == 1)
        #expect(result.output == "")
    }

    @Test func `of a program without its files is not touched`() throws {
        let result = try program.runAlone(["admin", "list", "--data", program.data, "--root", "\(program.folder)/nothing"])
        #expect(result.status != 0)
        #expect(result.error.hasPrefix("hairpin: "))
    }
}

struct `A command` {
    private let program: Program

    init() throws { program = try Program() }

    @Test func `that succeeds ends with 0, and help and version too`() throws {
        for words in [["version"], ["--version"], ["--help"], ["help", "device"]] {
            let result = try program.runAlone(words)
            #expect(result.status == 0, "\(words)")
            #expect(!result.output.isEmpty, "\(words)")
            #expect(result.error == "", "\(words)")
        }
    }

    /// A hub is made by an import.
    private func importHub() throws {
        let file = try program.write(
            """
            [Interface]
            PrivateKey = WL/DA7dgzoKqJ1O+Y6K+zZrA8lXjNAS+gU9tZC1lrkg=
            Address = 10.8.0.1/24
            # anna
            [Peer]
            PublicKey = J6Hpxjp7Unm/ab/1uw3UOKLWMzDzGUe+B7pQ/nFrREM=
            AllowedIPs = 10.8.0.2/32

            """, to: "wg0.conf")
        let result = try program.run("import", file)
        #expect(result.status == 0, "\(result.error)")
        #expect(result.error.hasPrefix("Imported 1 devices."))
        #expect(result.output == "")
        // Into a hub in use, nothing is imported.
        let again = try program.run("import", file)
        #expect(again.status == 1)
        #expect(again.error == "hairpin: This data folder has a hub in use already. Name an empty one with --data. Nothing was imported.\n")
    }

    @Test func `that fails ends with 1 and prints one line`() throws {
        try importHub()
        for words in [
            ["device", "show", "nobody"], ["device", "remove", "nobody"], ["device", "config", "nobody"], ["admin", "create", "--email", "x"],
            ["backup", "\(program.folder)/wg0.conf"], ["restore", "\(program.folder)/missing"], ["trace", "anna"],
        ] {
            let result = try program.runAlone(words + ["--data", program.data, "--root", Program.root], input: "a kettle of fresh snow\n")
            #expect(result.status == 1, "\(words): \(result.error)")
            #expect(result.error.hasPrefix("hairpin: "), "\(words): \(result.error)")
            #expect(result.error.filter { $0 == "\n" }.count == 1, "\(words): \(result.error)")
            #expect(result.output == "", "\(words)")
        }
    }

    @Test func `with a value out of range ends with 64`() throws {
        try importHub()
        for words in [
            ["audit", "list", "--limit", "0"], ["token", "create", "--name", "x", "--scope", "read", "--days", "0"],
            ["token", "create", "--name", "x", "--scope", "read", "--days", "36501"], ["token", "create", "--name", "x", "--scope", "all"],
            ["trace", "anna", "-n", "0"], ["trace", "anna", "-n", "10001"], ["device", "add", "x", "--keepalive", "65536"],
            ["device", "add", "x", "--public-key", "y"], ["device", "add", "x", "--ipv4", "10.8.0"],
            ["device", "add", "x", "--routes", "10.0.0.0/33"],
            ["device", "add", "x", "--tags", "a b!"], ["admin", "create", "--email", "a@b", "--role", "owner"], ["doctor", "anna", "anna"],
            ["doctor", "anna", "10.8.0.9", "--address", "x"],
        ] {
            let result = try program.runAlone(words + ["--data", program.data, "--root", Program.root], input: "a kettle of fresh snow\n")
            #expect(result.status == 64, "\(words): \(result.error)")
            #expect(result.error.hasPrefix("hairpin: "), "\(words): \(result.error)")
        }
    }

    @Test func `finds a device by its name, whatever the case, and by its id`() throws {
        try importHub()
        let id = try program.run("device", "add", "Nas", "--routes", "192.0.2.0/28, 198.51.100.0/28").output.trimmingCharacters(in: .newlines)
        #expect(id.utf8.count == 16)
        for name in ["Nas", "nas", id] { #expect(try program.run("device", "show", name).status == 0, "\(name)") }
    }

    @Test func `of the doctor ends with 1 when a step failed, and says the cause`() throws {
        try importHub()
        _ = try program.run("device", "add", "nas", "--allowed-ips", "10.8.0.9/32")
        let result = try program.run("doctor", "anna", "nas")
        #expect(result.status == 1)
        #expect(result.output.contains("FAILED "))
        #expect(result.output.contains("The cause: "))
        #expect(result.error == "No hub runs with this data, so the link was not tested; this is what the rules say.\n")
    }

    @Test func `that prints a file prints nothing else, and counts as handing it out only if asked`() throws {
        try importHub()
        _ = try program.run("device", "add", "nas")
        let result = try program.run("device", "config", "nas")
        #expect(result.output.hasPrefix("[Interface]\nPrivateKey = "))
        #expect(result.error == "")
        let database = try DataOptions.parse(["--data", program.data, "--root", Program.root]).open()
        #expect(try database.read { try $0.device(named: "nas")?.fetchedAt } == nil)
        let entries = try database.read { try $0.auditEntries(limit: 9) }.filter { $0.action == "device.fetch_config" }
        #expect(entries.map(\.author.name) == ["command line"])
        #expect(try program.run("device", "config", "nas", "--installed").status == 0)
        #expect(try database.read { try $0.device(named: "nas")?.fetchedAt } != nil)
        #expect(try database.read { try $0.device(named: "anna")?.fetchedAt } == nil)
        #expect(try program.run("device", "show", "nas").output.contains("PrivateKey") == false)
    }
}
