import { integerIn, pick, type Random } from "../virtual-random";

/** A file that runs or is loaded. */
export interface Image {
  readonly path: string;
  readonly name: string;
  readonly md5: string;
  readonly sha256: string;
}

/** That many hexadecimal digits, eight for each random number: an event has hundreds. */
export function hex(random: Random, digits: number): string {
  let text = "";
  while (text.length < digits)
    text += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  return text.slice(0, digits);
}

/** An invented computer. */
export interface Host {
  readonly name: string;
  readonly address: string;
  readonly mac: string;
  readonly agentId: string;
  readonly user: string;
  readonly program: (random: Random) => Image;
  /** Base64 of 16 bytes, as the real ones. */
  readonly instanceId: (random: Random) => string;
}

const USERS = ["LAB\\anna", "LAB\\björn", "NT AUTHORITY\\SYSTEM", "NT AUTHORITY\\LOCAL SERVICE"];
const PROGRAMS = ["sync", "report", "backup", "mailer", "viewer", "indexer", "updatehost", "日報"];

export function newHost(random: Random, index: number): Host {
  const programs = PROGRAMS.map((program) =>
    newImage(random, `C:\\Program Files\\Example\\${program}`, `${program}.exe`),
  );
  const last = index + 10;
  return {
    name: `ws-${String(last).padStart(3, "0")}`,
    address: `192.0.2.${last}`,
    mac: `02:00:5e:10:00:${last.toString(16).padStart(2, "0")}`,
    agentId: hex(random, 32),
    user: pick(random, USERS),
    program: (from) => pick(from, programs),
    instanceId: (from) => Buffer.from(`01dd49${hex(from, 10)}${hex(from, 8)}00000000`, "hex").toString("base64"),
  };
}

/** A file with invented hashes. */
export function newImage(random: Random, folder: string, name: string): Image {
  return { path: `${folder}\\${name}`, name, md5: hex(random, 32), sha256: hex(random, 64) };
}

/** An address of the documentation networks. Source: RFC 5737. */
export function remoteAddress(random: Random): string {
  return `${pick(random, ["198.51.100", "203.0.113"])}.${integerIn(random, 1, 254)}`;
}
