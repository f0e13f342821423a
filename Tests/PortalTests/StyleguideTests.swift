// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import HTTP
import Testing

@testable import Portal

@Suite struct `The style guide` {
    private static let sheet = (try? String(contentsOfFile: TestSite.root + "/Public/app.css", encoding: .utf8)) ?? ""

    @Test func `exists only if the hub is started with it`() throws {
        #expect(try TestSite().signedIn().get("/styleguide").status == 404)
        #expect(try TestSite(showsStyleguide: true).signedIn(role: .viewer).get("/styleguide").status == 200)
        #expect(try Browsing(TestSite(showsStyleguide: true).site).get("/styleguide").status == 303)
    }

    @Test func `shows every token of the style sheet and no other`() throws {
        let head = try #require(Self.sheet.firstMatch(of: /:root \{[^}]*\}/)?.0)
        let declared = head.matches(of: /--([a-z0-9-]+):/).map { String($0.1) }
        #expect(declared.count > 20)
        #expect(declared == StyleguidePage.Token.all)
        let text = try TestSite(showsStyleguide: true).signedIn().get("/styleguide").text
        #expect(declared.filter { !text.contains("<code>\($0)</code>") || !text.contains("=\"var(--\($0))\"") } == [])
    }

    @Test func `has tokens that are used`() throws {
        #expect(StyleguidePage.Token.all.filter { !Self.sheet.contains("var(--\($0))") } == [])
    }
}
