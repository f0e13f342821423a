// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Fleet
import Linux
import Net
import Reconciler
import Store

/// The passphrase that encrypts a whole backup.
struct PassphraseOptions: ParsableArguments {
    @Flag(help: "Seal with a passphrase, asked for at the terminal.")
    var passphrase = false
    @Flag(help: "Seal with a passphrase, read as one line from standard input.")
    var passphraseStdin = false

    /// Reads the passphrase; nil if none is wanted. A new passphrase is asked for twice and must meet the password rules.
    func read(isNew: Bool) throws -> String? {
        guard passphrase || passphraseStdin else { return nil }
        let asks = StandardStreams.isTerminal && !passphraseStdin
        if asks { StandardStreams.error("Passphrase of the backup:") }
        guard let text = StandardStreams.readLine(echo: false), !text.isEmpty else {
            throw Failure.failed("There is no passphrase. Send it to standard input as one line.")
        }
        guard isNew else { return text }
        if let problem = PasswordRules.problem(text, context: [], as: .passphrase) { throw Failure.failed("\(problem)") }
        if asks {
            StandardStreams.error("Repeat it:")
            guard StandardStreams.readLine(echo: false) == text else { throw Failure.failed("The two passphrases differ. Nothing was written.") }
        }
        return text
    }
}

/// `hairpin backup FILE`: writes a copy of the database and its key.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Write a consistent copy of the database with its key. Works while the hub runs.")
    @OptionGroup var data: DataOptions
    @OptionGroup var seal: PassphraseOptions
    @Argument(help: "The file to write; it must not exist.")
    var file: String

    func run() throws {
        let passphrase = try seal.read(isNew: true)
        let database = try data.open()
        try explaining {
            try database.backUp(to: file, passphrase: passphrase)
            try database.write {
                try $0.record(
                    "database.backup", target: "database", after: ["sealed": passphrase == nil ? "false" : "true"], by: .commandLine,
                    at: UnixTime.now())
            }
        }
        StandardStreams.error(
            passphrase == nil
                ? "\(file) holds the database and the key that opens its secrets: anyone who has it has all keys. Seal it with --passphrase."
                : "\(file) holds the database and its key, sealed. Without the passphrase nobody can open it.")
    }
}

/// `hairpin restore FILE`: replaces the database with a backup and keeps a copy of the old one.
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Check a backup and replace the database with it; the old one is kept.",
        discussion: "If the backup is of a hub with another key, the command names both hubs and asks first.")
    @OptionGroup var data: DataOptions
    @OptionGroup var seal: PassphraseOptions
    @Flag(help: "Do not ask before another hub replaces this one.")
    var replace = false
    @Argument(help: "A file that `hairpin backup` wrote.")
    var file: String

    func run() throws {
        let passphrase = try seal.read(isNew: false)
        let kept = try explaining {
            try DamagedDatabase.isOne(in: data.data)
                ? replaceDamaged(passphrase) : restore(passphrase, to: data.open(), replacingOtherHub: replace)
        }
        StandardStreams.error("Restored, and everybody is signed out. The previous database is in \(kept).")
    }

    private func restore(_ passphrase: String?, to database: Database, replacingOtherHub: Bool) throws -> String {
        do {
            return try database.restore(
                from: file, passphrase: passphrase, replacingOtherHub: replacingOtherHub, by: .commandLine, at: UnixTime.now())
        } catch let error as StoreError {
            guard case .otherHub = error else { throw error }
            guard StandardStreams.isTerminal else {
                throw Failure.failed("\(error) To restore it all the same, add --replace. Nothing was changed.")
            }
            StandardStreams.error("\(error)")
            StandardStreams.error("Type yes to restore it all the same:")
            guard StandardStreams.readLine() == "yes" else { throw Failure.failed("Nothing was changed.") }
            return try restore(passphrase, to: database, replacingOtherHub: true)
        }
    }

    private func replaceDamaged(_ passphrase: String?) throws -> String {
        let lock = try HubLock(
            data: data.data, patience: .zero, advice: "The database is damaged: stop the hub, restore, and start the hub again.")
        let kept = try DamagedDatabase.replace(
            in: data.data, migrations: Migrations(folder: "\(data.root)/Migrations"), by: file, passphrase: passphrase, author: .commandLine,
            now: UnixTime.now())
        _ = consume lock
        return kept
    }
}
