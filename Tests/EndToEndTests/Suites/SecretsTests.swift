// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Testing

/// Commands about keys, backups and the audit log, beside a hub that serves.
@Suite(.needsLab)
struct `Beside a running hub` {
    @Test func `the key is rotated, and files still have their private keys`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let nas = try portal.add("nas")
            let before = try portal.configuration(of: nas)
            for _ in 0..<3 { try hub.command("key", "rotate") }
            #expect(try portal.configuration(of: nas) == before)
            let phone = try portal.add("phone")
            try hub.stop()
            try hub.start()
            #expect(try portal.configuration(of: nas) == before)
            #expect(try portal.configuration(of: phone).contains("PrivateKey = "))
            #expect(try hub.command("audit", "list", "--what", "key", "--json").matches(of: /"key.rotate"/).count == 3)
            #expect(try hub.command("audit", "verify").contains(/^[0-9]+ +[0-9a-f]{64}/))
        }
    }

    @Test func `a sealed backup is made and restored, and everybody is signed out`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let nas = try portal.add("nas")
            let before = try portal.configuration(of: nas)
            let file = hub.dataFolder + "/backup"
            try hub.command("backup", file, "--passphrase-stdin", input: "green tea at four\n")
            try hub.command("device", "remove", "nas")
            try hub.command("restore", file, "--passphrase-stdin", input: "green tea at four\n")
            #expect(try portal.get("/devices").status == 303)
            try portal.submit(form: "/login", on: "/login", ["email": PortalClient.email, "password": PortalClient.password])
            #expect(try portal.configuration(of: nas) == before)
        }
    }
}
