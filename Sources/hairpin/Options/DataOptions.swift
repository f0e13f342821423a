// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Fleet
import Linux
import Net
import Reconciler
import Store

/// The two options that all commands have: the data folder, and the folder of the program's own files.
struct DataOptions: ParsableArguments {
    @Option(name: .customLong("data"), help: ArgumentHelp("Folder of the database and its keys.", valueName: "dir"))
    var dataFolder: String?

    @Option(name: .customLong("root"), help: ArgumentHelp("Folder that holds Templates, Public and Migrations.", valueName: "dir"))
    var rootFolder: String?

    /// The data folder: `--data`, otherwise systemd's state directory, otherwise the user's.
    var data: String {
        get throws {
            if let given = OptionValue.text(dataFolder, "data") { return given.value }
            // systemd separates several directories with colons.
            if let state = ProcessEnvironment.value("STATE_DIRECTORY")?.split(separator: ":").first { return String(state) }
            if let state = ProcessEnvironment.value("XDG_STATE_HOME") { return "\(state)/hairpin" }
            if let home = ProcessEnvironment.value("HOME") { return "\(home)/.local/state/hairpin" }
            throw Failure.usage("There is no home folder to keep data in. Name a folder with --data.")
        }
    }

    /// The folder of the program's files: `--root`, otherwise the share folder of an installed program, otherwise the source checkout of
    /// the build.
    var root: String {
        get throws {
            if let given = OptionValue.text(rootFolder, "root") { return given.value }
            guard let program = ProcessEnvironment.executable else { return "." }
            let folders = sequence(first: program[...]) { path in path.lastIndex(of: "/").map { path[..<$0] } }.dropFirst()
            if let bin = folders.first(where: { _ in true }), let prefix = bin.lastIndex(of: "/") {
                let share = "\(bin[..<prefix])/share/hairpin"
                if Files.exists("\(share)/Migrations") { return share }
            }
            for folder in folders where Files.exists("\(folder)/Migrations") && Files.exists("\(folder)/Templates") { return String(folder) }
            throw Failure.usage("Templates, Public and Migrations are not beside \(program). Name their folder with --root.")
        }
    }

    /// Opens the database and creates it on first use. Throws a `Failure` with one line.
    func open() throws -> Database {
        do {
            return try Database(folder: data, migrations: Migrations(folder: "\(root)/Migrations"), now: UnixTime.now())
        } catch let error as StoreError {
            throw Failure.failed(error.description)
        }
    }

    /// Changes the desired state. If a hub runs with this folder, it has applied the change when this returns, so a device can connect at
    /// once.
    func change<R>(breaksExpectations: Bool = false, _ body: (ChangeTransaction) throws -> R) throws -> R {
        let database = try open()
        let result: R
        do {
            result = try database.change(by: .commandLine, at: UnixTime.now(), breaksExpectations: breaksExpectations, body)
        } catch let error as StoreError {
            guard case .breaches = error else { throw Failure.failed(error.description) }
            throw Failure.failed("\(error) Use --break-expectations to save it anyway.")
        }
        let generation = try explaining { try database.read { try $0.generation().desired } }
        // Without a hub there is nobody to tell. A hub that does not answer finds the change itself.
        if let hub = try? HubClient(data: try data), let isApplied = try? hub.apply(generation), !isApplied {
            StandardStreams.error("The change is saved. The running hub has not applied it yet; its log may say why.")
        }
        return result
    }
}

/// The option of commands that may break an expectation.
struct ExpectationOptions: ParsableArguments {
    @Flag(help: "Save even if that breaks an expectation; the audit log says so.")
    var breakExpectations = false
}

extension Author {
    /// The author of changes made on the command line.
    static let commandLine = Author(name: "command line")
}

/// Runs `body` and converts Store errors to a `Failure` with one line.
func explaining<R>(_ body: () throws -> R) throws -> R {
    do { return try body() } catch let error as StoreError { throw Failure.failed(error.description) }
}
