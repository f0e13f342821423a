// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The most common passwords of twelve or more characters from published lists, and the patterns that cover most of the others.
enum CommonPasswords {
    /// `folded` must be in lower case.
    static func contains(_ folded: String) -> Bool {
        known.contains(folded) || isRepetition(folded) || isSequence(folded) || known.contains(withoutDigits(folded))
            || shortWords.contains(withoutDigits(folded))
    }

    /// True if the text repeats one piece of up to four characters.
    private static func isRepetition(_ text: String) -> Bool {
        let characters = Array(text)
        return (1...4).contains { period in characters.indices.allSatisfy { $0 < period || characters[$0] == characters[$0 - period] } }
    }

    /// True if the text consists only of sequences from the keyboard, the alphabet or the digits.
    private static func isSequence(_ text: String) -> Bool {
        ["01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn"]
            .contains { $0.contains(text) }
    }

    private static func withoutDigits(_ text: String) -> String {
        let end = text.reversed().drop { $0.isNumber || "!.?@#$*_-".contains($0) }
        return String(end.reversed())
    }

    private static let shortWords: Set<String> = [
        "password", "passwort", "passw0rd", "p@ssword", "p@ssw0rd", "qwerty", "qwertyuiop", "letmein", "welcome", "admin", "administrator",
        "iloveyou", "changeme", "secret", "wireguard", "hairpin", "master", "dragon", "monkey", "sunshine", "princess", "football",
        "baseball", "superman", "trustno", "access", "login", "root", "test", "user", "hello", "abc", "default", "temp", "vpn", "hub",
    ]

    private static let known: Set<String> = [
        "passwordpassword", "password1234", "password12345", "password123456", "correcthorsebatterystaple", "iloveyouforever", "letmeinplease",
        "thisisapassword", "mypassword123", "adminadminadmin", "administrator", "administrator1", "changemeplease", "qwertyuiop123",
        "qwertyuiopasdfghjkl", "1q2w3e4r5t6y", "1q2w3e4r5t6y7u8i", "1qaz2wsx3edc", "zaq12wsxcde3", "qazwsxedcrfv", "q1w2e3r4t5y6", "123456789abc",
        "abc123456789", "a1b2c3d4e5f6", "aa123456789", "unbelievable", "welcome12345", "welcometothejungle", "trustno1trustno1",
        "manchesterunited", "liverpoolfc1", "michaeljordan", "harrypotter1", "starwars1234", "superman1234", "qwerty123456", "asdfghjkl123",
        "zxcvbnm12345", "1234567890qwerty", "123qweasdzxc", "qweasdzxc123", "passwordadmin", "secretpassword", "wireguardvpn",
    ]
}
