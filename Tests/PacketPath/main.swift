// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

// `PacketPath` is the gate, `PacketPath latency 64` measures; `make gate` and `make bench` run them.
if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "latency", let byteCount = Int(CommandLine.arguments[2]) {
    try LatencyRun.run(byteCount: min(max(byteCount, 64), 1420))
} else {
    runGate()
}
