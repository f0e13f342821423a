// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Fleet
import HTTP
import Linux
import Net
import Store
import Words

/// `hairpin expectation …`: what must reach what, and what must not.
struct ExpectationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "expectation", abstract: "Manage what must reach what, and what must not.",
        discussion: "Each change is checked against these sentences before it is saved.", subcommands: [Add.self, List.self, Remove.self])

    /// What the sentence says.
    enum Rule: String, ExpressibleByArgument, CaseIterable {
        case reaches, never
    }

    /// `hairpin expectation add`: prints the id of the new expectation.
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add an expectation; prints its id.")
        @OptionGroup var data: DataOptions
        @Argument(help: "Name or id of a device, or tag:word.")
        var from: String
        @Argument(help: "reaches, or never.")
        var rule: Rule
        @Argument(help: "Name or id of a device, tag:word, or an address.")
        var to: String

        func run() throws {
            let database = try data.open()
            let expectation = try explaining {
                try database.write { db in
                    let devices = try db.devices()
                    let (from, to) = (try side(self.from, devices, false), try side(self.to, devices, true))
                    return try db.addExpectation(from: from, to: to, isReached: rule == .reaches, by: .commandLine, at: UnixTime.now())
                }
            }
            StandardStreams.output(expectation.id)
        }

        private func side(_ text: String, _ devices: [Device], _ allowsAddress: Bool) throws -> Expectation.Side {
            switch Expectation.Side.read(text, among: devices, allowsAddress: allowsAddress) {
            case .success(let side): return side
            case .failure(let refusal): throw Failure.usage("\(refusal.message)")
            }
        }
    }

    /// `hairpin expectation list`: lists all expectations and whether they hold.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List all expectations and whether they hold; exits with 1 if one does not.")
        @OptionGroup var data: DataOptions
        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            let database = try data.open()
            let (expectations, overview) = try explaining {
                try database.read { db in
                    (try db.expectations(), try db.overview(status: HubStatus(problem: "No hub runs with this data."), now: UnixTime.now()))
                }
            }
            let check = ExpectationCheck(expectations, in: ExpectationCheck.State(overview))
            let breaches = Dictionary(check.breaches.map { ($0.expectation.id, $0) }) { $1 }
            let rows: [Listing.Row] = expectations.map { expectation in
                let breach = breaches[expectation.id]
                return [
                    ("id", .string(expectation.id)), ("expectation", .string(expectation.sentence { overview.index[$0]?.name }.description)),
                    ("holds", .bool(breach == nil)), ("reason", breach.map { .string($0.reasons.description) } ?? .null),
                    ("limited_to", check.limits[expectation.id].map { .string($0.description) } ?? .null),
                ]
            }
            Listing.print(rows, json: json)
            if !breaches.isEmpty { throw ExitCode.failure }
        }
    }

    /// `hairpin expectation remove`: removes an expectation.
    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove an expectation.")
        @OptionGroup var data: DataOptions
        @Argument(help: "Its id, from the list.")
        var id: String

        func run() throws {
            let database = try data.open()
            try explaining { try database.write { try $0.removeExpectation(id, by: .commandLine, at: UnixTime.now()) } }
            StandardStreams.error("\(id) is removed.")
        }
    }
}
