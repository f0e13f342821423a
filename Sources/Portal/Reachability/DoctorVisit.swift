// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Store
import Words

/// How pages and the API ask the doctor.
extension Visit {
    /// The question in these texts: each side is a device's id or name, and `to` or `address` may be an address. An empty text is missing.
    /// Nil if a side is not found.
    func question(from: String?, to: String?, address: String? = nil, _ overview: Overview) -> Doctor.Question? {
        let sides = Sides(overview.devices)
        let find = { (text: String?) in text.flatMap { overview.index[$0] ?? sides.device($0) } }
        guard let sender = find(from) else { return nil }
        let behind = [address, to].compactMap { $0.flatMap { IPAddress($0.trimmed()) } }.first
        guard find(to) != nil || (to ?? "").isEmpty || to.flatMap({ IPAddress($0.trimmed()) }) != nil else { return nil }
        return Doctor.Question(from: sender, to: find(to), address: behind, in: overview)
    }

    /// The answer without a new test. A test that failed lately still counts.
    func doctor(_ question: Doctor.Question) throws -> Doctor {
        let overview = try overview(examining: question.keys)
        return Doctor(question, in: overview, test: site.recentTests.test(of: question, in: overview))
    }

    /// Tests the link, then answers. Throws 503 while two other tests are running.
    func testedDoctor(_ question: Doctor.Question, _ overview: Overview) throws -> Doctor {
        let echoes = question.echoes(over: overview.defaults)
        let test = LinkTest(echoes, try site.probe(echoes))
        site.recentTests.note(test, of: question, at: site.now())
        return Doctor(question, in: try later.overview(examining: question.keys), test: test)
    }

    /// The visit at the present time. A test takes seconds, and its effects, such as a handshake, should be on the page.
    var later: Visit {
        var visit = self
        visit.now = site.now()
        // A read transaction sees nothing that was written after it began.
        visit.moment = nil
        return visit
    }
}
