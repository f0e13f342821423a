// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Net

/// The languages of the pages. English stands in Templates and Sources; each of the others is a catalog, `Templates/texts.de` and so on.
enum Language: String, CaseIterable {
    case english = "en"
    case german = "de"

    /// As its speakers call it.
    var name: String {
        switch self {
        case .english: "English"
        case .german: "Deutsch"
        }
    }

    /// Which form of a text that counts stands beside `count`, from 0.
    func form(for count: Int) -> Int {
        switch self {
        case .english, .german: count == 1 ? 0 : 1
        }
    }

    /// What was chosen here before, else what the browser asks for, else English.
    init(for request: Request) {
        let chosen = PortalCookie.language.value(in: request).flatMap(Language.init(rawValue:))
        self = chosen ?? Language(accepted: request.fields.all("Accept-Language").joined(separator: ",")) ?? .english
    }

    /// The best of an Accept-Language field (RFC 9110 12.5.4): the highest weight, the first among equals. A range such as `de-AT` asks for
    /// German. Nil when it asks for none of ours.
    init?(accepted field: String) {
        var best: (language: Language, weight: Double)?
        for range in field.split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let tag = parts.first?.split(separator: "-").first, let language = Language(rawValue: String(tag)) else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if weight > 0, weight > best?.weight ?? 0 { best = (language, weight) }
        }
        guard let best else { return nil }
        self = best.language
    }
}
