// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation
import Net
import Testing

@testable import Store
@testable import hairpin

struct `Links on the command line` {
    private let program: Program
    private let database: Database

    init() throws {
        program = try Program()
        database = try DataOptions.parse(["--data", program.data, "--root", Program.root]).open()
        try database.change(by: .system, at: UnixTime.now()) {
            try $0.makeHub(
                name: "hub", privateKey: .generate(), ipv4Network: IPPrefix("10.3.2.0/24"), ipv6Network: nil, defaults: .init(allowedIPs: []))
        }
        for name in ["web", "db", "guest"] { #expect(try program.run("device", "add", name, "--tags", "lab").status == 0) }
    }

    private func list(_ name: String) throws -> [String] {
        try database.read { db in
            let device = try #require(try db.device(named: name))
            return device.settings(over: try db.defaults()).allowedIPs.map(\.description)
        }
    }

    @Test func `are made and removed, of single devices and of tags`() throws {
        #expect(try program.run("link", "add", "web", "db").status == 0)
        #expect(try list("web") == ["10.3.2.3/32"] && list("db") == ["10.3.2.2/32"])
        #expect(try program.run("link", "add", "web", "tag:lab").error.contains("Changed the allowed IPs of "))
        #expect(try list("web") == ["10.3.2.3/32", "10.3.2.4/32"])
        #expect(try program.run("link", "add", "web", "db").error.contains("Nothing changed"))
        #expect(try program.run("link", "remove", "web", "db, guest").status == 0)
        #expect(try list("web") == [])
        let unknown = try program.run("link", "add", "web", "zebra")
        #expect(unknown.status == 1 && unknown.error.contains("There is no device “zebra”."))
    }

    @Test func `for a time are listed, extended and ended`() throws {
        let added = try program.run("link", "add", "web", "db,guest", "--for", "2h", "--reason", "repair")
        #expect(added.status == 0, "\(added.error)")
        let ids = added.output.split(separator: "\n").map(String.init)
        #expect(ids.count == 2)
        let links = try database.read { try $0.timedLinks() }
        #expect(Set(links.map(\.id)) == Set(ids) && links.allSatisfy { $0.reason == "repair" && $0.grantedBy == "command line" })
        let rows = try program.run("link", "list", "--json").output
        #expect(rows.contains("\"a\":\"web\",\"b\":\"guest\"") && rows.contains("\"reason\":\"repair\""))
        #expect(try program.run("link", "list").output.contains("command line"))

        #expect(try program.run("link", "extend", ids[0], "--for", "1d").status == 0)
        let end = try database.read { try $0.timedLink(ids[0]) }.endsAt
        #expect(end == links.first { $0.id == ids[0] }?.endsAt.adding(seconds: 86_400))
        #expect(try program.run("link", "end", ids[0]).status == 0)
        #expect(try database.read { try $0.timedLinks() }.map(\.id) == [ids[1]])
        #expect(try program.run("link", "end", ids[0]).status == 1)
    }

    @Test(arguments: [
        (["link", "add", "web", "db", "--for", "2x"], 64, "--for: “2x” is not valid. Example: 2h."),
        (["link", "add", "web", "db", "--for", "2h", "--until", "2099-01-31"], 64, "Give either --for or --until."),
        (["link", "add", "web", "db", "--until", "soon"], 64, "soon is not a date."),
        (["link", "add", "web", "db", "--reason", "repair"], 64, "--reason is for links with an end."),
        (["link", "add", "web", "db", "--for", "5s"], 1, "less than a minute away"), (["link", "extend", "none", "--for", "1h"], 1, "none"),
    ])
    func `say what is wrong, and change nothing`(words: [String], status: Int32, error: String) throws {
        let answer = try program.runAlone(words + ["--data", program.data, "--root", Program.root])
        #expect(answer.status == status && answer.error.contains(error), "\(answer.status) \(answer.error)")
        #expect(try list("web") == [])
    }

    @Test func `stop at an expectation`() throws {
        #expect(try program.run("expectation", "add", "web", "never", "db").status == 0)
        #expect(try program.run("link", "add", "web", "db").status == 1)
        #expect(try list("web") == [])
        #expect(try program.run("link", "add", "web", "db", "--for", "1h", "--break-expectations").status == 0)
    }
}
