// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The rules for a new password (ASVS 6.2): long, not common, and not derived from the account's name. Any characters are allowed, and no
/// mix of character types is required.
public enum PasswordRules {
    /// Unicode scalars.
    public static let minimumLength = 12
    public static let maximumLength = 128
    /// Guesses that a password must withstand, as a power of two. The portal lets strangers guess 1,800 times an hour for one account, which
    /// is this many in 17 years.
    static let minimumBits: Double = 28

    /// What the words are for, and what sentences call them.
    public enum Purpose {
        /// Signing in.
        case password
        /// Sealing a backup.
        case passphrase
    }

    /// The reason why `password` is refused; nil if it is allowed. `context` holds words that an attacker would try first, such as the
    /// email address and the hub's name.
    public static func problem(_ password: String, context: [String], as purpose: Purpose = .password) -> Phrase? {
        let length = password.scalarCount
        let isPassword = purpose == .password
        if length < minimumLength {
            return isPassword
                ? "The password has \(length) characters. Give at least \(minimumLength); a few words in a row are fine."
                : "The passphrase has \(length) characters. Give at least \(minimumLength); a few words in a row are fine."
        }
        if length > maximumLength {
            return isPassword
                ? "The password has \(length) characters. Give at most \(maximumLength)."
                : "The passphrase has \(length) characters. Give at most \(maximumLength)."
        }
        if famous.contains(password.lowercased()) {
            return isPassword ? "This password is too common. Choose another." : "This passphrase is too common. Choose another."
        }
        let guess = PasswordGuess(password, own: words(in: context))
        guard guess.bits < minimumBits else { return nil }
        var seen: Set<PasswordGuess.Part> = []
        let parts = guess.parts.filter { seen.insert($0).inserted }.prefix(3).map(\.phrase)
        if parts.isEmpty {
            return isPassword
                ? "This password is easy to guess. Add a word or two." : "This passphrase is easy to guess. Add a word or two."
        }
        let list = parts.joined(separator: ", ")
        return isPassword
            ? "This password is easy to guess: it uses \(list). Add a word or two."
            : "This passphrase is easy to guess: it uses \(list). Add a word or two."
    }

    private static func words(in context: [String]) -> [String] {
        context.flatMap { text in
            let folded = text.lowercased()
            return [folded] + folded.split { !$0.isLetter && !$0.isNumber }.map(String.init)
        }.filter { $0.scalarCount >= 3 }
    }

    /// Long passwords that everybody has read about.
    private static let famous: Set<String> = [
        "correcthorsebatterystaple", "iloveyouforever", "thisisapassword", "welcometothejungle", "maythe4thbewithyou", "maytheforcebewithyou",
        "tobeornottobe", "letmeinplease", "manchesterunited",
    ]
}
