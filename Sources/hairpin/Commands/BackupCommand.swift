// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Linux
import Store

/// `hairpin backup FILE`
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Write a consistent copy of the database, also beside a running server.")
    @OptionGroup var data: DataOptions
    @Argument(help: "The file to write; it must not exist.")
    var file: String

    func run() throws {
        try explaining { try data.open().backUp(to: file) }
        StandardStreams.error("\(file) holds the database. Keep the secret key of the data folder with it, or its keys cannot be opened.")
    }
}

/// `hairpin restore FILE`
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Check a backup and put it in the place of the database; the old one is kept.")
    @OptionGroup var data: DataOptions
    @Argument(help: "A file that `hairpin backup` wrote.")
    var file: String

    func run() throws {
        let kept = try explaining { try data.open().restore(from: file, by: .commandLine, at: Moment.now()) }
        StandardStreams.error("Restored. The database as it was before is in \(kept).")
    }
}
