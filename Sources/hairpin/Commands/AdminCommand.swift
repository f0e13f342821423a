// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Crypto
import Fleet
import HTTP
import Linux
import Net
import Store
import Words

/// `hairpin admin …`: manages portal accounts from the command line.
struct AdminCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin", abstract: "Manage the accounts of the portal.",
        subcommands: [Create.self, ResetPassword.self, List.self, Unlock.self])

    /// Reads the password of an account from standard input.
    struct PasswordOptions: ParsableArguments {
        @Option(help: "Email address of the account.")
        var email: String

        @Flag(help: "Read the password from standard input without asking.")
        var passwordStdin = false

        /// Reads and hashes the password. At a terminal, asks for it twice. Throws a `Failure` if it breaks the rules.
        func hash(for database: Database) throws -> String {
            let hub = try explaining { try database.read { try $0.hubIfMade() } }
            let password: String
            if StandardStreams.isTerminal && !passwordStdin {
                StandardStreams.error("Password for \(email) (at least \(PasswordRules.minimumLength) characters):")
                password = StandardStreams.readLine(echo: false) ?? ""
                StandardStreams.error("Repeat it:")
                guard StandardStreams.readLine(echo: false) == password else {
                    throw Failure.failed("The two passwords differ. Nothing was changed.")
                }
            } else {
                guard let line = StandardStreams.readLine() else {
                    throw Failure.failed("There is no password on standard input. Send it as one line.")
                }
                password = line
            }
            if let problem = PasswordRules.problem(password, context: [email, hub?.name ?? ""]) { throw Failure.failed("\(problem)") }
            guard let hash = PasswordHash.make(password) else { throw Failure.failed("There is not enough memory to hash the password.") }
            return hash
        }
    }

    /// `hairpin admin create`: creates an account.
    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make an account.")
        @OptionGroup var data: DataOptions
        @OptionGroup var password: PasswordOptions
        @Option(help: "What it may do: admin for everything, viewer to see everything except secrets.")
        var role = Account.Role.admin.rawValue

        func run() throws {
            guard let role = Account.Role(rawValue: role) else { throw Failure.usage("--role: there is no “\(role)”. Give admin or viewer.") }
            let database = try data.open()
            let hash = try password.hash(for: database)
            try explaining {
                _ = try database.write {
                    try $0.addAccount(email: password.email, passwordHash: hash, role: role, by: .commandLine, at: UnixTime.now())
                }
            }
            database.removeSetupAddressIfClosed()
            StandardStreams.error("\(password.email) may sign in.")
        }
    }

    /// `hairpin admin reset-password`: sets a new password and ends the account's sessions.
    struct ResetPassword: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset-password", abstract: "Give an account a new password; its sessions end.")
        @OptionGroup var data: DataOptions
        @OptionGroup var password: PasswordOptions
        @Flag(help: "Also remove its second factors, for somebody who lost them.")
        var removeSecondFactors = false

        func run() throws {
            let database = try data.open()
            let hash = try password.hash(for: database)
            try explaining {
                try database.write { db in
                    guard let account = try db.account(email: password.email) else {
                        throw StoreError.notFound(kind: "admin", id: password.email)
                    }
                    try db.setPassword(ofAccount: account.id, hash: hash, by: .commandLine, at: UnixTime.now())
                    try db.endSessions(ofAccount: account.id)
                    if removeSecondFactors { try db.removeSecondFactors(ofAccount: account.id, by: .commandLine, at: UnixTime.now()) }
                    try db.unlock(email: password.email, by: .commandLine, at: UnixTime.now())
                }
            }
            StandardStreams.error("\(password.email) has a new password. All its sessions ended.")
        }
    }

    /// `hairpin admin list`: lists all accounts.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all accounts.")
        @OptionGroup var data: DataOptions
        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            let accounts = try explaining { try data.open().read { try $0.accounts() } }
            Listing.print(
                accounts.map { account in
                    [
                        ("email", .string(account.email)), ("role", .string(account.role.rawValue)),
                        ("disabled", .bool(account.isDisabled)), ("second_factor", .bool(account.hasSecondFactor)),
                    ]
                }, json: json)
        }
    }

    /// `hairpin admin unlock`: removes the failed sign-in attempts of an account.
    struct Unlock: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Clear the failed sign-ins of an account, so that it can try again at once.")
        @OptionGroup var data: DataOptions
        @Option(help: "Email address of the account.")
        var email: String

        func run() throws {
            try explaining { try data.open().write { try $0.unlock(email: email, by: .commandLine, at: UnixTime.now()) } }
            StandardStreams.error("\(email) may try again at once.")
        }
    }
}
