// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Linux
import Net
import Store

/// `hairpin token …`: manages API tokens.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Manage API tokens.", subcommands: [Create.self])

    /// `hairpin token create`: prints the new token and nothing else.
    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a token and print it; it is not shown again.")
        @OptionGroup var data: DataOptions
        @Option(help: "What it is for.")
        var name: String
        @Option(help: "What it may do: \(Self.scopes). Repeatable; write covers everything that changes devices and settings.")
        var scope: [String]
        @Option(help: "Days that it is valid.")
        var days = 90

        private static let scopes = (TokenScope.allCases.map(\.rawValue) + ["write"]).joined(separator: ", ")

        func run() throws {
            let scopes = try scope.flatMap { text in
                if text == "write" { return TokenScope.writing }
                guard let scope = TokenScope(rawValue: text) else {
                    throw Failure.usage("--scope: there is no “\(text)”. Give \(Self.scopes).")
                }
                return [scope]
            }
            guard (1...36_500).contains(days) else { throw Failure.usage("--days: “\(days)” is not valid. Give 1 to 36500.") }
            let database = try data.open()
            let now = UnixTime.now()
            let secret = try explaining {
                try database.write {
                    try $0.addAPIToken(
                        name: name, scopes: Set(scopes), expiresAt: now.adding(seconds: Int64(days) * 86_400), owner: nil, by: .commandLine,
                        at: now
                    ).secret
                }
            }
            StandardStreams.output(secret.reveal())
        }
    }
}

extension TokenScope {
    /// The scopes that `--scope write` includes.
    fileprivate static let writing: [TokenScope] = [.read, .devices, .settings]
}
