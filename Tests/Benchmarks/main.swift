// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

runBenchmarks(only: Array(CommandLine.arguments.dropFirst()))
