import { execFile, spawn, type ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";

const ROOT = resolve(__dirname, "../..");
const args = (script: string): string[] => ["--import", "tsx", "--input-type=commonjs", "-e", script];

/** Runs CommonJS text in a process of its own, at the package's root; what it prints. */
export async function runScript(script: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, args(script), {
    cwd: ROOT,
    env: { ...process.env, ...env },
    timeout: 30_000,
  });
  return stdout.trim();
}

/** Starts the same, to be killed. */
export function startScript(script: string): ChildProcess {
  return spawn(process.execPath, args(script), { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
}
