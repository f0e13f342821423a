// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Linux
import Reconciler

/// The program. Connects the parts and contains no logic of its own.
struct Hairpin: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hairpin",
        abstract: "Connects machines that cannot reach each other: a WireGuard relay and its web portal in one process.",
        discussion: """
            Runs `serve` without a subcommand. Every option of `serve` can also be set in the environment: --http is HAIRPIN_HTTP, and so on.
            Other commands work with or without a running hub, except that `import` needs it stopped and `trace` needs it running.
            """,
        version: Version.text,
        subcommands: [
            ServeCommand.self, AdminCommand.self, TokenCommand.self, DeviceCommand.self, NamesCommand.self, BackupCommand.self, RestoreCommand.self,
            KeyCommand.self, AuditCommand.self, RulesCommand.self,
            ImportCommand.self, DoctorCommand.self, LinkCommand.self, ExpectationCommand.self, TraceCommand.self, VersionCommand.self,
        ],
        defaultSubcommand: ServeCommand.self)
}

@main
enum Program {
    static func main() {
        ProcessMemory.hide()
        run()
    }

    /// Wrong usage prints one line and exits with status 64. A failed command prints one line and exits with status 1.
    private nonisolated static func run() {
        do {
            var command = try Hairpin.parseAsRoot()
            try command.run()
        } catch let error as Failure {
            StandardStreams.error("hairpin: \(error.text)")
            Hairpin.exit(withError: ExitCode(error.code))
        } catch let error as HubUnavailable {
            StandardStreams.error("hairpin: \(error)")
            Hairpin.exit(withError: ExitCode.failure)
        } catch {
            let code = Hairpin.exitCode(for: error)
            guard code != .success, !(error is ExitCode) else { Hairpin.exit(withError: error) }
            let advice = code == .validationFailure ? " See `hairpin --help`." : ""
            StandardStreams.error("hairpin: \(Hairpin.message(for: error))\(advice)")
            Hairpin.exit(withError: code)
        }
    }
}

/// The reason why a command ended: one line for people, and the exit status.
struct Failure: Error {
    var text: String
    var code: Int32

    /// An error in the command line or the environment (EX_USAGE).
    static func usage(_ text: String) -> Failure { Failure(text: text, code: 64) }
    /// The command failed.
    static func failed(_ text: String) -> Failure { Failure(text: text, code: 1) }
}

/// The version of the program.
enum Version {
    static let text = "0.2.0"
}
