import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { NodeRed, PACKAGE_NAME } from "../support/node-red";
import { examples } from "./support/examples";
import { definitionOf, literalValue, NODE_SETS } from "./support/node-sets";

const ROOT = resolve(__dirname, "../..");
/** As the palette manager installs. Source: `@node-red/registry`, lib/installer.js, version 4.1. */
const INSTALL = ["install", "--omit=dev", "--engine-strict", "--save-prefix=~", "--no-audit", "--no-fund"];
/** The Node.js that the Flow Library wants inside the range. */
const LIBRARY_NODE = "22.9.0";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly keywords: readonly string[];
  readonly license: string;
  readonly repository: { readonly url: string };
  readonly bugs: { readonly url: string };
  readonly homepage: string;
  readonly engines: { readonly node: string };
  readonly type?: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly "node-red": { readonly version: string; readonly nodes: Readonly<Record<string, string>> };
}

function npm(args: readonly string[], cwd: string): string {
  const env = { ...process.env };
  // The test runner's loader is of no use to npm, which runs elsewhere.
  delete env["NODE_OPTIONS"];
  return execFileSync("npm", args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
}

/** Paths of all files below a folder, with slashes. */
function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.map((file) => relative(folder, file).replaceAll("\\", "/")).sort();
}

/** Whether `>=a.b.c` holds for a version. */
function isAtLeast(range: string, version: string): boolean {
  const least = /^>=(\d+)\.(\d+)\.(\d+)$/.exec(range)?.slice(1).map(Number);
  assert.ok(least !== undefined, `${range} is a plain lower bound`);
  const parts = version.split(".").map(Number);
  const at = least.findIndex((part, index) => part !== parts[index]);
  return at < 0 || (parts[at] ?? 0) > (least[at] ?? 0);
}

describe("the packed package, installed without running any script", () => {
  let project = "";
  let folder = "";
  let files: readonly string[] = [];
  let manifest: Manifest;
  const read = (file: string): string => readFileSync(join(folder, file), "utf8");

  before(() => {
    project = mkdtempSync(join(tmpdir(), "cortex-xdr-test-"));
    const packed = join(project, "packed");
    mkdirSync(packed);
    npm(["pack", "--ignore-scripts", "--pack-destination", packed], ROOT);
    const [tarball = ""] = readdirSync(packed);
    assert.ok(tarball.endsWith(".tgz"));
    writeFileSync(join(project, "package.json"), '{ "name": "bare", "version": "0.0.0", "private": true }\n');
    npm([...INSTALL, "--prefer-offline", "--ignore-scripts", join(packed, tarball)], project);
    folder = join(project, "node_modules", PACKAGE_NAME);
    files = filesBelow(folder).filter((file) => !file.startsWith("node_modules/"));
    manifest = JSON.parse(read("package.json")) as Manifest;
  });

  after(() => rmSync(project, { recursive: true, force: true, maxRetries: 5 }));

  test("holds what users need and nothing else", () => {
    const top = new Set(files.map((file) => file.split("/")[0]));
    assert.deepEqual([...top].sort(), ["CHANGELOG.md", "LICENSE", "README.md", "dist", "examples", "package.json"]);
    assert.deepEqual(
      files.filter((file) => /\.ts$|\.test\.|\.tgz$|tsconfig|(?:^|\/)\./.test(file)),
      [],
    );
    assert.deepEqual(
      files.filter((file) => file.startsWith("examples/")),
      examples().map(({ file }) => `examples/${file}`),
    );
    for (const name of NODE_SETS) {
      const icon = String(literalValue(definitionOf(name).members.get("icon")));
      const parts = [`${name}.js`, `${name}.html`, `icons/${icon}`];
      for (const ending of ["json", "html"]) parts.push(`locales/en-US/${name}.${ending}`);
      for (const part of parts) assert.ok(files.includes(`dist/nodes/${part}`), part);
    }
  });

  test("has the files that its package.json names, and each built file belongs to a source", () => {
    for (const file of Object.values(manifest["node-red"].nodes)) assert.ok(files.includes(file), file);
    const scripts = files.filter((file) => file.startsWith("dist/nodes/") && file.endsWith(".js"));
    const sources = new Set(filesBelow(join(ROOT, "nodes")));
    const orphans = scripts.filter((file) => !sources.has(file.slice("dist/nodes/".length).replace(/\.js$/, ".ts")));
    assert.deepEqual(orphans, []);
  });

  test("names no path of the machine that built it, and no registry", () => {
    const registry = new URL(npm(["config", "get", "registry"], project).trim()).host;
    const traces = [ROOT, project, `${homedir()}/`, registry];
    for (const file of files) {
      const text = read(file);
      for (const trace of traces) assert.ok(!text.includes(trace), `${file} holds ${trace}`);
    }
  });

  test("is under the Apache licence, by its own authors", () => {
    assert.match(read("LICENSE"), /Apache License\s+Version 2\.0, January 2004/);
    assert.match(read("LICENSE"), /Copyright 2026 The secops-flows authors/);
    assert.match(read("CHANGELOG.md"), new RegExp(`^## \\[${manifest.version.replaceAll(".", "\\.")}\\]`, "m"));
  });

  test("declares what palette manager and Flow Library look at", () => {
    assert.equal(manifest.name, PACKAGE_NAME);
    assert.match(manifest.version, /^\d+\.\d+\.\d+$/);
    assert.ok(manifest.keywords.includes("node-red"));
    assert.equal(manifest.license, "Apache-2.0");
    for (const url of [manifest.repository.url, manifest.bugs.url, manifest.homepage]) {
      assert.match(url, /^(?:git\+)?https:\/\/github\.com\/secops-flows\/node-red-cortex-xdr/);
    }
    assert.ok(isAtLeast(manifest.engines.node, LIBRARY_NODE));
    assert.equal(manifest["node-red"].version, ">=4.1.0");
    assert.ok(manifest.type === undefined || manifest.type === "commonjs");
    assert.ok(Object.keys(manifest.dependencies).length <= 6);
    assert.ok(!Object.hasOwn(manifest.dependencies, "node-red"));
    for (const name of ["preinstall", "install", "postinstall"])
      assert.ok(!Object.hasOwn(manifest.scripts, name), name);
  });

  test("loads all its node types in Node-RED", async (t) => {
    const red = await NodeRed.start({ userDir: project, install: "none" });
    t.after(() => red.stop());
    const response = await fetch(`${red.url}/nodes`, { headers: { accept: "application/json" } });
    const sets = (await response.json()) as {
      module: string;
      version: string;
      types: string[];
      enabled: boolean;
      err?: unknown;
    }[];
    const ours = sets.filter(({ module }) => module === PACKAGE_NAME);
    for (const { err, enabled, version } of ours) {
      assert.deepEqual([err, enabled, version], [undefined, true, manifest.version]);
    }
    assert.deepEqual(ours.flatMap(({ types }) => types).sort(), [...NODE_SETS].sort());
    for (const name of NODE_SETS) {
      const icon = String(literalValue(definitionOf(name).members.get("icon")));
      const picture = await fetch(`${red.url}/icons/${PACKAGE_NAME}/${icon}`);
      assert.match(picture.headers.get("content-type") ?? "", /svg/);
    }
    for (const { file, nodes } of examples()) {
      const path = `${PACKAGE_NAME}/${encodeURIComponent(file.replace(/\.json$/, ""))}`;
      const example = await fetch(`${red.url}/library/examples/flows/${path}`);
      assert.deepEqual(await example.json(), nodes, file);
    }
  });
});
