import { readFileSync } from "node:fs";
import { startBenchRelay, withEntrance } from "./bench-relay";
import { count, type Row } from "./row";
import { alertNos } from "../support/outbox-bench";
import { post } from "../support/load";
import { INSERT_NODE_ID } from "../support/relay-flow";

const STEPS = [1_000, 10_000, 100_000];
const BATCH = 1_000;

/** Memory of Node-RED with more and more alerts waiting. Linux only: it reads /proc. */
export async function benchMemory(): Promise<Row[]> {
  const settings = { maxQueued: 1_000_000, lingerMs: 0 };
  const relay = await startBenchRelay({}, settings, (flow) => withEntrance(flow, "/raw", INSERT_NODE_ID, false));
  const { tenant, red } = relay;
  try {
    await tenant.down();
    let waiting = 0;
    const resident: number[] = [];
    for (const step of STEPS) {
      for (; waiting < step; waiting += BATCH) {
        const body = JSON.stringify(alertNos(waiting, waiting + BATCH));
        const answer = await post(`${red.url}/raw`, body, { headers: { "content-type": "application/json" } });
        if (answer.status !== 200) throw new Error(`a batch was answered ${answer.status}`);
      }
      // Time for garbage to be collected and for LevelDB to compact.
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      resident.push(residentBytes(red.pid ?? 0));
    }
    const [few, , many] = resident;
    const perAlert = ((many ?? NaN) - (few ?? NaN)) / (100_000 - 1_000);
    return STEPS.map((step, index) => ({
      what: `memory of Node-RED with ${step.toLocaleString("en-US")} alerts waiting`,
      measured: `${count((resident[index] ?? NaN) / 2 ** 20)} MiB`,
      baseline: "with 1,000",
      ratio: index === 2 ? `${count(perAlert)} bytes an alert` : "",
    }));
  } finally {
    await relay.end();
  }
}

function residentBytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1] ?? NaN) * 1024;
}
