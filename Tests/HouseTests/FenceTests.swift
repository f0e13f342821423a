// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

/// Each target is a fence: it alone may import one dangerous thing, or it is barred from something.
struct `The fences` {
    /// The picture of the house: what a target may stand on. Package.swift may name fewer, never others.
    static let layers: [String: Set<String>] = [
        "Net": [],
        "Words": ["Net"],
        "Fleet": ["Crypto", "Net", "Words"],
        "Crypto": ["CSodium", "CGMP", "COpenSSL", "CIPsecMB"],
        "TLS": ["CSSL"],
        "Linux": ["Net", "CLinux", "CMnl"],
        "WireGuard": ["Crypto", "Net"],
        "Relay": ["WireGuard", "Crypto", "Linux", "Net", "Logging"],
        "Store": ["Fleet", "Crypto", "Linux", "Net", "Words", "CSQLite"],
        "HTTP": ["TLS", "Linux", "Net", "Words", "Logging"],
        "Reconciler": ["Store", "Fleet", "Words", "Relay", "Crypto", "Linux", "Net", "Logging"],
        "WebAuthn": ["Crypto", "Words"],
        "Portal": ["HTTP", "WebAuthn", "Store", "Fleet", "Crypto", "Net", "Words", "CQREncode", "Logging"],
        "Benchmarks": [
            "Portal", "Reconciler", "Relay", "HTTP", "Store", "Fleet", "WireGuard", "Crypto", "Linux", "Net", "Words", "CAllocations", "Logging",
        ],
        "PacketPath": ["Relay", "WireGuard", "Crypto", "Linux", "Net", "CAllocations"],
        "WriteLoad": ["Store", "Fleet", "Crypto", "Linux", "Net"],
        "Loopback": ["Linux"],
        "Support": ["Fleet", "Crypto", "Net"],
        "FuzzTargets": ["Relay", "HTTP", "Fleet", "WireGuard", "Crypto", "Linux", "Net"],
        "hairpin": [
            "Portal", "Reconciler", "Relay", "HTTP", "Store", "Fleet", "WireGuard", "Crypto", "Linux", "Net", "Words", "ArgumentParser", "Logging",
        ],
    ]

    /// C libraries, each behind one fence.
    static let libraries: Set = ["CSodium", "CGMP", "COpenSSL", "CSSL", "CIPsecMB", "CSQLite", "CLinux", "CMnl", "CQREncode", "CAllocations"]

    /// Modules of the system that only the named targets may import; the build cannot fence these.
    static let fenced: [String: Set<String>] = [
        "Glibc": ["Linux", "Crypto", "Store"],
        "Foundation": [],
        "Dispatch": [],
    ]

    @Test func `Package.swift draws the same picture`() {
        let declared = SourceTree.dependencies.filter { $0.key != "CLinux" && $0.key != "CAllocations" }
        #expect(declared.keys.sorted() == Self.layers.keys.sorted())
        for (target, allowed) in Self.layers { #expect(declared[target]?.subtracting(allowed) == [], "\(target)") }
    }

    @Test func `a file imports only what its target stands on`() {
        let strangers = SourceTree.sources.flatMap { file in
            file.imports.filter { module in
                (Self.layers[module] != nil || Self.libraries.contains(module)) && Self.layers[file.target]?.contains(module) != true
            }
            .map { "\(file) imports \($0)" }
        }
        #expect(strangers == [])
    }

    @Test(arguments: fenced.keys.sorted())
    func `the system's modules stay behind their fence`(module: String) {
        let strangers = SourceTree.sources.filter { $0.imports.contains(module) && Self.fenced[module]?.contains($0.target) != true }
        #expect(strangers.map(\.path) == [])
    }

    @Test func `a target's name is not the name of one of its types`() throws {
        for file in SourceTree.sources {
            let pattern = try Regex(#"(?m)^(?:public |final |indirect )*(?:struct|class|enum|protocol|actor) \#(file.target)\b"#)
            #expect(!file.text.contains(pattern), "\(file) declares a type \(file.target)")
        }
    }
}
