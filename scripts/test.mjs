// Runs test/**/*.test.ts with Node's own runner and closes with "N passed, N failed".
// Arguments are parts of paths: `node scripts/test.mjs lib/pan-os` runs only matching files.
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";

/** Folders whose tests need more than the package registry; scripts/test-full.mjs runs them. */
const FULL_ONLY = ["editor", "full"];

/** One file that takes longer hangs. */
const FILE_TIMEOUT_MS = 1_200_000;

/** @param {string[]} wanted @param {{ full?: boolean }} [options] */
export function testFiles(wanted, { full = false } = {}) {
  return readdirSync("test", { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"))
    .map((entry) => relative(".", join(entry.parentPath ?? entry.path, entry.name)))
    .filter((file) => !file.includes("node_modules"))
    .filter((file) => full || wanted.length > 0 || !FULL_ONLY.some((folder) => file.startsWith(join("test", folder))))
    .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
    .sort();
}

/**
 * @param {string[]} files
 * @param {{ concurrency?: number }} [options]
 * @returns {Promise<{ passed: number, failed: number, skipped: number }>}
 */
export async function runTests(files, { concurrency = 3 } = {}) {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const stream = run({ files, concurrency, timeout: FILE_TIMEOUT_MS });
  const count = (key) => (event) => {
    if (event.details?.type === "suite") return;
    totals[event.skip === undefined ? key : "skipped"] += 1;
  };
  stream.on("test:pass", count("passed"));
  stream.on("test:fail", count("failed"));
  stream.compose(new spec()).pipe(process.stdout, { end: false });
  await new Promise((resolve, reject) => stream.once("end", resolve).once("error", reject));
  return totals;
}

if (process.argv[1]?.endsWith("test.mjs")) {
  // Child processes of the runner inherit this: TypeScript tests load through tsx.
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --import tsx`.trim();
  const files = testFiles(process.argv.slice(2));
  if (files.length === 0) throw new Error("No test file matches.");
  const { passed, failed, skipped } = await runTests(files);
  process.stdout.write(`\n${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}\n`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
