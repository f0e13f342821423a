// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

@testable import Names

@Suite struct `A name as a label` {
    @Test(arguments: [
        ("Berlin NAS", "berlin-nas"), ("berlin-nas", "berlin-nas"), ("  a -- b_c.d  ", "a-b-c-d"), ("2nd PC", "2nd-pc"), ("xn--foo", "xn-foo"),
        ("-", "device"), ("💾", "device"), ("NAS 💾 2", "nas-2"), ("Büro", "buero"), ("Bu\u{308}ro", "buero"), ("Straße", "strasse"),
        ("Café", "cafe"), ("Łódź", "lodz"), ("Ærø", "aeroe"), ("Žižkov", "zizkov"), ("Việt Nam", "viet-nam"), ("İzmir", "izmir"),
    ])
    func `has Latin letters, digits and single hyphens`(name: String, label: String) {
        #expect(NameLabel.spell(name) == label)
    }

    @Test(arguments: [
        ("Москва", "xn--80adxhks"), ("ΑΘΗΝΑ", "xn--mxaard0a"), ("東京", "xn--1lqs71d"), ("NAS Москва", "xn--nas--83dl9cps4a"),
    ])
    func `is an A-label in other scripts`(name: String, label: String) {
        #expect(NameLabel.spell(name) == label)
    }

    @Test func `has at most 63 bytes, also with a number`() {
        let long = String(repeating: "a", count: 62) + " bcd"
        #expect(NameLabel.spell(long) == String(repeating: "a", count: 62))
        #expect(NameLabel.spell(long, number: 12) == String(repeating: "a", count: 60) + "-12")
        for name in [String(repeating: "東", count: 64), String(repeating: "я", count: 64), String(repeating: "ä", count: 64)] {
            let labels = [NameLabel.spell(name), NameLabel.spell(name, number: 2), NameLabel.spell(name, number: 3)]
            #expect(labels.allSatisfy { DomainName.isLabel($0) && $0.utf8.count > 40 }, "\(labels)")
            #expect(Set(labels).count == 3)
        }
    }

    /// RFC 3492 7.1.
    @Test(arguments: [
        ("ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn"), ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"),
        ("Pročprostěnemluvíčesky", "Proprostnemluvesky-uyb24dma41a"), ("3年B組金八先生", "3B-ww4c5e180e575a65lsy2b"),
        ("-> $1.00 <-", "-> $1.00 <--"), ("そのスピードで", "d9juau41awczczp"),
    ])
    func `is encoded as in the RFC's examples`(text: String, encoded: String) {
        #expect(Punycode.encode(Array(text.unicodeScalars)) == encoded)
    }
}

@Suite struct `A domain` {
    @Test(arguments: ["hairpin.internal", "Hairpin.Internal.", "a", "x-1.example.org"])
    func `has labels of letters, digits and hyphens`(text: String) {
        let domain = DomainName(text)
        #expect(domain?.description == text.lowercased().trimmed(of: { $0 == "." }))
    }

    @Test(arguments: ["", ".", "a..b", ".a", "-a", "a-", "a_b", "büro", "a b", String(repeating: "a", count: 64), "a..", "1.2/3"])
    func `is refused otherwise`(text: String) { #expect(DomainName(text) == nil) }

    @Test func `has at most 255 bytes`() {
        let label = String(repeating: "a", count: 63)
        let three = [label, label, label].joined(separator: ".")
        #expect(DomainName("\(three).\(String(repeating: "b", count: 61))")?.wire.count == 255)
        #expect(DomainName("\(three).\(String(repeating: "b", count: 62))") == nil)
    }
}
