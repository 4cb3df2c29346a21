// Builds dist/: compiles nodes/**/*.ts, bundles each nodes/<name>.editor.ts into its HTML file, copies locales and icons.
// Node-RED looks for <name>.html, locales/ and icons/ beside the built <name>.js, so everything lands in dist/nodes.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const nodes = join(root, "nodes");
// Built beside and then put in place: a build that fails or is cut short leaves the last one as it was.
const next = join(root, "dist.next");
const out = join(next, "nodes");
const PLACEHOLDER = "/* EDITOR SCRIPT */";

rmSync(next, { recursive: true, force: true });
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
execFileSync(process.execPath, [tsc, "-p", join(root, "tsconfig.json"), "--outDir", next], { stdio: "inherit" });
execFileSync(process.execPath, [tsc, "-p", join(root, "tsconfig.editor.json")], { stdio: "inherit" });

mkdirSync(out, { recursive: true });
for (const file of readdirSync(nodes).filter((name) => name.endsWith(".editor.ts"))) {
  const name = file.replace(/\.editor\.ts$/, "");
  // Not minified: the Flow Library parses registerType(...) statically and must find its literals.
  const bundle = buildSync({
    entryPoints: [join(nodes, file)],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2020",
    charset: "utf8",
    legalComments: "none",
  });
  const script = bundle.outputFiles[0].text.replaceAll("</script", "<\\/script");
  const html = readFileSync(join(nodes, `${name}.html`), "utf8");
  if (!html.includes(PLACEHOLDER)) throw new Error(`nodes/${name}.html lacks the placeholder ${PLACEHOLDER}`);
  writeFileSync(
    join(out, `${name}.html`),
    html.replace(PLACEHOLDER, () => script),
  );
}
for (const folder of ["locales"]) {
  if (existsSync(join(nodes, folder))) cpSync(join(nodes, folder), join(out, folder), { recursive: true });
}
cpSync(join(root, "icons"), join(out, "icons"), { recursive: true });

const dist = join(root, "dist");
rmSync(dist, { recursive: true, force: true });
renameSync(next, dist);
