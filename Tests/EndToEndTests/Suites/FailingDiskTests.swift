// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation
import Testing

/// Takes away what a hub needs, one thing after the other, while two clients ping each other. The relay continues, every refusal says in one
/// line what to do, and everything works again afterwards.
@Suite(.needsLab)
struct `A hub whose data folder fails` {
    @Test func `relays on a full disk, saves again when there is room, and starts on a full one`() throws {
        try Lab.run { lab in
            let pair = try Pair(in: lab, disk: .memory(megabytes: 8))
            try Disk.fill(pair.hub.dataFolder)
            try pair.expectTrouble("The disk of the data folder is full. Make room on it.")
            try Disk.makeRoom(pair.hub.dataFolder)
            try pair.expectRecovery()
            try pair.expectNothingLost()

            try Disk.fill(pair.hub.dataFolder)
            pair.hub.kill()
            try pair.hub.start()
            #expect(try pair.a.reaches("10.3.2.3", within: 10))
        }
    }

    @Test func `relays when its file system becomes read-only, also after a kill`() throws {
        try Lab.run { lab in
            let pair = try Pair(in: lab, disk: .ext4(megabytes: 16))
            try Disk.abort(pair.hub.dataFolder)
            let sentence = "The data folder is not writable. Check whether its file system is read-only and who owns its files."
            try pair.expectTrouble(sentence)
            try pair.expectNothingLost()
            pair.hub.kill()
            try pair.hub.start()
            #expect(try pair.a.reaches("10.3.2.3", within: 10))
        }
    }

    @Test func `relays while another process locks the database, and saves when that ends`() throws {
        try Lab.run { lab in
            let pair = try Pair(in: lab)
            let holder = try BackgroundProcess(
                "holder",
                Installation.user + [
                    "/usr/bin/python3", "-c",
                    """
                    import sqlite3, time
                    database = sqlite3.connect('\(pair.hub.dataFolder)/hairpin.db', isolation_level=None)
                    database.execute('BEGIN IMMEDIATE')
                    print('held', flush=True)
                    time.sleep(60)
                    """,
                ], folder: lab.folder)
            _ = try wait("the lock") { holder.output.contains("held") ? true : nil }
            try pair.expectTrouble("Another process has locked the database. Wait until it finishes, or end it.")
            holder.kill()
            try pair.expectRecovery()
            try pair.expectNothingLost()
        }
    }

    @Test func `relays on a damaged database, and can then restore a backup`() throws {
        try Lab.run { lab in
            let pair = try Pair(in: lab)
            let (hub, database) = (pair.hub, "\(pair.hub.dataFolder)/hairpin.db")
            try hub.command("backup", hub.dataFolder + "/backup.db")
            // Damages everything except the first page, after a checkpoint of the write-ahead log.
            try Command.expect(["python3", "-c", "import sqlite3; sqlite3.connect('\(database)').execute('PRAGMA wal_checkpoint(TRUNCATE)')"])
            let size = try #require(try FileManager.default.attributesOfItem(atPath: database)[.size] as? Int)
            try Command.expect([
                "dd", "if=/dev/urandom", "of=\(database)", "bs=4096", "seek=1", "count=\(size / 4096 - 1)", "conv=notrunc", "status=none",
            ])
            let sentence = "The database is damaged. Stop the hub and restore a backup with `hairpin restore FILE`."
            _ = try wait("the damage to be told", upTo: .seconds(30)) {
                _ = try pair.portal.get("/devices")
                return try pair.health().body.contains(sentence) ? true : nil
            }
            try pair.expectNothingLost()
            let tooEarly = try hub.run("restore", hub.dataFolder + "/backup.db")
            #expect(tooEarly.status == 1 && tooEarly.errors.contains("The database is damaged: stop the hub"), "\(tooEarly)")
            hub.kill()
            try pair.expectNoStart(sentence)
            try hub.command("restore", hub.dataFolder + "/backup.db")
            try hub.start()
            #expect(try pair.a.reaches("10.3.2.3", within: 10))
            #expect(try pair.health().status == 200)
        }
    }

