// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

/// The portal as a person meets it.
@Suite(.needsLab)
struct `A browser` {
    private static let portal = "http://127.0.0.1:8080"

    @Test func `goes from the first start to two linked devices`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let browser = try Browser(in: hub.namespace, of: lab)
            try browser.open(hub.setupURL())
            try browser.fill("email", PortalClient.email)
            try browser.fill("password", PortalClient.password)
            try browser.press("Make the account")
            #expect(try browser.path() == "/devices")

            var pages: [String] = []
            for (name, partner) in [("berlin-nas", "10.3.2.3/32"), ("office-gw", "10.3.2.2/32")] {
                try browser.open("\(Self.portal)/devices/new")
                try browser.fill("name", name)
                try browser.press("Add device")
                #expect(try browser.text().contains(name))
                pages.append(try browser.path())

                try browser.press("Edit")
                try browser.choose("allowed_ips_source", "custom")
                try browser.fill("allowed_ips", "10.3.2.300")
                try browser.press("Save")
                #expect(try browser.text().contains("10.3.2.300 is not"))
                try browser.fill("allowed_ips", partner)
                try browser.press("Save")
                #expect(try browser.text().contains(partner))
                pages.append(try browser.path())
            }

            try browser.open("\(Self.portal)/settings/defaults")
            try browser.fill("persistent_keepalive", "20")
            try browser.press("Save")
            try browser.open("\(Self.portal)\(pages[0])")
            #expect(try browser.text().contains("20 s"))

            for width in [1280, 390] {
                try browser.resize(width: width)
                for page in ["/devices", "/devices/new", "/settings/defaults", "/status"] + pages {
                    try browser.open("\(Self.portal)\(page)")
                    #expect(try !browser.overflows(), "\(page) at \(width) px")
                }
            }
            let complaints = try browser.complaints().filter { !$0.contains("status of 422") }
            #expect(complaints == [])
        }
    }
}
