// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// How a cracking program would guess a password: from common words and names, words of the account, years, digits, rows of keys and
/// repetitions, whichever needs the fewest guesses (the method of zxcvbn, Wheeler 2016). An estimate, and a low one.
struct PasswordGuess {
    /// Something that people build passwords from.
    enum Part: Hashable {
        case word(String)
        /// A word of the account or the hub.
        case own(String)
        case year
        case keys
        case sequence
        case repetition
    }

    /// Guesses as a power of two.
    let bits: Double
    /// What the guess consists of, in order, without single characters.
    let parts: [Part]

    private struct Step {
        var bits: Double
        var start: Int
        var part: Part?
    }

    /// `own` are words that an attacker would try first, in lower case.
    init(_ password: String, own: [String]) {
        let typed = Array(password.unicodeScalars)
        let text = Array(password.lowercased().unicodeScalars)
        // Lower case can have another length, for example with a Turkish İ. Such a password has no upper case to count then.
        let shown = typed.count == text.count ? typed : text
        let words = Self.words(in: text)
        let own = own.map { Array($0.unicodeScalars) }
        var best: [Step?] = [Step(bits: 0, start: 0, part: nil)] + Array(repeating: nil, count: text.count)
        for start in text.indices {
            guard let here = best[start]?.bits else { continue }
            func offer(_ end: Int, _ bits: Double, _ part: Part?) {
                if best[end].map({ here + bits < $0.bits }) ?? true { best[end] = Step(bits: here + bits, start: start, part: part) }
            }
            offer(start + 1, Self.bits(of: shown[start]), nil)
            for (end, bits) in words[start] {
                let word = String(String.UnicodeScalarView(text[start..<end]))
                offer(end, bits + Self.upperCaseBits(shown[start..<end]), .word(word))
            }
            for word in Self.localWords where text[start...].starts(with: word) {
                offer(start + word.count, 6 + Self.upperCaseBits(shown[start..<start + word.count]), .word(String(String.UnicodeScalarView(word))))
            }
            for word in own where text[start...].starts(with: word) {
                offer(start + word.count, 1 + Self.upperCaseBits(shown[start..<start + word.count]), .own(String(String.UnicodeScalarView(word))))
            }
            if Self.isYear(text[start...].prefix(4)) { offer(start + 4, 6, .year) }
            if let end = Self.endOfSequence(text, start) { offer(end, 4 + Double(end - start) / 4, .sequence) }
            if let end = Self.endOfKeys(text, start) { offer(end, 6 + Double(end - start) / 4, .keys) }
            for length in 1...max(1, start) where length <= start {
                let end = Self.endOfRepetition(text, of: length, from: start)
                if end > start { offer(end, 2, .repetition) }
            }
        }
        bits = best[text.count]?.bits ?? 0
        var (parts, end): ([Part], Int) = ([], text.count)
        while end > 0, let step = best[end] {
            if let part = step.part { parts.append(part) }
            end = step.start
        }
        self.parts = parts.reversed()
    }

    /// Words for passwords that must be changed often, and of this program. The list of common words is English.
    private static let localWords = [
        "spring", "summer", "autumn", "winter", "fruehling", "frühling", "sommer", "herbst", "passwort", "willkommen", "geheim", "januar", "februar",
        "märz", "maerz", "april", "juni", "juli", "august", "september", "oktober", "november", "dezember", "montag", "dienstag", "mittwoch",
        "donnerstag", "freitag", "samstag", "sonntag", "hairpin", "wireguard", "vpn", "hub", "portal",
    ].map { Array($0.unicodeScalars) }

    private static func bits(of scalar: Unicode.Scalar) -> Double {
        switch scalar {
        case "0"..."9": 3.3
        case "a"..."z": 4.7
        case "A"..."Z": 5.7
        case " ", "!", ".", "?", "@", "#", "$", "*", "-", "_": 3
        case _ where scalar.isASCII: 5
        default: 8
        }
    }

    /// One letter or all in upper case is what people do; other patterns cost more.
    private static func upperCaseBits(_ word: ArraySlice<Unicode.Scalar>) -> Double {
        let count = word.count { ("A"..."Z").contains($0) }
        if count == 0 { return 0 }
        return count == word.count || count == 1 && word.first.map { ("A"..."Z").contains($0) } == true ? 1 : 1 + Double(count)
    }

