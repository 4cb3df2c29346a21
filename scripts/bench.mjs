// Runs test/bench/main.ts through tsx. Arguments pick benches: `npm run bench -- parser accept`.
import { spawnSync } from "node:child_process";

const { status } = spawnSync(process.execPath, ["--import", "tsx", "test/bench/main.ts", ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exitCode = status ?? 1;
