// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Fleet
import Linux
import Net
import Store
import Words

/// `hairpin rules …`: the rules about what linked devices may send each other.
struct RulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "List and replace the rules about what linked devices may send each other.",
        subcommands: [List.self, Set.self])

    /// `hairpin rules list`: prints the rules in the form that `set` reads.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print all rules, in their order, as `set` reads them.")
        @OptionGroup var data: DataOptions
        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            let database = try data.open()
            let (list, index) = try explaining { try database.read { (try $0.ruleList(), try $0.deviceIndex()) } }
            guard json else {
                let text = RuleText.text(list) { index[$0]?.name }
                for line in text.split(separator: "\n") { StandardStreams.output(String(line).harmless) }
                return
            }
            let rules = list.rules.map { rule -> JSON in
                [
                    "id": .integer(rule.id), "action": .string(RuleText.word(rule.action)), "from": .string(RuleText.text(rule.from)),
                    "to": .string(RuleText.text(rule.to)), "service": .string(rule.service.description), "note": .string(rule.note),
                    "enabled": .bool(rule.enabled),
                ]
            }
            Listing.print(
                ["revision": .integer(list.revision), "end": .string(RuleText.word(list.end)), "rules": .array(rules)] as JSON)
        }
    }

    /// `hairpin rules set FILE`: replaces all rules in one change.
    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replace all rules with those in a file, in one change.",
            discussion: "One rule in each line, such as: allow from tag:admins to any tcp 22. The last line may be: end deny.")
        @OptionGroup var data: DataOptions
        @Flag(help: "Say what the rules would do, and change nothing.")
        var dryRun = false
        @Argument(help: "The file; - reads standard input.")
        var file: String

        func run() throws {
            let text = try read()
            let database = try data.open()
            let overview = try explaining { try database.read { try $0.overview(status: HubStatus(), now: UnixTime.now()) } }
            let names = Sides(overview.devices)
            let list: RuleList
            switch RuleText.read(text, id: { names.device($0)?.id }) {
            case .success(let read): list = read
            case .failure(let refusal): throw Failure.failed("\(refusal.message)")
            }
            for line in RulesEffect(list, on: overview).lines { StandardStreams.error("\(line.kind.sign) \(line.text)".harmless) }
            if !dryRun { _ = try data.change { try $0.setRules(list) } }
        }

        private func read() throws -> String {
            do {
                return String(decoding: try file == "-" ? StandardStreams.readAll() : Files.read(file), as: UTF8.self)
            } catch { throw Failure.failed("\(error)") }
        }
    }
}
