import { XdrError } from "../errors";
import type { XdrAlert } from "../tenant/alert-schema";
import { shown } from "../shown";
import { actionStatus } from "./action";
import { parseAddress, type Address } from "./address";
import { alertName, endpointsTag } from "./alert-name";
import { describe } from "./description";
import { typeWithoutAlert } from "./log-type";
import type { PanosOptions } from "./options";
import { FLOW, internalSideLocal, type Side } from "./orientation";
import type { PanosFields } from "./record";
import { isBelow, parseSeverity, xdrSeverity, type PanosSeverity } from "./severity";
import { eventTime } from "./time";

/** Address that stands for none. Source: sample data of the vendor's own integration for this call. */
const NO_ADDRESS: Address = { family: 4, text: "0.0.0.0" };

/** What mapping needs beside the fields. */
export interface MapContext {
  readonly options: PanosOptions;
  readonly headerZone: string | undefined;
  readonly arrivalMs: number;
  /** Where warnings go. */
  readonly warnings: string[];
}

/**
 * Maps a clean record to an XDR alert.
 *
 * @returns `PANOS_NOT_AN_ALERT` when its log type is no alert, or it has neither a usable address nor a name; `PANOS_FILTERED` when
 * its severity is below the least one wanted
 */
export function mapAlert(fields: PanosFields, context: MapContext): XdrAlert | XdrError {
  const { options, warnings } = context;
  const severity = parseSeverity(fields["severity"] ?? fields["number-of-severity"]);
  const sides = options.orientation === "flow" ? FLOW : internalSideLocal(fields, options.isInternal);
  const found = {
    local: parseAddress(fields[sides.local.address]),
    remote: parseAddress(fields[sides.remote.address]),
  };
  const name = alertName(fields);
  const refusal = refuse(
    fields,
    options,
    severity,
    name !== undefined || isUsable(found.local) || isUsable(found.remote),
  );
  if (refusal !== undefined) return refusal;
  if (severity === undefined) warnings.push(unknownValue("severity", fields["severity"], "Unknown"));
  const local = found.local ?? noAddress(sides.local, fields, warnings);
  const remote = found.remote ?? noAddress(sides.remote, fields, warnings);
  const title = name ?? "PAN-OS threat";
  return {
    product: options.product,
    vendor: options.vendor,
    ...addressFields(local, remote),
    local_port: portOf(sides.local, fields, warnings),
    remote_port: portOf(sides.remote, fields, warnings),
    event_timestamp: eventTime(fields, context, warnings),
    severity: xdrSeverity(severity),
    alert_name: options.alertNameSuffix === "none" ? title : `${title} [${endpointsTag(local.text, remote.text)}]`,
    alert_description: describe(fields),
    action_status: statusOf(fields["action"], warnings),
  };
}

/** Why a record does not become an alert, undefined when it does. */
function refuse(
  fields: PanosFields,
  { minSeverity }: PanosOptions,
  severity: PanosSeverity | undefined,
  isTellable: boolean,
): XdrError | undefined {
  const type = typeWithoutAlert(fields);
  if (type !== undefined) {
    return new XdrError("PANOS_NOT_AN_ALERT", `A log of type ${type} is no alert.`, { field: "type" });
  }
  if (!isTellable) {
    return new XdrError("PANOS_NOT_AN_ALERT", "The record has neither a usable address nor a name.", { field: "src" });
  }
  if (!isBelow(severity, minSeverity)) return undefined;
  return new XdrError("PANOS_FILTERED", `The severity is below ${minSeverity}.`, { field: "severity" });
}

function isUsable(address: Address | undefined): boolean {
  return address !== undefined && address.text !== NO_ADDRESS.text && address.text !== "::";
}

function noAddress(side: Side, fields: PanosFields, warnings: string[]): Address {
  warnings.push(unknownValue(side.address, fields[side.address], NO_ADDRESS.text));
  return NO_ADDRESS;
}

type AddressFields = Pick<XdrAlert, "local_ip" | "local_ip_v6" | "remote_ip" | "remote_ip_v6">;

function addressFields(local: Address, remote: Address): AddressFields {
  if (local.family === 4) {
    return remote.family === 4
      ? { local_ip: local.text, remote_ip: remote.text }
      : { local_ip: local.text, remote_ip_v6: remote.text };
  }
  return remote.family === 4
    ? { local_ip_v6: local.text, remote_ip: remote.text }
    : { local_ip_v6: local.text, remote_ip_v6: remote.text };
}

function portOf({ port: name, address }: Side, fields: PanosFields, warnings: string[]): number {
  // A NAT address without a port of its own keeps the port of the packet.
  const text = fields[name] ?? (address === "natdst" ? fields["dport"] : undefined);
  if (text === undefined) return 0;
  const port = text.length <= 5 && /^\d+$/.test(text) ? Number(text) : NaN;
  if (port <= 65_535) return port;
  warnings.push(unknownValue(name, text, "0"));
  return 0;
}

function statusOf(action: string | undefined, warnings: string[]): "Reported" | "Blocked" {
  const status = action === undefined ? undefined : actionStatus(action);
  if (status !== undefined) return status;
  warnings.push(unknownValue("action", action, "Reported"));
  return "Reported";
}

function unknownValue(name: string, value: string | undefined, used: string): string {
  return value === undefined
    ? `The record has no ${name}: ${used} was used.`
    : `${name} ${shown(value, 60)} is not usable: ${used} was used.`;
}
