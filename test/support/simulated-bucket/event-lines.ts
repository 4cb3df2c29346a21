import { gunzipSync, gzipSync } from "node:zlib";
import { integerIn, mulberry32, pick, type Random } from "../virtual-random";
import { hex, newHost, type Host } from "./event-hosts";
import { KINDS, type EventFacts } from "./event-kinds";

const START_MS = Date.UTC(2026, 8, 21);
/** One in so many rows comes from a foreign sensor. */
const FOREIGN_ONE_IN = 6;

/**
 * Endpoint events as the forwarding writes them, one JSON object a line, without the newline; all values are invented.
 * Processes, network, files, registry, modules, and rows of foreign sensors, which have far fewer fields; about 1.5 kB on
 * average. No two events of any seeds and counts have the same `event_id`.
 * @param seed the same seed gives the same lines; up to 2^32
 */
export function* eventLines(seed: number, count: number): Generator<string> {
  for (const event of events(seed, count)) yield JSON.stringify(event);
}

/** The same as objects. */
export function* events(seed: number, count: number): Generator<Record<string, unknown>> {
  const random = mulberry32(seed);
  const hosts = Array.from({ length: 12 }, (_, index) => newHost(random, index));
  let timeMs = START_MS;
  for (let index = 0; index < count; index += 1) {
    timeMs += integerIn(random, 0, 40);
    const facts = { random, host: pick(random, hosts), timeMs };
    const isForeign = integerIn(random, 1, FOREIGN_ONE_IN) === 1;
    yield isForeign ? foreignEvent(facts, seed, index) : agentEvent(facts, seed, index);
  }
}

/** A row of the vendor's own agent. Its id is 16 bytes: the time in milliseconds, then what makes it unique. */
function agentEvent(facts: EventFacts, seed: number, index: number): Record<string, unknown> {
  const { random, host, timeMs } = facts;
  const id = Buffer.alloc(16);
  id.writeBigUInt64BE(BigInt(timeMs));
  id.writeUInt32BE(seed >>> 0, 8);
  id.writeUInt32BE(index, 12);
  const event_id = id.toString("base64");
  const { type, subTypes, fields } = pick(random, KINDS);
  return {
    event_type: type,
    event_sub_type: pick(random, subTypes),
    event_version: 29,
    event_timestamp: timeMs,
    event_id,
    ...fields(facts, event_id),
    ...actor(random, host),
    ...agent(host),
  };
}

/** A row of a foreign sensor: no version fields, paths in lower case, another form of the id. */
function foreignEvent({ random, host, timeMs }: EventFacts, seed: number, index: number): Record<string, unknown> {
  const image = host.program(random);
  return {
    event_type: 4,
    event_sub_type: pick(random, [1, 6]),
    event_timestamp: timeMs,
    event_id: Buffer.from(`${seed >>> 0}.${index}-${host.name}-${timeMs}`).toString("base64"),
    action_registry_key_name: `HKEY_LOCAL_MACHINE\\SOFTWARE\\Example\\Probe\\${hex(random, 8)}`,
    action_registry_data: null,
    action_registry_value_name: null,
    action_registry_value_type: 0,
    os_actor_process_image_path: image.path.toLowerCase(),
    os_actor_process_image_name: image.name.toLowerCase(),
    os_actor_process_os_pid: integerIn(random, 400, 30_000),
    os_actor_primary_username: host.user,
    os_actor_process_image_sha256: image.sha256,
    agent_hostname: host.name,
    agent_ip_addresses: host.address,
    agent_os_type: 1,
    agent_id: host.agentId,
  };
}

function actor(random: Random, host: Host): Record<string, unknown> {
  const image = host.program(random);
  return {
    os_actor_process_instance_id: host.instanceId(random),
    os_actor_thread_thread_id: integerIn(random, 100, 60_000),
    os_actor_process_image_path: image.path,
    os_actor_process_image_name: image.name,
    os_actor_process_command_line: `"${image.path}" --run ${hex(random, 12)}`,
    os_actor_process_signature_status: 1,
    os_actor_process_image_md5: image.md5,
    os_actor_process_image_sha256: image.sha256,
    os_actor_process_logon_id: String(integerIn(random, 900, 99_999)),
    os_actor_process_os_pid: integerIn(random, 400, 30_000),
    os_actor_primary_user_sid: "S-1-5-18",
    os_actor_primary_username: host.user,
  };
}

function agent(host: Host): Record<string, unknown> {
  const { address, mac } = host;
  return {
    agent_content_version: "2400-40000",
    agent_hostname: host.name,
    agent_interface_map: [
      { ipv4: [address], ipv4_subnet_mask: ["255.255.255.0"], ipv6: [], ipv6_subnet_mask: [], mac },
    ],
    agent_ip_addresses_v6: null,
    agent_os_sub_type: "Windows 11 [10.0 (Build 22631)]",
    agent_os_type: 1,
    agent_version: "9.2.0.100",
    agent_id: host.agentId,
    agent_ip_addresses: address,
  };
}

/** Lines with a newline behind each. */
export function ndjson(lines: Iterable<string>): string {
  let text = "";
  for (const line of lines) text += `${line}\n`;
  return text;
}

/** One gzip member. */
export function gzip(data: string | Buffer): Buffer {
  return gzipSync(data);
}

/** The first so many bytes; with a negative number, all but the last ones. */
export function truncated(data: Buffer, bytes: number): Buffer {
  return Buffer.from(data.subarray(0, bytes));
}

/** A copy with one bit of one byte flipped. */
export function flipped(data: Buffer, at: number): Buffer {
  const copy = Buffer.from(data);
  copy.writeUInt8(copy.readUInt8(at) ^ 0x10, at);
  return copy;
}

/** What `gzip` was given, as lines without their newlines. */
export function linesOf(data: Buffer): string[] {
  return gunzipSync(data).toString("utf8").split("\n").slice(0, -1);
}
