// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Testing

/// The portal over HTTPS under a name, as a browser sees it: cookies with a prefix, forms with their origin, events.
@Suite(.needsLab)
struct `Over HTTPS a browser` {
    @Test func `makes the account and adds a device, with cookies that only TLS carries`() throws {
        try Lab.run { lab in
            let name = "hub.example.org"
            let certificate = try lab.certificate(name: name)
            let hub = try Hub(
                in: lab, "--tls-certificate", "\(certificate)/certificate.pem", "--tls-key", "\(certificate)/key.pem", "--host-name", name,
                "--http-redirect", "127.0.0.1:8081")
            let browser = try Browser(in: hub.namespace, of: lab, secureHost: name)
            // The plain port redirects to the page.
            try browser.open("http://\(name):8081/devices")
            #expect(try browser.path() == "/login")
            // Chromium reports that it ignores Cross-Origin-Opener-Policy on the plain HTTP page.
            _ = try browser.complaints()
            try browser.open(hub.setupURL())
            try browser.fill("email", PortalClient.email)
            try browser.fill("password", PortalClient.password)
            try browser.follow("Make the account")
            #expect(try browser.path() == "/welcome")

            let cookies = try browser.cookies()
            #expect(cookies.contains { $0["name"] as? String == "__Host-sid" })
            for cookie in cookies {
                let name = cookie["name"] as? String ?? ""
                #expect(name.hasPrefix("__Host-") && cookie["secure"] as? Bool == true && cookie["httpOnly"] as? Bool == true, "\(name)")
                #expect(cookie["sameSite"] as? String == "Strict" && cookie["path"] as? String == "/", "\(name)")
            }

            try browser.open("https://\(name):8080/devices/new")
            try browser.fill("name", "nas")
            try browser.follow("Add")
            #expect(try browser.text().contains("nas"))
            try browser.open("https://\(name):8080/devices")
            #expect(try browser.text().contains("nas"))
            let complaints = try browser.complaints()
            #expect(complaints == [])
            #expect(!hub.log.contains("level=error"))
        }
    }
}
