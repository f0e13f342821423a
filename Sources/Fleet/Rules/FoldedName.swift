// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

@_spi(_Unicode) import Swift

/// The form of a name that is compared: two names are one when these are equal.
public enum FoldedName {
    /// Without case and in one spelling: "Straße", "STRASSE" and "strasse" are one, and so are both ways to write "é".
    /// Upper and then lower case is full case folding but for a few letters of Turkic and Cherokee; NFD is Unicode's annex 15.
    public static func of(_ name: String) -> String {
        var folded = String.UnicodeScalarView()
        // The standard library offers decomposition to its own libraries only; it is the table that `==` of strings uses.
        for scalar in name.uppercased().lowercased()._nfd { folded.append(scalar) }
        return String(folded)
    }
}
