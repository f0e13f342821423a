// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Linux
import Net
import Store

/// `hairpin key …`: manages the key that encrypts secrets in the database.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Manage the key that seals secrets in the database.", subcommands: [Rotate.self])

    /// `hairpin key rotate`: encrypts all secrets with a new key.
    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a new key and seal everything anew under it, also beside a running server.",
            discussion: "Keys of devices stay as they are. Backups made before have their own key with them and stay usable.")
        @OptionGroup var data: DataOptions

        func run() throws {
            let (old, new) = try explaining { try data.open().rotateSecretKey(by: .commandLine, at: UnixTime.now()) }
            StandardStreams.error("Everything is sealed under key \(new). Key \(old) is gone.")
        }
    }
}
