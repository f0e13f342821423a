// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The rules for a new password (ASVS 6.2): long, not common, and not derived from the account's name. Any characters are allowed, and no
/// mix of character types is required.
public enum PasswordRules {
    public static let minimumLength = 12
    public static let maximumLength = 128

    /// The reason why `password` is refused; nil if it is allowed. `context` holds words that an attacker would try first, such as the
    /// email address and the hub's name.
    public static func problem(_ password: String, context: [String]) -> Phrase? {
        let length = password.unicodeScalars.count
        if length < minimumLength { return "The password has \(length) characters. Give at least \(minimumLength); a few words in a row are fine." }
        if length > maximumLength { return "The password has \(length) characters. Give at most \(maximumLength)." }
        let folded = password.lowercased()
        if CommonPasswords.contains(folded) { return "This password is too common. Choose another." }
        for word in words(in: context) where folded.contains(word) && folded.count - word.count < 8 {
            return "The password is little more than “\(word)” and easy to guess. Choose another."
        }
        return nil
    }

    private static func words(in context: [String]) -> [String] {
        context.flatMap { text in
            let folded = text.lowercased()
            return [folded] + folded.split { !$0.isLetter && !$0.isNumber }.map(String.init)
        }.filter { $0.count >= 4 }
    }
}
