// Everything that is checked without running: style, lint and types, side by side, because each of them keeps one core busy.
import { spawn } from "node:child_process";

const CHECKS = ["lint", "style", "typecheck"];

/** @param {string} script @returns {Promise<boolean>} */
function passes(script) {
  return new Promise((resolve) => {
    const child = spawn("npm", ["run", "--silent", script], { stdio: "inherit", shell: process.platform === "win32" });
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}

const results = await Promise.all(CHECKS.map(passes));
process.exitCode = results.every(Boolean) ? 0 : 1;
