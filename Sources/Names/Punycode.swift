// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// Writes a text of any script in letters, digits and hyphens (RFC 3492).
enum Punycode {
    private static let (base, least, most, skew, damp): (UInt32, UInt32, UInt32, UInt32, UInt32) = (36, 1, 26, 38, 700)

    /// The encoded text without the prefix `xn--`. Nil if a number overflows.
    static func encode(_ text: [Unicode.Scalar]) -> String? {
        var output = text.filter(\.isASCII).map { UInt8($0.value) }
        let basicCount = UInt32(output.count)
        if basicCount > 0 { output.append(UInt8(ascii: "-")) }
        var (next, delta, bias, handled): (UInt32, UInt32, UInt32, UInt32) = (128, 0, 72, basicCount)
        while handled < UInt32(text.count) {
            guard let point = text.lazy.map(\.value).filter({ $0 >= next }).min() else { return nil }
            let (step, overflows) = (point - next).multipliedReportingOverflow(by: handled + 1)
            let sum = delta.addingReportingOverflow(step)
            guard !overflows, !sum.overflow else { return nil }
            (delta, next) = (sum.partialValue, point)
            for scalar in text {
                if scalar.value < next { delta += 1 }
                guard scalar.value == next else { continue }
                append(delta, bias, to: &output)
                bias = adapted(delta, handled + 1, isFirst: handled == basicCount)
                (delta, handled) = (0, handled + 1)
            }
            (delta, next) = (delta + 1, next + 1)
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Writes a number with variable length (RFC 3492 3.3).
    private static func append(_ number: UInt32, _ bias: UInt32, to output: inout [UInt8]) {
        var (rest, place) = (number, base)
        while true {
            let threshold = place <= bias ? least : min(max(place - bias, least), most)
            guard rest >= threshold else { break }
            output.append(digit(threshold + (rest - threshold) % (base - threshold)))
            rest = (rest - threshold) / (base - threshold)
            place += base
        }
        output.append(digit(rest))
    }

    private static func digit(_ value: UInt32) -> UInt8 { UInt8(value < 26 ? 97 + value : 22 + value) }

    private static func adapted(_ delta: UInt32, _ count: UInt32, isFirst: Bool) -> UInt32 {
        var delta = delta / (isFirst ? damp : 2)
        delta += delta / count
        var steps: UInt32 = 0
        while delta > (base - least) * most / 2 {
            delta /= base - least
            steps += base
        }
        return steps + (base - least + 1) * delta / (delta + skew)
    }
}
