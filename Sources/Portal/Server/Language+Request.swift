// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Templates

extension Language {
    /// The language that the user chose here, otherwise the one that the browser asks for, otherwise English.
    init(for request: Request) {
        let chosen = PortalCookie.language.value(in: request).flatMap(Language.init(rawValue:))
        self = chosen ?? Language(accepted: request.fields.all("Accept-Language").joined(separator: ",")) ?? .english
    }

    /// The best match for an Accept-Language field (RFC 9110 12.5.4): the highest weight, and the first of several with the same weight. A range
    /// such as `de-AT` asks for German. Nil if the field asks for none of our languages.
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
