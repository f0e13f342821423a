// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// What the doctor should say besides the cause.
public enum Cure {
    private static let verbs: Set<String> = [
        "Add", "Allow", "Ask", "Change", "Check", "Compare", "Enable", "Forget", "Give", "If", "Let", "Link", "Open", "Put", "Remove", "Set", "Start",
        "Switch", "Take", "Test", "Use", "Wait",
    ]

    /// True if a text says what to do: it has a sentence that begins with a verb, or ends with what to set.
    public static func isNamed(in text: String) -> Bool {
        let sentences = text.split(separator: ". ")
        return text.contains(": set its ") || sentences.dropFirst().contains { verbs.contains(String($0.prefix { $0 != " " && $0 != "," })) }
    }
}
