// Runs test/bench/main.ts through tsx. Arguments pick benches, and leave the README as it is: `npm run bench -- parser accept`.
import { spawnSync } from "node:child_process";

const node = ["--expose-gc", "--import", "tsx"];
const { status } = spawnSync(process.execPath, [...node, "test/bench/main.ts", ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exitCode = status ?? 1;
