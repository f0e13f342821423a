// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Testing

@Suite struct `The rules for a password` {
    private func problem(_ password: String) -> String? {
        PasswordRules.problem(password, context: ["ada.lovelace@example.org", "berlin hub"])?.description
    }

    @Test(arguments: [
        // seasons, months and days with years
        "Summer2024!!", "Winter2026!!", "Sommer2025!!!", "Frühling2026!", "Spring-2025-!", "Herbst202520", "October2024!", "Monday123456",
        "Dezember2025",
        // keyboard walks and sequences
        "qwertyuiop12", "1qaz2wsx3edc", "asdfghjkl;'1", "zxcvbnm,./zx", "qazwsxedcrfv", "1q2w3e4r5t6y", "abcdefghijkl", "abcd1234abcd",
        "123456789012", "0987654321qw",
        // names and words with numbers
        "michael12345", "Jennifer1985", "sunshine2024", "Liverpool123!", "superman1234", "dragon123456", "iloveyou2024", "charlie19901",
        "trustno1trustno1", "P@ssw0rd2024", "Passw0rd1234", "letmein12345", "welcome12345", "monkey!!!!!!", "password1234", "Admin1234567",
        "Passwort2024", "Willkommen1!",
        // repetitions
        "aaaaaaaaaaaa", "abcabcabcabc", "hahahahahaha", "passwordpassword", "121212121212",
        // the account and the hub
        "ada@example.org1", "adalovelace1", "lovelace2024!", "berlinhub123", "Hairpin2024!!", "wireguard123", "berlin-hub-berlin-hub",
        // famous
        "correcthorsebatterystaple",
    ])
    func `refuse what a cracking program tries early`(password: String) {
        #expect(problem(password) != nil)
    }

    @Test(arguments: [
        "green tea at four", "black tea at five", "oolong at midnight", "correct horse battery", "correct horse battery staple", "日本語のパスワードですよね",
        "  spaces count  ", "xy3-xy3-xy3-end of it", "Tr0mbone-gravel.mint", "f7Kq!pW2zL9v", "rhubarb otter velvet", "meine Oma fährt Motorrad",
        "kvetch-9-umbrella", "the password, once more",
    ])
    func `allow what it does not`(password: String) {
        #expect(problem(password) == nil)
    }

    @Test func `say what is easy about it`() {
        #expect(
            problem("Sunshine2024")
                == "This password is easy to guess: it uses the common word “sunshine”, a year. Add a word or two.")
        #expect(problem("lovelace!!!!!")?.contains("“lovelace”, which belongs to the account or the hub, a repetition") == true)
        #expect(problem("ertyuiop[]12")?.contains("a row of keys") == true)
    }

    @Test func `count scalars`() {
        #expect(problem("kurz")?.contains("has 4 characters") == true)
        #expect(problem(String(repeating: "e\u{301}", count: 65))?.contains("has 130 characters") == true)
        #expect(problem("a" + String(repeating: "\u{301}", count: 127)) != nil)
    }
}
