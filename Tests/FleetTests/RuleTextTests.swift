// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Support
import Testing

private let ids = ["laptop": "id1", "Berlin NAS": "id2", "any": "id3", "10.0.0.1": "id4", "say \"hi\"": "id5"]

private func read(_ text: String) throws -> RuleList { try RuleText.read(text) { ids[$0] }.get() }

private func problem(_ text: String) -> String? {
    if case .failure(let refusal) = RuleText.read(text, id: { ids[$0] }) { refusal.message.description } else { nil }
}

struct `Rules as text` {
    private static let text = """
        allow from tag:admins to any tcp 22 # admins may use ssh
        off deny from "Berlin NAS" to internet any
        reset from 10.3.2.0/24 to hub icmp
        allow from "any" to "10.0.0.1" udp 53, 5000-5010
        deny from laptop to "say \\"hi\\"" 47
        end deny

        """

    @Test func `are written as they are read`() throws {
        let list = try read(Self.text)
        let names = Dictionary(uniqueKeysWithValues: ids.map { ($1, $0) })
        #expect(RuleText.text(list) { names[$0] } == Self.text)
        #expect(list.rules.map(\.enabled) == [true, false, true, true, true])
        #expect(list.end == .deny)
        #expect(list.rules[0] == ServiceRule(.allow, from: .tag(Tag("admins")!), service: TransportService("tcp 22")!, note: "admins may use ssh"))
        #expect(list.rules[1].from == .device("id2") && list.rules[1].to == .internet)
        #expect(list.rules[3].from == .device("id3") && list.rules[3].to == .device("id4"))
    }

    @Test func `name devices by their ids where nobody knows their names`() throws {
        let list = try read(Self.text)
        #expect(RuleText.text(list).contains("off deny from device:id2 to internet any"))
        #expect(try RuleText.read(RuleText.text(list)) { _ in nil }.get() == list)
    }

    @Test func `may have comments, blank lines and other line ends, and allow at their end`() throws {
        let list = try read("# all of it\r\n\r\n  ALLOW from any to any\r\n")
        #expect(list == RuleList([ServiceRule(.allow)]))
    }

    @Test(arguments: [
        ("permit from any to any", "Line 1: A rule begins with allow, deny or reset."),
        ("allow any to any", "Line 1: A rule reads: allow from tag:admins to any tcp 22"),
        ("# one\nallow from nobody to any", "Line 2: “nobody” is no device. Write its name, tag:word, a network, any, hub or internet."),
        ("allow from tag:! to any", "Line 1: “tag:!” is no device. Write its name, tag:word, a network, any, hub or internet."),
        ("allow from any to \"Berlin NAS", "Line 1: “\"Berlin NAS” is no device. Write its name, tag:word, a network, any, hub or internet."),
        (
            "allow from any to any tcp ssh",
            "Line 1: “tcp ssh” is not a service. Examples: tcp 22, udp 53, 5000-5010, icmp, any, or the number of a protocol."
        ),
        ("end reset", "Line 1: The end of the list is allow or deny."),
        ("end deny\ndeny from any to any", "Line 2: Nothing may come after the end of the list."),
    ])
    func `are refused with the line that is wrong`(text: String, message: String) {
        #expect(problem(text) == message)
    }

    @Test func `are checked one by one`() {
        let long = String(repeating: "x", count: 201)
        let list = RuleList(
            [
                ServiceRule(.allow, from: .hub), ServiceRule(.allow, to: .device("gone")), ServiceRule(.deny, note: long),
                ServiceRule(.deny, from: .prefix("10.0.0.0/8"), to: .prefix("fd00::/8")), ServiceRule(.deny, note: "a\u{202E}b"),
            ])
        let problems = list.problems { $0 != "gone" }
        #expect(problems.map(\.field) == ["rules.1", "rules.2", "rules.3", "rules.4", "rules.5"])
        #expect(RuleList(Array(repeating: ServiceRule(.deny), count: 1001)).problems { _ in true }.map(\.field) == ["rules"])
    }

    @Test func `keep their ids while they decide as before`() {
        let old = RuleList([ServiceRule(id: 1, .allow), ServiceRule(id: 2, .deny, note: "old"), ServiceRule(id: 3, .allow)])
        let new = RuleList([ServiceRule(.deny, note: "new"), ServiceRule(.reset), ServiceRule(.allow), ServiceRule(.allow), ServiceRule(.allow)])
        #expect(new.keepingIDs(of: old).rules.map(\.id) == [2, 0, 1, 3, 0])
    }
}
