// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation
import Testing

/// The portal as users see it.
@Suite(.needsLab)
struct `A browser` {
    private static let portal = "http://127.0.0.1:8080"

    @Test(arguments: [true, false])
    func `goes from the first start to two linked devices and a file handed over`(scripts: Bool) throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let browser = try Browser(in: hub.namespace, of: lab, scripts: scripts)
            try browser.open(hub.setupURL())
            try browser.fill("email", PortalClient.email)
            try browser.fill("password", PortalClient.password)
            try browser.follow("Make the account")
            #expect(try browser.path() == "/welcome")

            let nas = try add("berlin-nas", browser)
            let gateway = try add("office-gw", browser)
            try edit("10.3.2.3/32", browser, at: nas)
            try edit("10.3.2.2/32", browser, at: gateway)
            try changeDefaults(browser, followedBy: nas)
            try askWhy(browser, scripts: scripts)
            try handOver(nas, browser, in: lab)

            #expect(try browser.complaints() == [])
            #expect(try browser.foreignRequests(origin: Self.portal) == [])
            #expect(!hub.log.contains("level=error"))
        }
    }

    @Test(arguments: [true, false])
    func `goes from the one-time address to two machines, two files, and a link that turns green`(scripts: Bool) throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let browser = try Browser(in: hub.namespace, of: lab, scripts: scripts)
            try browser.open(hub.setupURL())
            try browser.fill("email", PortalClient.email)
            try browser.fill("password", PortalClient.password)
            try browser.fill("network", "203.0.113.0/24")
            try browser.follow("Make the account")
            #expect(try browser.text().contains("203.0.113.0/24 overlaps 203.0.113.0/24, a network of this machine"))
            #expect(try browser.complaints().allSatisfy { $0.contains("status of 422") })
            try browser.fill("password", PortalClient.password)
            try browser.fill("network", "172.20.0.0/22, fd00::20:0/120")
            try browser.follow("Make the account")
            try browser.fill("first", "berlin-nas")
            try browser.fill("second", "laptop")
            try browser.follow("Add both")
            #expect(try browser.path() == "/welcome/files")
            #expect(try browser.text(of: ".tie").contains("Not connected yet."))

            var machines: [Client] = []
            for (place, name) in ["berlin-nas", "laptop"].enumerated() {
                let section = ".pair-devices section:nth-of-type(\(place + 1))"
                let file = try browser.download("\(name).conf", pressing: "\(section) .button.primary")
                #expect(file.contains("\nAddress = 172.20.0.\(place + 2)/32, fd00::20:\(place + 2)/128\n"))
                try browser.press(selector: "\(section) form[action$='/qr'] button")
                try wait("the code", upTo: .seconds(15)) { (try? browser.text(of: ".crumb")) == "Back" ? true : nil }
                #expect(try browser.scan("img.qr", in: lab) == file.trimmingCharacters(in: .newlines))
                try browser.follow("Back")
                machines.append(try Client(place == 0 ? "nas" : name, in: lab))
                try machines[place].up(file)
            }
            // This needs no click; without scripts, the test reloads the page.
            try wait("the green link", upTo: .seconds(60), every: .seconds(1)) {
                if try browser.text(of: ".tie").contains("Linked. berlin-nas and laptop are online") { return true }
                if !scripts { try browser.reload() }
                return nil
            }
            if scripts {
                try browser.reload()
                #expect(try browser.text(of: ".tie").contains("Linked. berlin-nas and laptop are online"))
            }
            #expect(try machines[0].ping("172.20.0.3").nothingLost)
            #expect(try machines[1].ping("172.20.0.1").nothingLost)
            #expect(try browser.complaints() == [])
            #expect(try browser.foreignRequests(origin: Self.portal) == [])
            #expect(!hub.log.contains("level=error"))
        }
    }

    /// Returns the path of its page.
    private func add(_ name: String, _ browser: Browser) throws -> String {
        try browser.open("\(Self.portal)/devices/new")
        try browser.fill("name", name)
        try browser.follow("Add")
        #expect(try browser.text(of: "h1") == name)
        return try browser.path()
    }

    /// An invalid input, a preview, and saving.
    private func edit(_ prefix: String, _ browser: Browser, at page: String) throws {
        try browser.open("\(Self.portal)\(page)")
        try browser.follow("Edit")
        try browser.choose("allowed_ips_source", "custom")
        // Without a script, the text is open from the start.
        try? browser.press(selector: ".as-text:not([open]) summary")
        try browser.fill("allowed_ips", "10.3.2.300")
        try browser.follow("Save")
        #expect(try browser.text().contains("10.3.2.300 is not"))
        // The status of a refused form, which Chromium reports.
        #expect(try browser.complaints().allSatisfy { $0.contains("status of 422") })
        try browser.fill("allowed_ips", prefix)
        try browser.press("Preview")
        // The script may replace the block between two checks.
        try wait("what saving does", upTo: .seconds(15)) { (try? browser.text(of: "#effect"))?.contains(prefix) == true ? true : nil }
        try browser.follow("Save")
        #expect(try browser.path() == page)
        #expect(try browser.text().contains(prefix))
        #expect(try browser.complaints() == [])
    }

    private func changeDefaults(_ browser: Browser, followedBy page: String) throws {
        try browser.open("\(Self.portal)/settings/defaults")
        try browser.fill("persistent_keepalive", "20")
        try browser.follow("Save")
        try browser.open("\(Self.portal)\(page)")
        #expect(try browser.text().contains("20 s"))
    }

    /// Goes from the matrix to the checks of one pair; without scripts, from the form above it.
    private func askWhy(_ browser: Browser, scripts: Bool) throws {
        try browser.open("\(Self.portal)/reachability")
        if scripts {
            try browser.press(selector: ".matrix td.both")
            try wait("the panel", upTo: .seconds(15)) { (try? browser.text(of: "#panel"))?.contains("Unlink") == true ? true : nil }
            try browser.press(selector: "#panel a[href*='from=']")
        } else {
            try browser.fill("from", "berlin-nas")
            try browser.fill("to", "office-gw")
            try browser.follow("Check")
        }
        try browser.press(selector: "details.passed summary")
        let words = try browser.text(of: ".passed .checks")
        #expect(words.contains("berlin-nas is enabled"))
        #expect(words.contains("office-gw lists berlin-nas"))
        #expect(try browser.text(of: ".first-failure").contains("has connected with its key"))
    }

    /// Opens a link without an account: it shows the file and its QR code once, then nothing.
    private func handOver(_ page: String, _ browser: Browser, in lab: Lab) throws {
        try browser.open("\(Self.portal)\(page)")
        try browser.follow("Make a link")
        let link = try browser.text(of: "#link")
        #expect(try browser.complaints() == [])
        try browser.forgetCookies()
        try browser.open(link)
        // The live events of the previous page may have been refused when its session was deleted.
        #expect(try browser.complaints().allSatisfy { $0.contains("/events") })
        try browser.follow("Show the file")
        let scanned = try browser.scan("img.qr", in: lab)
        try browser.press(selector: "details:has(#config) summary")
        let file = try browser.text(of: "#config")
        #expect(file.contains("PrivateKey = "))
        #expect(file.contains("PersistentKeepalive = 20"))
        #expect(scanned == file)
        #expect(try browser.complaints() == [])
        try browser.open(link)
        #expect(try !browser.text().contains("Show the file"))
        #expect(try browser.complaints().allSatisfy { $0.contains("status of 4") })
    }
}
