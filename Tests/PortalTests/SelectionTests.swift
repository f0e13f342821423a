// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation
import HTTP
import Net
import Store
import Testing

@testable import Portal

@Suite struct `An action on selected devices` {
    let hub: TestSite
    let devices: [Device]
    let browser: Browsing

    init() throws {
        hub = try TestSite()
        devices = try ["alpha", "beta", "gamma"].map { [hub] in try hub.add($0) }
        browser = try hub.signedIn()
    }

    private func act(_ action: String, _ chosen: [Device], path: String = "/devices/selected", _ more: [(String, String)] = []) throws -> Answer {
        let pairs = [("action", action)].filter { !$0.1.isEmpty } + chosen.map { ("device", $0.id) } + more
        return try browser.post(path, on: "/devices", pairs: pairs)
    }

    /// Disables devices, with the page that asks.
    private func disable(_ chosen: [Device], _ more: [(String, String)] = []) throws -> Answer {
        try act("", chosen, path: "/devices/selected/disable", confirmed(act("disable", chosen, more)) + more)
    }

    /// The fields of the page that asks before it disables or deletes: the set of devices that it shows.
    private func confirmed(_ page: Answer) throws -> [(String, String)] {
        [("selection", String(try #require(page.text.firstMatch(of: /name="selection" value="([0-9a-f]{64})"/)?.1)))]
    }

    private func isEnabled() throws -> [Bool] { try hub.database.read { try $0.devices() }.map(\.enabled) }

    @Test func `changes those and no others, in one generation`() throws {
        let before = try hub.database.read { try $0.generation() }.desired
        let page = try act("disable", [devices[0], devices[2]])
        #expect(page.status == 200 && page.text.contains("<h1>Disable 2 devices?</h1>") && page.text.contains("<li>gamma</li>"))
        #expect(try isEnabled() == [true, true, true])
        let answer = try disable([devices[0], devices[2]], [("q", "a"), ("sort", "-seen")])
        #expect(answer.status == 303)
        #expect(answer.location == "/devices?q=a&sort=-seen&change=\(before + 1)&done=disabled")
        #expect(try isEnabled() == [false, true, false])
        #expect(try hub.database.read { try $0.generation() }.desired == before + 1)
        #expect(try act("enable", [devices[0]]).status == 303)
        #expect(try isEnabled() == [true, true, false])
    }

    @Test func `asks before it deletes, and then deletes all of them`() throws {
        let confirmation = try act("delete", [devices[1], devices[2]])
        #expect(confirmation.status == 200)
        #expect(confirmation.text.contains("<h1>Delete 2 devices?</h1>"))
        #expect(confirmation.text.contains("<li>beta</li>"))
        #expect(!confirmation.text.contains("<li>alpha</li>"))
        #expect(try hub.database.read { try $0.devices() }.count == 3)
        let answer = try act("", [devices[2], devices[1]], path: "/devices/selected/delete", confirmed(confirmation))
        #expect(answer.location == "/devices?done=removed")
        #expect(try hub.database.read { try $0.devices() }.map(\.name) == ["alpha"])
    }

    @Test func `asks again if the selection differs from the confirmed one`() throws {
        for fields in [[], [("selection", "")], try confirmed(act("delete", [devices[0], devices[1]]))] {
            let kept = try act("", [], path: "/devices/selected/disable", [("all", "on"), ("q", "a")] + fields)
            #expect(kept.status == 200 && kept.text.contains("<h1>Disable 3 devices?</h1>"))
            #expect(try isEnabled() == [true, true, true])
            let answer = try act("", [], path: "/devices/selected/delete", [("all", "on"), ("q", "a")] + fields)
            #expect(answer.status == 200)
            #expect(answer.text.contains("Delete 3 devices?"))
        }
        #expect(try hub.database.read { try $0.devices() }.count == 3)
    }

    @Test func `deletes no device that joined the view meanwhile, even if as many left it`() throws {
        let confirmation = try act("delete", [], [("all", "on"), ("q", "a")])
        try hub.database.change(by: .system, at: World.start) { try $0.removeDevice(devices[0].id) }
        let newcomer = try hub.add("delta")
        let answer = try act("", [], path: "/devices/selected/delete", [("all", "on"), ("q", "a")] + confirmed(confirmation))
        #expect(answer.status == 200)
        #expect(answer.text.contains("Delete 3 devices?") && answer.text.contains("<li>delta</li>"))
        #expect(try hub.device(newcomer.id) == newcomer)
        #expect(try act("", [], path: "/devices/selected/delete", [("all", "on"), ("q", "a")] + confirmed(answer)).status == 303)
        #expect(try hub.database.read { try $0.devices() }.isEmpty)
    }

    @Test func `says so if the selection is gone`() throws {
        let confirmation = try act("delete", [devices[0]])
        try hub.database.change(by: .system, at: World.start) { try $0.removeDevice(devices[0].id) }
        let answer = try act("", [devices[0]], path: "/devices/selected/delete", confirmed(confirmation))
        #expect(answer.location == "/devices?done=nothing_selected")
    }

    @Test func `may include a whole view, also devices on other pages`() throws {
        _ = try disable([devices[0]], [("all", "on"), ("q", "gamma")])
        #expect(try isEnabled() == [true, true, false])
    }

    @Test func `does nothing if nothing is selected`() throws {
        #expect(try act("delete", []).location == "/devices?done=nothing_selected")
        #expect(try act("rename", [devices[0]]).status == 400)
        #expect(try isEnabled() == [true, true, true])
    }

    @Test(arguments: ["export", "delete"])
    func `asks for a confirmation before secrets and deletion, and keeps what was ticked`(action: String) throws {
        hub.world.advance(seconds: 600)
        let answer = try act(action, [devices[1]], [("q", "a")])
        #expect(answer.status == 303)
        let next = try #require(answer.location?.split(separator: "next=").last.flatMap { String($0).removingPercentEncoding })
        #expect(answer.location?.hasPrefix("/account/confirm?next=") == true)
        #expect(next.hasPrefix("/devices?q=a&selected="))
        let list = try browser.get(next).text
        #expect(list.matches(of: /name="device" value="[^"]+" checked/).count == 1)
        #expect(list.contains("value=\"\(devices[1].id)\" checked"))
        #expect(try act("", [devices[1]], path: "/devices/selected/delete", [("selection", "any")]).location?.hasPrefix("/account/confirm") == true)
        #expect(try hub.database.read { try $0.devices() }.count == 3)
    }

    @Test func `is closed to viewers`() throws {
        let viewer = try hub.signedIn(role: .viewer)
        #expect(try viewer.post("/devices/selected", on: "/devices", ["action": "disable", "device": devices[0].id]).status == 403)
        #expect(try isEnabled() == [true, true, true])
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/python3")))
    func `exports complete files in a ZIP file that other programs can read`() throws {
        let twins = try ["berlin-office-gateway-1", "berlin-office-gateway-2"].map { try hub.add($0) }
        let answer = try act("export", twins + [devices[0]])
        #expect(answer.status == 200)
        #expect(answer.response.fields["Content-Type"] == "application/zip")
        #expect(answer.response.fields["Content-Disposition"]?.hasSuffix(".zip\"") == true)
        let listing = try read(answer.bytes)
        #expect(listing.names.sorted() == ["alpha.conf", "berlin-office-2.conf", "berlin-office-g.conf"])
        #expect(try listing.text.contains(browser.download(devices[0]).text))
        #expect(listing.text.components(separatedBy: "\nPrivateKey = ").count == 4)
    }

    @Test func `counts an export as installed only if asked`() throws {
        #expect(try !act("export", [devices[0]]).bytes.isEmpty)
        #expect(try hub.device(devices[0].id).fetchedAt == nil)
        #expect(try !act("export", [devices[0]], [("installed", "on")]).bytes.isEmpty)
        #expect(try hub.device(devices[0].id).fetchedConfigRevision == devices[0].configRevision)
        #expect(try hub.device(devices[1].id).fetchedAt == nil)
    }

    /// The names and text that Python's zipfile finds after checking the checksums.
    private func read(_ bytes: [UInt8]) throws -> (names: [String], text: String) {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).zip")
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let python = Process()
        python.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        let script = """
            import sys, zipfile
            archive = zipfile.ZipFile(sys.argv[1])
            assert archive.testzip() is None
            assert all(info.external_attr >> 16 == 0o100600 and info.date_time[0] == 2027 for info in archive.infolist())
            print(" ".join(archive.namelist()))
            for name in archive.namelist(): print(archive.read(name).decode(), end="")
            """
        python.arguments = ["-c", script, file.path]
        let output = Pipe()
        python.standardOutput = output
        try python.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        python.waitUntilExit()
        #expect(python.terminationStatus == 0)
        let lines = text.split(separator: "\n", maxSplits: 1).map(String.init)
        return ((lines.first ?? "").split(separator: " ").map(String.init), "\n" + (lines.last ?? ""))
    }
}