    /// For each start, the ends of common words and their bits, also with the usual digits and signs for letters.
    private static func words(in text: [Unicode.Scalar]) -> [[(end: Int, bits: Double)]] {
        let plain: [UInt8] = text.map { $0.isASCII ? UInt8($0.value) : 0 }
        let one = UInt8(ascii: "1")
        let variants: [[UInt8]] = [
            plain, plain.map { $0 == one ? UInt8(ascii: "i") : replaced[$0] ?? $0 }, plain.map { $0 == one ? UInt8(ascii: "l") : replaced[$0] ?? $0 },
        ]
        let ends: [[Int]] = text.indices.map { start in
            start + 2 > text.count ? [] : Array(start + 2...min(text.count, start + CommonPasswords.maximumLength))
        }
        var candidates: Set<[UInt8]> = []
        for variant in variants {
            for start in variant.indices {
                for end in ends[start] { candidates.insert(Array(variant[start..<end])) }
            }
        }
        let bands = CommonPasswords.bands(of: candidates)
        return text.indices.map { start in
            var found: [(end: Int, bits: Double)] = []
            for end in ends[start] {
                for variant in variants {
                    let word = Array(variant[start..<end])
                    guard let band = bands[word] else { continue }
                    found.append((end, band.bits + (word.elementsEqual(plain[start..<end]) ? 0 : 1)))
                }
            }
            return found
        }
    }

    private static let replaced: [UInt8: UInt8] = Dictionary(
        uniqueKeysWithValues: zip("04357869@$!+|".utf8, "oaestbgqasiti".utf8))

    private static func isYear(_ digits: ArraySlice<Unicode.Scalar>) -> Bool {
        let text = String(String.UnicodeScalarView(digits))
        return text.utf8.count == 4 && (text.hasPrefix("19") || text.hasPrefix("20")) && text.utf8.allSatisfy { (48...57).contains($0) }
    }

    /// The end of a run up or down the alphabet or the digits, such as abcd or 4321, of at least three.
    private static func endOfSequence(_ text: [Unicode.Scalar], _ start: Int) -> Int? {
        guard start + 2 < text.count, text[start].isASCII, text[start].properties.isAlphabetic || ("0"..."9").contains(text[start]) else {
            return nil
        }
        let step = Int(text[start + 1].value) - Int(text[start].value)
        guard abs(step) == 1 else { return nil }
        var end = start + 2
        while end < text.count, Int(text[end].value) - Int(text[end - 1].value) == step { end += 1 }
        return end - start >= 3 ? end : nil
    }

    /// The end of a walk over neighbouring keys, of at least four.
    private static func endOfKeys(_ text: [Unicode.Scalar], _ start: Int) -> Int? {
        var end = start + 1
        while end < text.count, let a = keys[text[end - 1]], let b = keys[text[end]], a != b, abs(a.row - b.row) <= 1, abs(a.column - b.column) <= 1 {
            end += 1
        }
        return end - start >= 4 ? end : nil
    }

    /// Rows of English and German keyboards. Each row stands half a key to the right of the one above, which columns with a tolerance of one
    /// take in.
    private static let keys: [Unicode.Scalar: (row: Int, column: Int)] = {
        var keys: [Unicode.Scalar: (row: Int, column: Int)] = [:]
        for (row, letters) in ["1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./"].enumerated() {
            for (column, letter) in letters.unicodeScalars.enumerated() { keys[letter] = (row, column) }
        }
        return keys
    }()

    /// The end of copies of the `length` scalars before `from`.
    private static func endOfRepetition(_ text: [Unicode.Scalar], of length: Int, from: Int) -> Int {
        var end = from
        while end + length <= text.count, text[end..<end + length] == text[from - length..<from] { end += length }
        return end
    }
}

extension PasswordGuess.Part {
    /// The part in words, for a hint.
    var phrase: Phrase {
        switch self {
        case .word(let word): "the common word “\(word)”"
        case .own(let word): "“\(word)”, which belongs to the account or the hub"
        case .year: "a year"
        case .keys: "a row of keys"
        case .sequence: "a sequence"
        case .repetition: "a repetition"
        }
    }
}
