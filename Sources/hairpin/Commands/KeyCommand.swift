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
            abstract: "Make a new key and reseal everything with it. Works while the hub runs.",
            discussion: "Keys of devices do not change. Older backups contain their own key and stay usable.")
        @OptionGroup var data: DataOptions

        func run() throws {
            let (old, new) = try explaining { try data.open().rotateSecretKey(by: .commandLine, at: UnixTime.now()) }
            StandardStreams.error("Everything is sealed with key \(new). Key \(old) is gone.")
        }
    }
}
