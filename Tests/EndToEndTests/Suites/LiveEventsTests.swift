// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

@Suite(.needsLab)
struct `Live events` {
    /// The states of an EventSource (HTML, 9.2).
    private enum State: Int { case connecting, open, closed }

    @Test func `HTTP-F-10 end while the page is hidden, and go on when it is shown again`() throws {
        try Lab.run { lab in
            let hub = try Hub(in: lab)
            let browser = try Browser(in: hub.namespace, of: lab)
            try browser.open(hub.setupURL())
            try browser.fill("email", PortalClient.email)
            try browser.fill("password", PortalClient.password)
            try browser.follow("Make the account")
            try browser.open("http://127.0.0.1:8080/devices")
            try wait(browser, until: .open)
            try browser.minimize()
            try wait(browser, until: .closed)
            try browser.resize(width: 1280)
            try wait(browser, until: .open)
            #expect(try browser.complaints() == [])
        }
    }

    /// `stream` is the page's one source of events.
    private func wait(_ browser: Browser, until state: State) throws {
        try EndToEndTests.wait("events that are \(state)", upTo: .seconds(20)) {
            try browser.answer(of: "arguments[0](stream.readyState)") as? Int == state.rawValue ? true : nil
        }
    }
}
