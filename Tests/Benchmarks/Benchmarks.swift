// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux

/// The steps of the data path first, in the order in which a packet meets them, then those of the control side; or only the parts that are
/// named. Built by `make microbench`: the internals of HTTP, Portal, Reconciler and Relay are accessible only in a build for testing.
func runBenchmarks(only parts: [String]) {
    let steps: [(name: String, run: () -> Void)] = [
        ("aead", AEADBenchmarks.run), ("replay", ReplayBenchmarks.run), ("forwarding", ForwardingBenchmarks.run),
        ("rules", RuleBenchmarks.run), ("names", NameBenchmarks.run),
        ("handshake", HandshakeBenchmarks.run), ("request", RequestBenchmarks.run), ("plan", PlanBenchmarks.run),
        ("template", TemplateBenchmarks.run), ("pages", PageBenchmarks.run),
    ]
    if let unknown = parts.first(where: { part in !steps.contains { $0.name == part } }) {
        return StandardStreams.error("There is no part \(unknown). There are: \(steps.map(\.name).joined(separator: " ")).")
    }
    StandardStreams.output("name                                              ns/op      minimum  allocations/op")
    for step in steps where parts.isEmpty || parts.contains(step.name) { step.run() }
}
