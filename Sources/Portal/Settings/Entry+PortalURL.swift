// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Words

extension Entry {
    /// Scheme, host and perhaps a port, without a path; nil for an empty field.
    static func portalURL(_ text: String) -> Reading<String?> {
        if text.isEmpty { return .success(nil) }
        for scheme in ["https://", "http://"] where text.lowercased().hasPrefix(scheme) {
            let rest = text.dropFirst(scheme.count)
            guard let authority = Authority(rest.hasSuffix("/") ? rest.dropLast() : rest) else { break }
            return .success(scheme + authority.description)
        }
        return .failure(Refusal(message: "\(text) is not the address of a portal. Write it as https://hub.example.org, without a path."))
    }
}
