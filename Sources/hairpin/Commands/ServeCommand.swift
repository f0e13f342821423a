// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Linux

/// `hairpin serve`: runs the hub.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the hub: relay, reconciler and portal in one process. The default command.")
    @OptionGroup var data: DataOptions
    @OptionGroup var options: ServeOptions

    func run() throws {
        let settings = try ServeSettings(options)
        try HubProcess.run(settings, data)
    }
}
