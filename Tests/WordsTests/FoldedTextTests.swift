// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing
import Words

@Suite struct `A text to search for` {
    private let text = "Berlin Hub"

    @Test(arguments: ["", "b", "BER", "lin h", "hub", "Berlin hub", "BERLIN HUB"])
    func `is found wherever it is, whatever the case, also if it is all of the text`(part: String) {
        #expect(FoldedText(part).isPart(of: text))
        #expect(FoldedText(part).isPart(of: FoldedText.fold(text)))
    }

    @Test(arguments: ["x", "berlinhub", "berlin hubs", "ubb", "bb", " hub "])
    func `is not found where it is not`(part: String) {
        #expect(!FoldedText(part).isPart(of: text))
    }

    @Test func `is found after a beginning that only looks like it`() {
        #expect(FoldedText("aab").isPart(of: "aaab"))
        #expect(FoldedText("ä").isPart(of: "GRÄBER"))
        #expect(!FoldedText("x").isPart(of: ""))
    }

    @Test func `may have to be the start`() {
        #expect(FoldedText("ber").isStart(of: FoldedText.fold(text)))
        #expect(FoldedText(text).isStart(of: FoldedText.fold(text)))
        #expect(FoldedText("").isStart(of: []))
        #expect(!FoldedText("hub").isStart(of: FoldedText.fold(text)))
        #expect(!FoldedText("berlin hubs").isStart(of: FoldedText.fold(text)))
        #expect(FoldedText("").isEmpty)
        #expect(!FoldedText(" ").isEmpty)
    }
}
