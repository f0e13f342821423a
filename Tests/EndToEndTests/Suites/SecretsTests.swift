// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation
import Testing

/// What other users of the host can see of a hub.
@Suite(.needsLab)
struct `A hub's secrets` {
    @Test func `are in no core dump, and no other process of its user can read its memory`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let process = "/proc/\(hub.processID)"
            let limits = try String(contentsOfFile: "\(process)/limits", encoding: .utf8)
            #expect(limits.contains(#/Max core file size +0 +0 /#))
            // The kernel makes root the owner of these files once a process may not be dumped, whatever its user.
            let owners = try ["", "/mem", "/maps"].map {
                try Command.expect(["stat", "--format=%U", process + $0]).trimmingCharacters(in: .newlines)
            }
            #expect(owners == ["nobody", "root", "root"])
            for name in ["maps", "environ", "mem"] {
                #expect(
                    try Command.run(Installation.user + ["head", "--bytes=1", "\(process)/\(name)"]).errors.contains("Permission denied"), "\(name)")
            }
        }
    }

    @Test func `are sealed with a credential of systemd, which stays the only key`() throws {
        try Lab.run { lab in
            let credentials = lab.folder.appendingPathComponent("credentials")
            let key = credentials.appendingPathComponent("secret.key")
            try Command.expect(["mkdir", credentials.path])
            try Data((0..<32).map { _ in UInt8.random(in: 0...255) }).write(to: key)
            try Command.expect(["chown", "-R", "65534:65534", credentials.path])
            try Command.expect(["chmod", "-R", "go=", credentials.path])
            let hub = try Hub(in: lab, credentials: credentials)
            let portal = try PortalClient(settingUp: hub, in: lab)
            let nas = try portal.add("nas")
            let before = try portal.configuration(of: nas)
            #expect(before.contains("PrivateKey = "))
            #expect(!FileManager.default.fileExists(atPath: "\(hub.dataFolder)/secret.key"))
            try hub.stop()
            try hub.start()
            #expect(try portal.configuration(of: nas) == before)
            try hub.stop()
            try Data((0..<32).map { _ in UInt8.random(in: 0...255) }).write(to: key)
            #expect(throws: (any Error).self, "it starts with another key") { try hub.start() }
            #expect(hub.log.contains(key.path))
        }
    }
}

/// Commands for keys, backups and the audit log, beside a running hub.
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
