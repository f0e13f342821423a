// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Linux
import Net
import Store

/// The two options of every command: where the data is, and where the program's own files are.
struct DataOptions: ParsableArguments {
    @Option(name: .customLong("data"), help: ArgumentHelp("Folder of the database and its keys.", valueName: "dir"))
    var dataFolder: String?

    @Option(name: .customLong("root"), help: ArgumentHelp("Folder that holds Templates, Public and Migrations.", valueName: "dir"))
    var rootFolder: String?

    /// `--data`, else systemd's state directory, else the user's.
    var data: String {
        get throws {
            if let given = OptionValue.text(dataFolder, "data") { return given.value }
            // systemd may name several, with colons between them.
            if let state = ProcessEnvironment.value("STATE_DIRECTORY")?.split(separator: ":").first { return String(state) }
            if let state = ProcessEnvironment.value("XDG_STATE_HOME") { return "\(state)/hairpin" }
            if let home = ProcessEnvironment.value("HOME") { return "\(home)/.local/state/hairpin" }
            throw Failure.usage("There is no home folder to keep data in. Name a folder with --data.")
        }
    }

    /// `--root`, else the share folder beside an installed program, else the checkout that it was built in.
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

    /// Opens the database, making it at the first use. Throws a failure with one line.
    func open() throws -> Database {
        do {
            return try Database(folder: data, migrations: Migrations(folder: "\(root)/Migrations"), now: UnixTime.now())
        } catch let error as StoreError {
            throw Failure.failed(error.description)
        }
    }
}

extension Author {
    /// Who acts on the command line.
    static let commandLine = Author(name: "command line")
}

/// Runs `body` and turns what the Store refuses into a failure with one line.
func explaining<R>(_ body: () throws -> R) throws -> R {
    do { return try body() } catch let error as StoreError { throw Failure.failed(error.description) }
}
