// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Foundation
import Testing

/// Backups, imports and exports in a browser, while devices use the hub.
@Suite(.needsLab)
struct `The page Backup and data` {
    private static let portal = "http://127.0.0.1:8080"
    private static let words = "four words in a row"

    @Test func `takes the hub back to a backup while it runs, and signs everybody out`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let (portal, browser) = try signedIn(hub, lab)
            _ = try portal.add("nas")
            let nas = try Client("nas", in: lab)
            try nas.up(hub.command("device", "config", "nas"))
            #expect(try nas.reaches("10.3.2.1"))

            try browser.open("\(Self.portal)/settings/data")
            try browser.fill("passphrase", Self.words)
            try browser.fill("repeated", Self.words)
            let backup = try browser.downloadedFile(ending: ".backup", pressing: "#backup-section button")
            _ = try portal.add("printer")

            try browser.open("\(Self.portal)/settings/data")
            try browser.choose(file: backup, for: "backup")
            try browser.fill("backup_passphrase", Self.words)
            try browser.follow("Check backup…")
            #expect(try browser.text(of: ".effect").contains("Devices that are removed: printer"))
            try browser.follow("Restore backup")
            #expect(try browser.path() == "/login")
            #expect(try browser.text().contains("everybody is signed out"))
            try signIn(browser)
            #expect(try browser.text(of: "table.devices").contains("nas"))
            #expect(try !browser.text(of: "table.devices").contains("printer"))
            // The session of the device goes on.
            #expect(try nas.reaches("10.3.2.1"))
            #expect(try browser.complaints().allSatisfy { $0.contains("/events") })
            #expect(!hub.log.contains("level=error"))
        }
    }

    @Test func `brings another hub, which then runs with its own key`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let (portal, browser) = try signedIn(hub, lab)
            _ = try portal.add("nas")
            let key = PrivateKey.generate()
            let backup = try backup(ofHubWith: key, in: lab, hub)
            try browser.open("\(Self.portal)/settings/data")
            try browser.choose(file: backup, for: "backup")
            try browser.follow("Check backup…")
            #expect(try browser.text(of: ".effect").contains("The backup is of another hub."))
            try browser.press(selector: "[name='replace']")
            try browser.follow("Restore backup")
            try wait("the hub with the other key", upTo: .seconds(30)) { hub.output.contains("public_key=\(key.publicKey.base64)") ? true : nil }

            try hub.command("device", "add", "laptop")
            let laptop = try Client("laptop", in: lab)
            let file = try hub.command("device", "config", "laptop")
            #expect(file.contains(key.publicKey.base64))
            try laptop.up(file)
            #expect(try laptop.reaches("10.77.0.1"))
            // The stream of events broke when the portal started again.
            #expect(try browser.complaints().allSatisfy { $0.contains("/events") || $0.contains("ERR_CONNECTION") })
        }
    }

    @Test func `imports the peers of another server in one change that can be undone, and exports the hub`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let (portal, browser) = try signedIn(hub, lab)
            _ = try portal.add("nas")
            let peer = PrivateKey.generate()
            let file = lab.folder.appendingPathComponent("wg0.conf")
            try """
            [Interface]
            Address = 10.8.0.1/24
            # berlin
            [Peer]
            PublicKey = \(peer.publicKey.base64)
            AllowedIPs = 10.8.0.2/32

            """.write(to: file, atomically: true, encoding: .utf8)
            try browser.open("\(Self.portal)/settings/data")
            try browser.choose(file: file, for: "peers")
            try browser.follow("Check file…")
            #expect(try browser.text(of: "h1") == "Import 1 device?")
            #expect(try browser.text(of: "main table").contains("berlin"))
            try browser.follow("Add 1 device")
            #expect(try browser.text(of: "#effect").contains("berlin is deleted"))
            // The device connects with its own key and the file of this hub.
            let config = try hub.command("device", "config", "berlin")
            let berlin = try Client("berlin", in: lab)
            try berlin.up(config.replacing(/# PrivateKey = .*/, with: "PrivateKey = \(peer.revealBase64())"))
            #expect(try berlin.reaches("10.3.2.1"))

            let change = try browser.path()
            try browser.open("\(Self.portal)/settings/data")
            let server = try browser.download("hairpin-server.conf", pressing: "form[action$='/server-file'] button")
            #expect(server.contains("# Name: berlin") && server.contains(peer.publicKey.base64))
            try browser.open("\(Self.portal)\(change)")
            try browser.follow("Undo this change")
            try browser.open("\(Self.portal)/devices")
            #expect(try !browser.text(of: "table.devices").contains("berlin"))
            #expect(try browser.complaints() == [])
        }
    }

    /// The backup of a hub with this key, which never ran.
    private func backup(ofHubWith key: PrivateKey, in lab: Lab, _ hub: Hub) throws -> URL {
        let data = lab.folder.appendingPathComponent("other")
        try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
        try Command.expect(["chmod", "700", data.path])
        try Command.expect(["chown", "65534:65534", data.path])
        let program = Installation.user + [try Installation.program]
        let server = "[Interface]\nPrivateKey = \(key.revealBase64())\nAddress = 10.77.0.1/24\n"
        try hub.namespace.expect(program + ["import", "-", "--data", data.path], input: server)
        let file = data.appendingPathComponent("hub.backup")
        try hub.namespace.expect(program + ["backup", file.path, "--data", data.path])
        return file
    }

    private func signedIn(_ hub: Hub, _ lab: Lab) throws -> (PortalClient, Browser) {
        let portal = try PortalClient(settingUp: hub, in: lab)
        let browser = try Browser(in: hub.namespace, of: lab)
        try browser.open("\(Self.portal)/login")
        try signIn(browser)
        return (portal, browser)
    }

    private func signIn(_ browser: Browser) throws {
        try browser.fill("email", PortalClient.email)
        try browser.fill("password", PortalClient.password)
        try browser.follow("Sign in")
    }
}
