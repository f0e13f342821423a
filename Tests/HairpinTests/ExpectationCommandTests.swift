// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Net
import Testing

@testable import Store
@testable import hairpin

struct `Expectations on the command line` {
    @Test func `are added, listed and removed, and stop a command that breaks one`() throws {
        let program = try Program()
        let database = try DataOptions.parse(["--data", program.data, "--root", Program.root]).open()
        try database.change(by: .system, at: UnixTime.now()) {
            try $0.makeHub(
                name: "hub", privateKey: .generate(), ipv4Network: IPPrefix("10.3.2.0/24"), ipv6Network: nil,
                defaults: .init(allowedIPs: [IPPrefix("10.3.2.0/24")!]))
        }
        for name in ["web", "db"] { #expect(try program.run("device", "add", name).status == 0) }
        let added = try program.run("expectation", "add", "web", "reaches", "db")
        #expect(added.status == 0, "\(added.error)")
        let list = try program.run("expectation", "list")
        #expect(list.status == 0 && list.output.contains("web reaches db"))
        let stopped = try program.run("device", "remove", "db")
        #expect(stopped.status == 1)
        #expect(stopped.error.contains("“web reaches db”: db is removed") && stopped.error.contains("--break-expectations"))
        #expect(try program.run("expectation", "add", "web", "never", "tag:x").status == 0)
        let broken = try program.run("device", "add", "evil", "--tags", "x")
        #expect(broken.status == 1)
        #expect(try program.run("device", "add", "evil", "--tags", "x", "--break-expectations").status == 0)
        let failing = try program.run("expectation", "list", "--json")
        #expect(failing.status == 1 && failing.output.contains("\"holds\":false"))
        let id = added.output.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(try program.run("expectation", "remove", id).status == 0)
        #expect(try program.run("device", "remove", "db").status == 0)
    }
}
