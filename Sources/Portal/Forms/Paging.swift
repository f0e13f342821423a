// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Templates
import Words

/// One page of a list, and the links to the other pages.
struct Paging {
    let range: Range<Int>
    private let number: Int
    private let last: Int

    /// A number past the end selects the last page.
    init(count: Int, perPage: Int, number: Int) {
        last = max(1, (count + perPage - 1) / perPage)
        self.number = min(max(1, number), last)
        let start = (self.number - 1) * perPage
        range = start..<min(count, start + perPage)
    }

    /// Links to the first, last and neighbouring pages. `name` distinguishes this list from another one on the page. Nil if everything fits on one
    /// page.
    func links(named name: Phrase = "Pages", _ link: (Int) -> String) -> PageLinks? {
        guard last > 1 else { return nil }
        let shown = Set([1, last, number - 1, number, number + 1]).filter { (1...last).contains($0) }.sorted()
        return PageLinks(
            name: name, previous: number > 1 ? link(number - 1) : "", next: number < last ? link(number + 1) : "",
            numbers: shown.map { PageLinks.Number(number: $0, href: link($0), isCurrent: $0 == number) })
    }

}

/// The links to the other pages of a list, for the template `_pages`, which calls them `pages`.
struct PageLinks: TemplateModel {
    let name: Phrase
    /// Empty on the first page.
    let previous: String
    /// Empty on the last page.
    let next: String
    let numbers: [Number]

    static var fields: [TemplateField<PageLinks>] {
        [.phrase("name", \.name), .text("previous", \.previous), .text("next", \.next), .list("numbers", \.numbers)]
    }

    struct Number: TemplateModel {
        let number: Int
        let href: String
        let isCurrent: Bool

        static var fields: [TemplateField<Number>] { [.number("label", \.number), .text("href", \.href), .flag("current", \.isCurrent)] }
    }
}
