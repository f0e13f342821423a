// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Templates
import Words

/// One sentence about all expectations, for the template `_expectation_notice`. Reads what is recorded about them and checks nothing, because the
/// status page asks again and again.
struct ExpectationNotice: TemplateModel {
    static var fields: [TemplateField<ExpectationNotice>] { [.flag("failed", \.isFailed), .phrase("sentence", \.sentence)] }

    private let broken: Int
    private let failed: Int
    private let count: Int
    private let test: Phrase

    /// Nil on a hub without expectations.
    init?(_ expectations: [Expectation], now: UnixTime) {
        guard !expectations.isEmpty else { return nil }
        count = expectations.count
        broken = expectations.count { $0.brokenSince != nil }
        failed = expectations.count { ($0.test?.failed ?? 0) > 0 }
        let last = expectations.compactMap { $0.test?.at }.max()
        test = last.map { "Last tested \($0.relative(to: now))." } ?? "Not tested yet."
    }

    private var isFailed: Bool { broken + failed > 0 }

    private var sentence: Phrase {
        guard isFailed else { return [.counting(count, "1 holds. | All \(Amount.count(count)) hold."), test].joined() }
        let rules: Phrase = broken > 0 ? .counting(broken, "\(Amount.count(broken)) does not hold. | \(Amount.count(broken)) do not hold.") : ""
        let pings: Phrase =
            failed > 0 ? .counting(failed, "\(Amount.count(failed)) failed its test. | \(Amount.count(failed)) failed their tests.") : ""
        return [rules, pings, test].filter { !$0.isEmpty }.joined()
    }
}