    @Test func `relays without its key file, and starts only with the right one`() throws {
        try Lab.run { lab in
            let pair = try Pair(in: lab)
            let (hub, key) = (pair.hub, "\(pair.hub.dataFolder)/secret.key")
            try Command.expect(["mv", key, "\(key).away"])
            #expect(try pair.portal.configuration(of: pair.device).contains("PrivateKey = "))
            #expect(try pair.health().status == 200)
            try pair.expectNothingLost()

            try hub.stop()
            try pair.expectNoStart("\(key) is missing, and the keys in the database cannot be opened without it. Put it back.")
            try Command.expect(["install", "-m", "600", "-o", "65534", "/dev/null", key])
            try pair.expectNoStart("\(key) has 0 bytes instead of 32. Put the right file back.")
            try Command.expect(["sh", "-c", "head -c 32 /dev/urandom > '\(key)'"])
            try pair.expectNoStart("Put the right file back.")
            try Command.expect(["mv", "\(key).away", key])
            try hub.start()
            #expect(try pair.a.reaches("10.3.2.3", within: 10))
        }
    }
}

/// A hub and two clients that ping each other ten times a second.
private final class Pair {
    let hub: Hub
    let portal: PortalClient
    let device: PortalClient.Device
    let a: Client
    /// Removed with its last owner.
    private let b: Client
    private let pings: [RunningPing]

    init(in lab: Lab, disk: Disk? = nil) throws {
        hub = try Hub(in: lab, disk: disk)
        portal = try PortalClient(settingUp: hub, in: lab)
        device = try portal.add("A")
        let other = try portal.add("B")
        a = try Client("A", in: lab)
        b = try Client("B", in: lab)
        try a.up(portal.configuration(of: device))
        try b.up(portal.configuration(of: other))
        #expect(try a.reaches("10.3.2.3", within: 10))
        pings = [try a.startPing("10.3.2.3"), try b.startPing("10.3.2.2")]
        for ping in pings { try ping.waitForReplies() }
        // By then the endpoints of the devices are stored, so that a hub that starts later can connect to them.
        sleep(.seconds(3))
    }

    func health() throws -> HTTPAnswer { try hub.namespace.request("GET", "http://127.0.0.1:8080/healthz") }

    /// The form, the health check and a command all say why. Pages can still be read. Each part logs it once.
    func expectTrouble(_ sentence: String) throws {
        let refused = try wait("a refused change", upTo: .seconds(30)) {
            let answer = try portal.post(form: "/devices", on: "/devices/new", ["name": "n\(UInt32.random(in: 0 ... .max))"])
            return answer.status == 303 ? nil : answer
        }
        #expect(refused.status == 503)
        #expect(HTMLForm.text(of: refused.body).contains("Nothing was changed, and the hub goes on relaying. \(sentence)"))
        #expect(try health().status == 503)
        #expect(try health().body == "database: \(sentence)\n")
        #expect(try HTMLForm.text(of: portal.page("/status")).contains(sentence))
        let command = try hub.run("device", "add", "late")
        #expect(command.status == 1)
        #expect(command.errors.hasPrefix("hairpin: \(sentence)") && command.errors.split(separator: "\n").count == 1, "\(command.errors)")

        for _ in 0..<5 { _ = try portal.post(form: "/devices", on: "/devices/new", ["name": "more"]) }
        sleep(.seconds(3))
        let lines = hub.log.split(separator: "\n").filter { $0.contains("level=error") || $0.contains("level=warning") }
        #expect(!lines.isEmpty)
        for line in Set(lines) { #expect(lines.count { $0 == line } == 1, "a flood: \(line)") }
        #expect(lines.count <= 4, "\(lines)")
    }

    /// A change can be saved and applied again.
    func expectRecovery() throws {
        _ = try wait("health", upTo: .seconds(30)) { try health().status == 200 ? true : nil }
        let device = try portal.add("back")
        let api = try API(hub)
        _ = try wait("the change to be in force") { try api.device(device).status.applied ? true : nil }
        _ = try wait("the word that it works again") { hub.log.contains("again") ? true : nil }
    }

    func expectNothingLost() throws {
        for ping in pings {
            _ = try wait("enough pings") { ping.soFar.sent > 25 ? true : nil }
            let result = try ping.stop()
            #expect(result.nothingLost && result.sent > 20, "\(result)")
        }
    }

    /// One line, exit 1.
    func expectNoStart(_ sentence: String) throws {
        let serve = try hub.run("serve")
        #expect(serve.status == 1)
        #expect(serve.errors.contains(sentence) && serve.errors.split(separator: "\n").count == 1, "\(serve.errors)")
    }
}
