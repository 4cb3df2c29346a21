/** `npm run bench`: measures against baselines of the same run, prints a table and writes it into the README. */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { benchAccept } from "./accept";
import { benchDrain } from "./drain";
import { benchEcs } from "./ecs";
import { benchEvents } from "./events";
import { benchMemory } from "./memory";
import { benchParser } from "./parser";
import { benchPoller } from "./poller";
import type { Row } from "./row";

const BENCHES: Readonly<Record<string, () => Promise<Row[]>>> = {
  parser: benchParser,
  accept: benchAccept,
  drain: benchDrain,
  memory: benchMemory,
  poller: benchPoller,
  events: benchEvents,
  ecs: benchEcs,
};
const START = "<!-- bench:start -->";
const END = "<!-- bench:end -->";

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const names = Object.keys(BENCHES).filter((name) => wanted.length === 0 || wanted.includes(name));
  const rows: Row[] = [];
  for (const name of names) {
    process.stderr.write(`${name} ...\n`);
    rows.push(...((await BENCHES[name]?.()) ?? []));
  }
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.version}`;
  const table = [
    "| what | measured | baseline | ratio |",
    "| --- | --- | --- | --- |",
    ...rows.map(({ what, measured, baseline, ratio }) => `| ${what} | ${measured} | ${baseline} | ${ratio} |`),
    "",
    `Measured with \`npm run bench\` on ${machine}.`,
  ].join("\n");
  process.stdout.write(`${table}\n`);
  if (wanted.length === 0) writeIntoReadme(table);
}

function writeIntoReadme(table: string): void {
  const readme = readFileSync("README.md", "utf8");
  const [start, end] = [readme.indexOf(START), readme.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`README.md lacks ${START} ... ${END}`);
  writeFileSync("README.md", `${readme.slice(0, start + START.length)}\n\n${table}\n\n${readme.slice(end)}`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
